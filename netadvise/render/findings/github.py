"""Annotations of a pull request, as workflow commands: the worst first, as many as GitHub shows of one step.

GitHub drops what is over ten errors, ten warnings and ten notices without a word, so the last notice counts the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from netadvise.finding import LintReport
from netadvise.render.findings import wording
from netadvise.render.findings.spans import span
from netadvise.render.findings.view import LintView, Placed, source_file, worst_first
from netadvise.render.rule_words import remedy
from netadvise.render.text import plain
from netadvise.rule import Severity

_COMMANDS: Mapping[Severity, str] = {"error": "error", "warning": "warning", "advice": "notice"}
_MOST = {"error": 10, "warning": 10, "notice": 9}


def github(report: LintReport, view: LintView) -> str:
    """One `::error`, `::warning` or `::notice` line a finding, and one notice for those that were left out."""
    used = Counter[str]()
    lines: list[str] = []
    left = 0
    for command, line in _annotations(report, view):
        used[command] += 1
        if used[command] > _MOST[command]:
            left += 1
        else:
            lines.append(line)
    if left:
        rest = f"and {left:,} more findings: the log of this step has them all ({wording.verdict(report)})"
        lines.append(f"::notice title=netadvise::{_data(rest)}")
    return "".join(f"{line}\n" for line in lines)


def _annotations(report: LintReport, view: LintView) -> Iterator[tuple[str, str]]:
    for model, message in report.failed.items():
        yield "error", f"::error title=netadvise::{_data(f'{model} could not be checked: {message}')}"
    several = len(report.models) > 1
    for item in worst_first(report, view):
        command = _COMMANDS[item.finding.severity]
        yield command, f"::{command} {_properties(item, view)}::{_message(item, several)}"


def _properties(item: Placed, view: LintView) -> str:
    finding, model = item.finding, item.model
    properties: dict[str, str | int] = {}
    file = source_file(model.target) if model is not None else None
    if finding.location is not None:
        properties = {"file": view.path(finding.location.file), **_region(item, view)}
    elif file is not None:
        properties = {"file": view.path(file)}
    properties["title"] = f"{finding.rule} {finding.name}"
    return ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())


def _region(item: Placed, view: LintView) -> dict[str, str | int]:
    """Lines, and columns where the call ends on the line it begins on, which is where GitHub takes columns."""
    if item.finding.location is None:
        return {}
    found = span(item.finding.location, view)
    region: dict[str, str | int] = {"line": found.line, "endLine": found.end_line}
    if found.column is not None and found.line == found.end_line:
        region["col"] = found.column
        if found.end_column is not None:
            region["endColumn"] = found.end_column
    return region


def _message(item: Placed, several: bool) -> str:
    label = f"[{item.model.model}] " if several and item.model is not None else ""
    fix = "" if item.finding.fix is None else f"\nhelp: {remedy(item.finding.fix)}"
    return _data(f"{plain(label)}{wording.said(item.finding)}") + (fix and _escaped(fix))


def _data(text: str) -> str:
    return _escaped(plain(text))


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
