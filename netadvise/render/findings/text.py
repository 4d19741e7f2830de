"""The report for a terminal: each finding with its source line, what to do about it, and why to believe it."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator

from netadvise.finding import Finding, Hit, LintReport, ModelReport
from netadvise.render.findings import wording
from netadvise.render.findings.excerpt import excerpt, gutter
from netadvise.render.findings.headline import headline
from netadvise.render.findings.paint import paint
from netadvise.render.findings.summary import heading, summary
from netadvise.render.findings.view import LintView, Placed, placed, visible
from netadvise.render.rule_words import remedy
from netadvise.render.text import counted, plain

_LISTED = 5
_WRAPPED = 100


def concise(report: LintReport, view: LintView) -> str:
    """One line a finding, then the summary: for editors, `grep` and short logs."""
    named = len(report.models) > 1
    lines = [headline(item, view, named=named) for item in _shown(report, view)]
    return "\n".join([*(_statistics(report, view) if view.statistics else lines), *summary(report, view), ""])


def text(report: LintReport, view: LintView) -> str:
    """The findings of each model with source and advice, then what was checked and whether it passed."""
    if view.statistics:
        return "\n".join([*_statistics(report, view), "", *summary(report, view), ""])
    parts: list[str] = []
    for model in report.models:
        parts.extend(_model(model, report, view))
    parts.extend(_block(Placed(problem, None), view) for problem in report.problems if visible(problem, view))
    more = [f"netadvise explain {plain(item.finding.rule)} says more" for item in _shown(report, view)[:1]]
    return "\n".join([*(f"{part}\n" for part in parts), *more, *summary(report, view), ""])


def _model(model: ModelReport, report: LintReport, view: LintView) -> Iterator[str]:
    shown = [finding for finding in model.findings if visible(finding, view)]
    if len(report.models) > 1:
        ending = "" if shown else "\nno findings" if not model.findings else "\nno findings of the severities shown"
        yield f"{heading(model, view)}{ending}"
    for finding in shown:
        yield _block(Placed(finding, model), view)


def _block(item: Placed, view: LintView) -> str:
    finding = item.finding
    source = () if finding.location is None else excerpt(finding.location, finding.severity, view)
    indent = gutter(finding.location)
    notes = (
        line
        for label, said in _notes(finding, view)
        for line in _note(
            f"{indent} {paint('=', 'frame', view)} {paint(label, 'label', view)}: ", said, len(indent), view
        )
    )
    return "\n".join([headline(item, view, named=False), *source, *notes])


def _notes(finding: Finding, view: LintView) -> Iterator[tuple[str, str]]:
    if len(finding.hits) > 1:
        yield "also", _also(finding, view)
    located = [related for related in finding.hits[0].related if related.location is not None]
    for related in located[:_LISTED]:
        yield "see", f"{plain(related.layer)} at {wording.place(related.location, '')}"
    if view.verbose and finding.why:
        yield "why", plain(finding.why)
    if finding.fix is not None:
        yield "help", remedy(finding.fix)
    if changes := wording.effect(finding.hits):
        yield "effect", changes
    yield "evidence", wording.evidence(finding, explained=view.verbose)


def _note(lead: str, said: str, indent: int, view: LintView) -> Iterator[str]:
    """`said` behind `lead`; wrapped on a terminal, where nothing in it is to be clicked as a whole."""
    if view.width is None:
        yield lead + said
        return
    room = max(40, min(view.width, _WRAPPED) - indent - 3)
    first, *rest = textwrap.wrap(said, room, break_long_words=False, break_on_hyphens=False) or [""]
    yield lead + first
    yield from (f"{' ' * (indent + 3)}{line}" for line in rest)


def _also(finding: Finding, view: LintView) -> str:
    """The other layers, each with its line where that is another one."""
    others = list(dict.fromkeys(_other(hit, finding.hits[0]) for hit in finding.hits[1:]))
    listed = others if view.verbose else others[:_LISTED]
    more = f" and {len(others) - len(listed)} more (-v lists them)" if len(others) > len(listed) else ""
    return ", ".join(listed) + more


def _other(hit: Hit, first: Hit) -> str:
    call = f" (call {hit.call})" if hit.call else ""
    at = "" if hit.location in (None, first.location) else f" at {wording.place(hit.location, '')}"
    return f"{plain(hit.layer) or 'the model'}{call}{at}"


def _statistics(report: LintReport, view: LintView) -> Iterator[str]:
    """How many findings and layers each rule has, most first."""
    findings = [item.finding for item in _shown(report, view)]
    named = {finding.rule: finding for finding in findings}
    counts = Counter(finding.rule for finding in findings)
    layers = Counter[str]()
    for finding in findings:
        layers[finding.rule] += len(finding.layers)
    for rule, count in sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])):
        finding = named[rule]
        severity = paint(f"{finding.severity:<7}", finding.severity, view)
        at = counted(layers[rule], "place")
        yield f"{count:>5}  {severity}  {plain(rule)}  {plain(finding.name)} ({at})"


def _shown(report: LintReport, view: LintView) -> list[Placed]:
    return [item for item in placed(report) if visible(item.finding, view)]
