"""How far a study is, on the terminal or in a log: minutes or hours may pass before there is a report."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator

from netadvise.cli.status import StatusLine
from netadvise.evidence import ProbeProgress
from netadvise.render.evidence.words import price
from netadvise.render.text import duration, plain

_EVERY_S = 30.0
_ENDED = "interrupted"
"""The stage after the last one: there is no progress any more, only a note on how to go on."""


class ProbeStatus:
    """Says how far a study is: on the status line or, where stderr is no terminal, in a line at times.

    What it will cost and what the study notes get a line of their own, wherever stderr goes.
    """

    def __init__(
        self,
        line: StatusLine,
        *,
        quiet: bool,
        going_on: str = "--resume goes on",
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`going_on` says what to do after Ctrl-C."""
        self._line = line
        self._going_on = going_on
        self._now = now
        self._silent = quiet or sys.stderr is None
        self._stage = ""
        self._told_at = 0.0

    def __call__(self, progress: ProbeProgress) -> None:
        """Show the progress of a study."""
        if self._silent:
            return
        kept = list(_kept(progress))
        if kept:
            self._line.clear()
        for text in kept:
            self._print(text)
        if progress.stage == _ENDED:
            return
        if self._line.live:
            self._line.show(f"{_said(progress)} (Ctrl-C stops, {self._going_on})", counts=True)
        elif progress.stage != self._stage or self._now() - self._told_at >= _EVERY_S:
            self._print(_said(progress))
            self._stage, self._told_at = progress.stage, self._now()

    def _print(self, text: str) -> None:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


def _kept(progress: ProbeProgress) -> Iterator[str]:
    if progress.price is not None:
        yield f"predicted cost: {price(progress.price)}"
    if progress.note:
        yield plain(progress.note)


def _said(progress: ProbeProgress) -> str:
    """ "screen: 12 of 40 runs, about 3 min left: after features.2, Dropout 0.5"."""
    stage, arm = plain(progress.stage), plain(progress.arm)
    if not progress.total:
        return f"{stage}: {arm} ..." if arm else f"{stage} ..."
    left = "" if progress.seconds_left is None else f", about {duration(progress.seconds_left)} left"
    return f"{stage}: {progress.done} of {progress.total} runs{left}{f': {arm}' if arm else ''}"
