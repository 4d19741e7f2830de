"""What trying edits costs, and `suggest-kernels` on 100 public models; writes docs/edits.md.

    python -m benchmarks.edits [--rounds 5] [--models 100] [--seconds 300] [--lines FILE]

The times are ratios to one recording of the same network in the same process. The 100 models are every n-th of the
lists in `benchmarks.coverage`; with `--lines`, what is found out about each is kept in a file and not done again.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median
from types import FrameType

from benchmarks.clock import spread, wrapped
from benchmarks.coverage import Case, cases
from benchmarks.libraries import import_torchvision
from netadvise.api.suggesting import SuggestRequest, suggest_target
from netadvise.capture.record import record
from netadvise.edit import Edit
from netadvise.errors import NetadviseError
from netadvise.measure import measure
from netadvise.suggestion import SuggestionReport
from netadvise.target import make_target
from netadvise.worker.answer import recorded
from netadvise.worker.passes import Recording
from netadvise.worker.tries import tries_of

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "edits.md"
TIMED = ("alexnet", "vgg16", "resnet18", "resnet50", "googlenet", "inception_v3", "fcn_resnet50")
MOST_EDITS = 12


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds of one model, one entry per round."""

    model: str
    ops: int
    edits: int
    recording: list[float]
    measuring: list[float]
    trying: list[float]
    """Of one edit: the mean over the edits of that round."""


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one model."""

    model: str
    suite: str
    failed: str = ""
    """Why there is no report."""
    crashed: bool = False
    """Whether that is our fault."""
    seconds: float = 0.0
    convolutions: int = 0
    worked: dict[str, int] = field(default_factory=dict)
    """By rule: alternatives that were tried and measured."""
    dropped: dict[str, int] = field(default_factory=dict)
    """By reason: alternatives that could not be applied, or broke the forward pass."""
    combined: str = ""
    """Why the suggestions do not go together, where that is so."""


def main() -> None:
    """Time a few, try many, write the document."""
    parser = argparse.ArgumentParser(description="Write docs/edits.md.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--models", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=300, help="time limit of one model")
    parser.add_argument("--lines", type=Path, help="file of JSON lines: models in it are not run again")
    options = parser.parse_args()
    import_torchvision()
    warnings.simplefilter("ignore")
    lines = list(tried_zoo(options.models, options.seconds, options.lines))
    timed = [timed_model(name, options.rounds) for name in TIMED]
    text = document(timed, lines)
    DOCUMENT.write_text(text)
    print(text)


def timed_model(name: str, rounds: int) -> Timed:
    """Recording, measuring and trying a torchvision model, in turn."""
    (case,) = (case for case in cases("torchvision") if case[0] == name)
    report = _suggestions(case)
    alternatives = [item.edits for item in (*report.suggestions, *report.hidden)][:MOST_EDITS]
    recording = recorded(make_target(case[1], case[2]), lambda _: None)
    found = Timed(name, len(recording.graph.ops), len(alternatives), [], [], [])
    for _ in range(rounds):
        _time(recording, alternatives, found)
    print(found, flush=True)
    return found


def _time(recording: Recording, alternatives: Sequence[tuple[Edit, ...]], found: Timed) -> None:
    """One round. Recording is what `netadvise profile` does once the model is loaded."""
    inputs = recording.inputs
    found.recording.append(_seconds(lambda: record(recording.module, inputs.args, inputs.kwargs)))
    found.measuring.append(_seconds(lambda: measure(recording.graph)))
    profile = measure(recording.graph)
    seconds = _seconds(lambda: tries_of(recording, profile, alternatives))
    found.trying.append(seconds / len(alternatives))


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def tried_zoo(count: int, seconds: int, kept: Path | None) -> Iterator[Line]:
    """`count` models, half of them torchvision's and half timm's."""
    known = {(line.suite, line.model): line for line in _read(kept)} if kept is not None else {}
    for suite, share in (("torchvision", count // 2), ("timm", count - count // 2)):
        for case in _every_nth(cases(suite), share):
            line = known.get((suite, case[0])) or tried_model(case, suite, seconds)
            if kept is not None and (suite, case[0]) not in known:
                with kept.open("a") as lines:
                    print(json.dumps(asdict(line)), file=lines)
            print(line, flush=True)
            yield line


def _every_nth(found: Sequence[Case], count: int) -> list[Case]:
    return [found[index * len(found) // count] for index in range(min(count, len(found)))]


def _read(kept: Path) -> list[Line]:
    return [Line(**json.loads(line)) for line in kept.read_text().splitlines()] if kept.exists() else []


def tried_model(case: Case, suite: str, seconds: int) -> Line:
    """One model through everything that `suggest-kernels` does but print."""
    start = time.perf_counter()
    try:
        with _at_most(seconds):
            report = _suggestions(case)
    except NetadviseError as error:
        return Line(case[0], suite, f"{type(error).__name__}: {error.message}", crashed=error.exit_code == 4)
    except _OverTimeError:
        return Line(case[0], suite, f"more than {seconds} s")
    except Exception as error:
        return Line(case[0], suite, f"{type(error).__name__}: {error}", crashed=True)
    outcome = report.combined.tried if report.combined is not None else None
    return Line(
        case[0],
        suite,
        seconds=round(time.perf_counter() - start, 1),
        convolutions=len(report.roles),
        worked=dict(Counter(item.rule for item in (*report.suggestions, *report.hidden))),
        dropped=dict(Counter(f"{item.rule}: {item.reason}" for item in report.rejected)),
        combined=getattr(outcome, "reason", ""),
    )


def _suggestions(case: Case) -> SuggestionReport:
    _, target, inputs = case
    return suggest_target(
        SuggestRequest(
            target=target, inputs=inputs, everything=True, isolated=True, cache=False, in_process=True, quiet=True
        )
    )


class _OverTimeError(BaseException):
    """No `Exception`: netadvise would take it for the model's."""


@contextmanager
def _at_most(seconds: int) -> Iterator[None]:
    def on_alarm(number: int, frame: FrameType | None) -> None:
        raise _OverTimeError

    signal.signal(signal.SIGALRM, on_alarm)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def document(timed: Sequence[Timed], lines: Sequence[Line]) -> str:
    """The text of docs/edits.md."""
    tools = ", ".join(f"{name} {version(name)}" for name in ("torch", "torchvision", "timm"))
    whole = [median(_over_recording(each)) for each in timed]
    ran = [line for line in lines if not line.failed]
    tries, dropped = sum(map(_worked, ran)), sum(map(_dropped, ran))
    paragraphs = [
        "# Edits that are tried",
        f"Written by `python -m benchmarks.edits` with {tools}, Python {platform.python_version()}, on a machine with "
        f"{os.cpu_count()} cores; do not edit.",
        "## What one tried edit costs",
        "An edit is applied to the live model, the forward pass is recorded and measured again, and the edit is taken "
        "back. CPU seconds within one process, the model loaded: medians of "
        f"{len(timed[0].recording)} rounds, with the smallest and the largest; an edit's time is the mean over the "
        "edits of a round. Ratios are taken within a round, to one recording (without its measures) of the unedited "
        f"model; over these models the ratio is {spread(whole)}.",
        "\n".join(_timed_table(timed)),
        f"## {len(lines)} models",
        f"Every n-th model of the lists in `benchmarks/coverage.py` went through `suggest-kernels`: {len(ran)} to the "
        f"end, {sum(line.crashed for line in lines)} with a crash. {tries + dropped:,} alternatives were tried, "
        f"{tries:,} of them measured; {dropped:,} could not be applied or broke the forward pass.",
        *_listed("Models without a report:", [f"{line.model}: {line.failed}" for line in lines if line.failed]),
        *_listed(
            "Suggestions that do not go together:", [f"{line.model}: {line.combined}" for line in ran if line.combined]
        ),
        "\n".join(_rule_table(ran)),
        *_listed("Alternatives that were dropped, by reason:", _reasons(ran)),
        "\n".join(_model_table(ran)),
    ]
    return "\n\n".join(wrapped(paragraph) for paragraph in paragraphs) + "\n"


def _over_recording(each: Timed) -> list[float]:
    return [one / other for one, other in zip(each.trying, each.recording, strict=True)]


def _timed_table(timed: Sequence[Timed]) -> Iterator[str]:
    yield "| model | ops | edits | one recording s | its measures s | one tried edit s | tried edit over recording |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for each in timed:
        seconds = [spread(values, 3) for values in (each.recording, each.measuring, each.trying)]
        yield f"| {each.model} | {each.ops} | {each.edits} | {' | '.join(seconds)} | {spread(_over_recording(each))} |"


def _rule_table(ran: Sequence[Line]) -> Iterator[str]:
    models = Counter(rule for line in ran for rule in line.worked)
    tries = sum((Counter(line.worked) for line in ran), Counter[str]())
    yield "| rule | models | alternatives measured |"
    yield "|---|---:|---:|"
    for rule in sorted(models):
        yield f"| {rule} | {models[rule]} | {tries[rule]} |"


def _reasons(ran: Sequence[Line]) -> list[str]:
    return [f"{line.model}, {reason} ({count})" for line in ran for reason, count in line.dropped.items()]


def _model_table(ran: Sequence[Line]) -> Iterator[str]:
    yield "| model | library | convolutions | measured | dropped | wall s |"
    yield "|---|---|---:|---:|---:|---:|"
    for line in ran:
        counts = f"{line.convolutions} | {_worked(line)} | {_dropped(line)} | {line.seconds}"
        yield f"| {line.model} | {line.suite} | {counts} |"


def _listed(title: str, items: Sequence[str]) -> Iterator[str]:
    if items:
        yield title
        yield "\n".join(f"- {item}" for item in items)


def _worked(line: Line) -> int:
    return sum(line.worked.values())


def _dropped(line: Line) -> int:
    return sum(line.dropped.values())


if __name__ == "__main__":
    main()
