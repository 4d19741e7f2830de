"""Rules as SARIF's reporting descriptors, within the lengths that GitHub reads."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from netadvise.finding import Finding, LintReport
from netadvise.graph import Location
from netadvise.render.escape import cut, escaped
from netadvise.render.rule_words import GRADES, remedy
from netadvise.render.text import plain
from netadvise.rule import Confidence, Rule, Severity

LEVELS: Mapping[Severity, str] = {"error": "error", "warning": "warning", "advice": "note"}
_PRECISION: Mapping[Confidence, str] = {"A": "very-high", "B": "high", "C": "medium"}
_PROBLEM: Mapping[Severity, str] = {"error": "error", "warning": "warning", "advice": "recommendation"}
_MOST_TEXT = 1000
_MOST_NAME = 250


def descriptors(report: LintReport) -> list[dict[str, object]]:
    """Every rule of the run, in order of id, and those that only a finding tells of: the tool's own."""
    known = {rule.id: descriptor(rule) for rule in report.rules}
    findings = (
        *report.problems,
        *(found for model in report.models for found in (*model.findings, *model.suppressed)),
    )
    for finding in findings:
        if finding.rule not in known:
            known[finding.rule] = descriptor(_rule_of(finding))
    return [known[rule] for rule in sorted(known)]


def descriptor(rule: Rule) -> dict[str, object]:
    """One rule as its file describes it."""
    url = next((ref for ref in rule.refs if ref.startswith(("https://", "http://"))), None)
    described: dict[str, object] = {
        "id": plain(rule.id),
        "name": cut(plain(rule.name), _MOST_NAME),
        "shortDescription": {"text": cut(plain(rule.title), _MOST_TEXT)},
        "fullDescription": {"text": cut(plain(rule.why) or plain(rule.title), _MOST_TEXT)},
        "help": _help(rule),
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {
            "tags": [plain(rule.set), f"grade-{rule.confidence}"],
            "confidence": rule.confidence,
            "precision": _PRECISION[rule.confidence],
            "problem.severity": _PROBLEM[rule.severity],
        },
    }
    if url is not None:
        described["helpUri"] = quote(plain(url), safe="/:?&=#%+,;@~!$'()*-._[]")
    return described


def _help(rule: Rule) -> dict[str, str]:
    fix = "" if rule.fix is None else f"Fix: {remedy(rule.fix)}"
    grade = f"Grade {rule.confidence}: {GRADES[rule.confidence]}."
    paragraphs = [plain(rule.why), fix, grade, *map(plain, rule.refs)]
    marked = [escaped(plain(rule.why)), escaped(fix), grade, "\n".join(f"- {escaped(plain(ref))}" for ref in rule.refs)]
    return {
        "text": "\n\n".join(part for part in paragraphs if part),
        "markdown": "\n\n".join(part for part in marked if part),
    }


def _rule_of(finding: Finding) -> Rule:
    """What a finding tells of a rule that is not in the report: one of the tool's own."""
    return Rule(
        id=finding.rule,
        name=finding.name,
        title=finding.name.replace("-", " "),
        set="tool",
        severity=finding.severity,
        confidence=finding.confidence,
        scope="model",
        message=finding.message,
        why=finding.why,
        refs=finding.refs,
        location=Location("", 1),
        fix=finding.fix,
    )
