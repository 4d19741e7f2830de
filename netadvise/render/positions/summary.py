"""The sentences of a dropout report: what it is about, what stands below its tables, and how far to trust it."""

from __future__ import annotations

from collections.abc import Iterator

from netadvise.dropout import DropoutReport
from netadvise.position import ExistingDropout, Position, PositionReport
from netadvise.render.evidence import study as told
from netadvise.render.evidence import words
from netadvise.render.findings.wording import place
from netadvise.render.paragraphs import Statement
from netadvise.render.positions.rows import Row
from netadvise.render.positions.view import DropoutView
from netadvise.render.rule_words import GRADES
from netadvise.render.statements import subject
from netadvise.render.suggestions import wording
from netadvise.render.text import counted, plain

CONVENTION = (
    "This is convention with grades of confidence, not evidence: nothing was trained. Whether dropout helps this "
    "network on your data, only training can tell: --data trains it, and measures."
)
_NAMES = 3


def heading(report: PositionReport) -> Iterator[Statement]:
    """What was looked at, and how much of each there is."""
    yield from subject(report.target, report.profile)
    counts = (
        counted(len(report.existing), "dropout") + " there now",
        counted(len(report.accepted), "candidate place"),
        f"{len(report.refused):,} refused",
    )
    yield "dropout", ", ".join(counts)


def offered(row: Row) -> Iterator[Statement]:
    """What stands below a candidate."""
    first = row.first
    if at := wording.where(first):
        yield "at", at
    yield "why", plain(first.reason)
    yield "rule", wording.rule(first)
    unmade = next((position.unmade for position in row.positions if position.unmade), "")
    if unmade:
        yield "by hand", plain(unmade)


def refused(row: Row, view: DropoutView) -> Iterator[Statement]:
    """A rule, the places that it refuses, why, and who says so."""
    first = row.first
    names = "" if view.verbose else f": {wording.listed(row.names, _NAMES)}"
    yield plain(first.rule), f"{plain(first.name)}, {counted(len(row.positions), 'place')}{names}"
    yield "", plain(first.reason)
    yield "", f"grade {first.confidence}" + "".join(f", {plain(ref)}" for ref in first.refs[:1])
    if view.verbose:
        yield from (("", _refused(position)) for position in row.positions)


def _refused(position: Position) -> str:
    line = place(position.location, "")
    at = f" at {line}" if line else ""
    over = f"; {plain(position.overruled)} would offer it" if position.overruled else ""
    return f"{plain(position.place)}{at}: {plain(position.reason)}{over}"


def state(item: ExistingDropout) -> str:
    """ "active; in evaluation mode, too"."""
    parts: list[str] = [item.state]
    parts += ["in evaluation mode, too"] if item.active_in_eval else []
    parts += ["next to another dropout"] if item.duplicated else []
    return "; ".join(parts)


def below(report: DropoutReport, view: DropoutView) -> Iterator[Statement]:
    """Advice about the network as a whole, and what could not be told."""
    static = report.positions
    for advice in static.advice:
        yield "advice", plain(advice)
    if static.notes:
        more = "" if view.verbose else " (-v says why)"
        yield "unsure", f"{counted(len(static.notes), 'rule')} could not be evaluated{more}"
        if view.verbose:
            yield from (("", plain(note)) for note in static.notes)
    grades = sorted({position.confidence for position in static.positions})
    if grades:
        yield "grades", "; ".join(f"{grade} = {GRADES[grade]}" for grade in grades)


def outcome(report: DropoutReport, view: DropoutView) -> Iterator[Statement]:
    """The verdicts, and what was not done."""
    if report.study is not None:
        yield from told.crashed(report.study, verbose=view.verbose)
        yield from told.verdicts(report.study)
        yield from told.unfinished(report.study)


def last_word(report: DropoutReport) -> Statement:
    """What the evidence is good for, or that there is none at all."""
    return ("convention", CONVENTION) if report.study is None else ("evidence", words.may_claim(report.study))


def headline(report: DropoutReport) -> str:
    """The outcome in a few words: "dropout HELPS at 1 place"."""
    study = report.study
    if study is None:
        return f"{counted(len(report.positions.accepted), 'candidate place')} for dropout (convention, not evidence)"
    ended = next((gate for gate in study.gates if gate.ends), None)
    if ended is not None:
        return f"no verdict on dropout: {ended.name}"
    confirmed = [arm for arm in study.evidence if arm.verdict in words.CONFIRMED]
    if confirmed:
        return "dropout: " + "; ".join(f"{words.VERDICTS[arm.verdict]} {words.arm(arm)}" for arm in confirmed[:_NAMES])
    return "no verdict on dropout: " + ("suggestive only" if study.evidence else "nothing was compared")
