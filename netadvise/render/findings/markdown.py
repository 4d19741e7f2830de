"""The report as a comment on a pull request: what fails first, advice folded away, short enough for one comment.

GitHub takes 65,536 characters. The tables hold so many rows of so many characters that every report fits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from netadvise.finding import Finding, LintReport, ModelReport
from netadvise.quantity import Unknown
from netadvise.render.escape import code, cut, escaped
from netadvise.render.findings import wording
from netadvise.render.findings.view import LintView, Placed, worst_first
from netadvise.render.rule_words import remedy
from netadvise.render.text import counted, human, per_axis, plain

_ROWS = 40
_MODELS = 30
_NAME = 80
_MESSAGE = 300
_URL = re.compile(r"https://[\w./:?&=#%+~,;@!$'*-]{1,200}")


def markdown(report: LintReport, view: LintView) -> str:
    """A heading with the outcome, the findings that count, the advice, the models, and what was left out."""
    shown = worst_first(report, view)
    serious = [item for item in shown if item.finding.severity != "advice"]
    advice = [item for item in shown if item.finding.severity == "advice"]
    parts = [
        f"### netadvise: {wording.tally(item.finding for item in shown)}",
        f"{'❌' if report.failing or report.failed else '✅'} {wording.verdict(report)}",
        "\n".join(_failures(report)),
        "\n".join(_table(serious, report)),
        _folded(f"{len(advice):,} advice", _table(advice, report)) if advice else "",
        _folded(counted(len(report.models), "model"), _models(report)) if report.models else "",
        "\n".join(_left_out(report)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _failures(report: LintReport) -> Iterator[str]:
    failed = list(report.failed.items())
    for model, message in failed[:_MODELS]:
        yield f"- {code(cut(model, _NAME))} could not be checked: {_text(message, _MESSAGE)}"
    if len(failed) > _MODELS:
        yield f"- and {len(failed) - _MODELS:,} more"


def _table(items: list[Placed], report: LintReport) -> Iterator[str]:
    if not items:
        return
    yield "| | rule | where | finding |"
    yield "| --- | --- | --- | --- |"
    for item in items[:_ROWS]:
        yield _row(item, report)
    if len(items) > _ROWS:
        yield f"\nand {len(items) - _ROWS:,} more"


def _row(item: Placed, report: LintReport) -> str:
    finding = item.finding
    severity = f"**{finding.severity}**" if finding.reaches(report.fail_on) else finding.severity
    target = "" if item.model is None else item.model.target
    label = f"{_text(item.model.model, _NAME)}: " if item.model is not None and len(report.models) > 1 else ""
    fix = "" if finding.fix is None else f"<br>help: {_text(remedy(finding.fix), _MESSAGE)}"
    said = f"{label}{_text(wording.said(finding), _MESSAGE)}{fix}"
    place = code(cut(wording.place(finding.location, target), _NAME), in_table=True)
    return f"| {severity} | {_rule(finding)} {_text(finding.name, _NAME)} | {place} | {said} |"


def _rule(finding: Finding) -> str:
    """The id, linked to the rule's first source on the web."""
    url = next((ref for ref in finding.refs if _URL.fullmatch(ref)), "")
    return f"[{escaped(plain(finding.rule))}]({url})" if url else escaped(plain(finding.rule))


def _models(report: LintReport) -> Iterator[str]:
    yield "| model | input | parameters | MACs | receptive field | findings |"
    yield "| --- | --- | ---: | ---: | --- | --- |"
    for model in report.models[:_MODELS]:
        yield _model(model)
    if len(report.models) > _MODELS:
        yield f"\nand {len(report.models) - _MODELS:,} more"


def _model(model: ModelReport) -> str:
    totals = model.profile.totals
    sizes = totals.receptive_field
    cells = (
        _text(model.model, _NAME),
        _text(wording.inputs(model), _NAME),
        human(totals.params),
        human(totals.macs),
        "unknown" if isinstance(sizes, Unknown) else per_axis(sizes) if sizes else "",
        wording.tally(model.findings),
    )
    return f"| {' | '.join(cells)} |"


def _left_out(report: LintReport) -> Iterator[str]:
    suppressed = sum(len(model.suppressed) for model in report.models)
    if suppressed:
        yield f"- {counted(suppressed, 'finding')} suppressed"
    entries = [entry for model in report.models for entry in model.not_evaluated]
    if entries:
        yield f"- {_text(wording.reasons(entries), _MESSAGE)}"
    yield f"- {counted(len(report.rules), 'rule')}, netadvise {escaped(plain(report.version))}"


def _folded(title: str, lines: Iterable[str]) -> str:
    body = "\n".join(lines)
    return f"<details>\n<summary>{title}</summary>\n\n{body}\n\n</details>"


def _text(text: str, most: int) -> str:
    return escaped(cut(plain(text), most))
