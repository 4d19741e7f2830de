"""Progress of a study: silence first, then a log, then a terminal."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable

import pytest

from netadvise.cli.probe_status import ProbeStatus
from netadvise.cli.status import StatusLine
from netadvise.evidence import Price, ProbeProgress


class Screen(io.StringIO):
    """A terminal that remembers what was written."""

    def isatty(self) -> bool:
        return True


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


PRICE = Price(106, 53.2, 445.0, 2)


def progress(stage: str, done: int, **more: object) -> ProbeProgress:
    return ProbeProgress(stage, done, 8, **more)  # type: ignore[arg-type]


def told(
    monkeypatch: pytest.MonkeyPatch,
    stream: io.StringIO,
    steps: Callable[[ProbeStatus, Clock], object],
    *,
    quiet: bool = False,
) -> str:
    """What `steps` make a status write to stderr."""
    monkeypatch.setattr(sys, "stderr", stream)
    clock = Clock()
    steps(ProbeStatus(StatusLine(quiet=quiet), quiet=quiet, now=clock), clock)
    return stream.getvalue()


@pytest.mark.parametrize("stream", [io.StringIO(), Screen()])
def test_quiet_is_silent(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO) -> None:
    text = told(monkeypatch, stream, lambda status, _: status(progress("baseline", 1, price=PRICE)), quiet=True)
    assert text == ""


def test_a_log_has_a_line_for_each_stage_and_one_at_times(monkeypatch: pytest.MonkeyPatch) -> None:
    def steps(status: ProbeStatus, clock: Clock) -> None:
        for done in range(9):
            status(progress("baseline", done, seconds_left=240.0))
            clock.time += 8
        status(progress("screen", 0, arm="after hidden, Dropout 0.5"))
        status(progress("screen", 1))

    assert told(monkeypatch, io.StringIO(), steps).splitlines() == [
        "baseline: 0 of 8 runs, about 4 min left",
        "baseline: 4 of 8 runs, about 4 min left",
        "baseline: 8 of 8 runs, about 4 min left",
        "screen: 0 of 8 runs: after hidden, Dropout 0.5",
    ]


def test_the_price_comes_first_and_notes_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def steps(status: ProbeStatus, _: Clock) -> None:
        status(ProbeProgress("preparing", 0, 0, arm="data and network", price=PRICE))
        status(progress("baseline", 1))
        status(progress("baseline", 2, note="seed 3 crashed:\x1b[2J out of memory"))

    assert told(monkeypatch, io.StringIO(), steps).splitlines() == [
        "predicted cost: about 53 baseline runs (106 runs, about 7 min on this machine with 2 processes)",
        "preparing: data and network ...",
        "baseline: 1 of 8 runs",
        "seed 3 crashed:\\x1b[2J out of memory",
    ]


def test_the_last_line_says_how_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    note = "to go on: netadvise suggest-dropout --resume d"
    text = told(monkeypatch, io.StringIO(), lambda status, _: status(ProbeProgress("interrupted", 0, 0, note=note)))
    assert text == f"{note}\n"


def test_a_terminal_shows_one_line_that_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")

    def steps(status: ProbeStatus, _: Clock) -> None:
        status(progress("baseline", 1, price=PRICE))
        status(progress("baseline", 2, arm="x" * 99))

    lines = told(monkeypatch, Screen(), steps).split("\n")
    assert len(lines) == 2
    assert "predicted cost" in lines[0]
    shown = lines[1].split("\r\x1b[K")[1:]
    assert [text.partition(" runs")[0] for text in shown] == ["baseline: 1 of 8", "baseline: 2 of 8"]
    assert all(len(text) < 40 for text in shown)


def test_a_phase_does_not_hide_how_far_a_study_is(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Screen()
    monkeypatch.setattr(sys, "stderr", stream)
    line = StatusLine(quiet=False)
    ProbeStatus(line, quiet=False)(progress("baseline", 1))
    before = stream.getvalue()
    line("loading the model", 5.0)
    assert stream.getvalue() == before
    line.clear()
    assert stream.getvalue().endswith("\r\x1b[K")
