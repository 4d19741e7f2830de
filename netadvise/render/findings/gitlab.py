"""GitLab's code quality report: one issue a finding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256

from netadvise.finding import Finding, LintReport
from netadvise.render.encode import json_text
from netadvise.render.findings import wording
from netadvise.render.findings.spans import span
from netadvise.render.findings.view import LintView, placed, source_file
from netadvise.render.text import plain
from netadvise.rule import Severity

_LEVELS: Mapping[Severity, str] = {"error": "critical", "warning": "major", "advice": "info"}


def gitlab(report: LintReport, view: LintView) -> str:
    """The whole report; what is suppressed is left out, as the format has no place for it."""
    issues = [*_failures(report, view), *_issues(report, view)]
    return json_text(issues, indent=1) + "\n"


def _failures(report: LintReport, view: LintView) -> Iterator[dict[str, object]]:
    for model, message in report.failed.items():
        yield {
            "description": plain(f"{model} could not be checked: {message}"),
            "check_name": "netadvise",
            "fingerprint": _digest("failed", model),
            "severity": "blocker",
            "location": _nowhere(model, view),
        }


def _issues(report: LintReport, view: LintView) -> Iterator[dict[str, object]]:
    seen: set[str] = set()
    several = len(report.models) > 1
    for number, item in enumerate(placed(report)):
        finding, model = item.finding, "" if item.model is None else item.model.model
        fingerprint = finding.fingerprint or _digest(finding.rule, model, finding.layer, finding.message)
        if fingerprint in seen:
            fingerprint = _digest(fingerprint, str(number))
        seen.add(fingerprint)
        label = f"[{plain(model)}] " if several and model else ""
        target = "" if item.model is None else item.model.target
        yield {
            "description": f"{finding.rule} {plain(finding.name)}: {label}{wording.said(finding)}",
            "check_name": plain(finding.rule),
            "fingerprint": fingerprint,
            "severity": _LEVELS[finding.severity],
            "location": _nowhere(target, view) if finding.location is None else _place(finding, view),
        }


def _place(finding: Finding, view: LintView) -> dict[str, object]:
    if finding.location is None:
        return {}
    found = span(finding.location, view)
    end_column = found.end_column or found.column or 1
    return {
        "path": plain(view.path(finding.location.file)),
        "positions": {
            "begin": {"line": found.line, "column": found.column or 1},
            "end": {"line": found.end_line, "column": end_column},
        },
    }


def _nowhere(target: str, view: LintView) -> dict[str, object]:
    """The model's file, as GitLab wants a path for everything; its name where it has none."""
    path = view.path(source_file(target) or target or "netadvise")
    return {"path": plain(path), "positions": {"begin": {"line": 1, "column": 1}, "end": {"line": 1, "column": 1}}}


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()
