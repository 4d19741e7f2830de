"""The lint document, `netadvise.lint/1`.

    document  ::= schema netadvise fail_on failing models problems failed rules timings
    model     ::= model, the profile's keys without its layers, cached findings suppressed not_evaluated
    finding   ::= rule name severity confidence layer location message why refs fix effect
                  layers locations fingerprint

Keys are added, never changed. The layers of a model are not repeated here: `netadvise profile -f json` has them, under
the same names. `layer`, `location`, `message` and `effect` are those of the first place; `locations` has every place.
A suppressed finding has its `suppression` beside. Names are exact: control characters are JSON's escapes.
"""

from __future__ import annotations

from dataclasses import asdict, replace

from netadvise.document import profile_document
from netadvise.finding import Finding, Hit, LintReport, ModelReport
from netadvise.graph import Location
from netadvise.render.encode import json_text
from netadvise.render.findings.view import LintView
from netadvise.rule import Rule

SCHEMA = "netadvise.lint/1"
_PROFILE_KEYS = ("target", "torch", "mode", "inputs", "totals", "notes", "modules", "uncalled_modules")


def json(report: LintReport, view: LintView) -> str:
    """The whole report, whatever the view."""
    document = {
        "schema": SCHEMA,
        "netadvise": report.version,
        "fail_on": report.fail_on,
        "failing": report.failing,
        "models": [_model(model) for model in report.models],
        "problems": [finding_document(problem) for problem in report.problems],
        "failed": [{"model": model, "message": message} for model, message in report.failed.items()],
        "rules": [_rule(rule) for rule in report.rules],
        "timings": dict(report.timings),
    }
    return json_text(document, indent=1) + "\n"


def finding_document(finding: Finding) -> dict[str, object]:
    """One finding, with the contract's keys."""
    first = finding.hits[0]
    document: dict[str, object] = {
        "rule": finding.rule,
        "name": finding.name,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "layer": finding.layer,
        "location": _place(finding.location),
        "message": finding.message,
        "why": finding.why,
        "refs": list(finding.refs),
        "fix": None if finding.fix is None else asdict(finding.fix),
        "effect": dict(first.effect),
        "layers": list(finding.layers),
        "locations": [_hit(hit) for hit in finding.hits],
        "fingerprint": finding.fingerprint,
    }
    if first.suppression is not None:
        kind, reason = first.suppression.kind, first.suppression.reason
        document["suppression"] = {"kind": kind, "reason": reason, "location": _place(first.suppression.location)}
    return document


def _model(model: ModelReport) -> dict[str, object]:
    profile = profile_document(replace(model.profile, layers=(), blocks=()))
    return {
        "model": model.model,
        **{key: value for key, value in profile.items() if key in _PROFILE_KEYS},
        "target": model.target,
        "cached": model.cached,
        "findings": [finding_document(finding) for finding in model.findings],
        "suppressed": [finding_document(finding) for finding in model.suppressed],
        "not_evaluated": [
            {"rule": entry.rule, "name": entry.name, "reason": entry.reason, "layers": list(entry.layers)}
            for entry in model.not_evaluated
        ],
    }


def _hit(hit: Hit) -> dict[str, object]:
    return {
        "layer": hit.layer,
        "call": hit.call,
        "location": _place(hit.location),
        "message": hit.message,
        "effect": dict(hit.effect),
        "related": [
            {"label": item.label, "layer": item.layer, "location": _place(item.location)} for item in hit.related
        ],
    }


def _rule(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "name": rule.name,
        "title": rule.title,
        "set": rule.set,
        "severity": rule.severity,
        "confidence": rule.confidence,
    }


def _place(location: Location | None) -> dict[str, object] | None:
    return None if location is None else {"file": location.file, "line": location.line, "column": location.column}
