"""The end of a report for people: what was checked, what does not count, and whether the run passed."""

from __future__ import annotations

from collections.abc import Iterator

from netadvise.finding import Finding, LintReport, ModelReport
from netadvise.render.findings import wording
from netadvise.render.findings.headline import headline
from netadvise.render.findings.paint import Role, paint
from netadvise.render.findings.view import LintView, Placed, placed, visible
from netadvise.render.text import counted, plain

_SLOWEST = 10


def summary(report: LintReport, view: LintView) -> Iterator[str]:
    """What was checked, what was left out, and last whether it passed."""
    if len(report.models) == 1:
        yield f"checked {checked(report.models[0])} with {counted(len(report.rules), 'rule')}{_age(report.models[0])}"
    elif report.models:
        yield f"checked {counted(len(report.models), 'model')} with {counted(len(report.rules), 'rule')}"
    for model, message in report.failed.items():
        yield f"{paint('not checked', 'error', view)}: {plain(model)}: {plain(message)}"
    yield from _left_out(report, view)
    if view.timings:
        yield from _timings(report)
    yield _ending(report, view)


def _left_out(report: LintReport, view: LintView) -> Iterator[str]:
    """What does not count or could not be told; with `verbose` one line each."""
    suppressed = [Placed(finding, model) for model in report.models for finding in model.suppressed]
    if suppressed:
        yield f"{counted(len(suppressed), 'finding')} suppressed{':' if view.verbose else ''}"
    if view.verbose:
        for item in suppressed:
            yield f"  {headline(item, view, named=len(report.models) > 1)}{_because(item.finding)}"
    entries = [entry for model in report.models for entry in model.not_evaluated]
    if entries:
        yield wording.reasons(entries) + (":" if view.verbose else " (-v says why)")
    if view.verbose:
        for entry in entries:
            at = f" ({counted(len(entry.layers), 'place')})" if entry.layers else ""
            yield f"  {plain(entry.rule)} {plain(entry.name)}{at}: {plain(entry.reason)}"


def _because(finding: Finding) -> str:
    suppression = finding.hits[0].suppression
    if suppression is None:
        return ""
    reason = f": {plain(suppression.reason)}" if suppression.reason else ""
    return f" [{suppression.kind}{reason}]"


def _timings(report: LintReport) -> Iterator[str]:
    slowest = sorted(report.timings.items(), key=lambda entry: -entry[1])
    yield f"rules took {sum(report.timings.values()):.3f} s; the slowest:"
    for rule, seconds in slowest[:_SLOWEST]:
        yield f"  {seconds * 1000:8.2f} ms  {plain(rule)}"


def _ending(report: LintReport, view: LintView) -> str:
    findings = [item.finding for item in placed(report)]
    hidden = sum(not visible(finding, view) for finding in findings)
    not_shown = f" ({hidden} not shown)" if hidden else ""
    role: Role = "error" if report.failed or report.failing else "good"
    return f"{wording.tally(findings)}{not_shown}; {paint(wording.verdict(report), role, view)}"


def checked(model: ModelReport) -> str:
    """The target and the inputs it was recorded on."""
    return f"{plain(model.target)} on {wording.inputs(model) or 'no inputs'}"


def heading(model: ModelReport, view: LintView) -> str:
    """The line above the findings of one model of several."""
    return f"{paint(plain(model.model), 'rule', view)}: {checked(model)}{_age(model)}"


def _age(model: ModelReport) -> str:
    return " (unchanged since the last run)" if model.cached else ""
