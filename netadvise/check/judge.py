"""From hits to findings: one per rule and model, the worst first, and what they mean for the exit code."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from netadvise.errors import ExitCode
from netadvise.finding import FailOn, Finding, Hit, LintReport
from netadvise.rule import SEVERITIES, Rule, Severity

_RANKS: Mapping[str, int] = {severity: rank for rank, severity in enumerate(SEVERITIES)}


def overridden(hits: Iterable[Hit], severities: Mapping[str, Severity]) -> tuple[Hit, ...]:
    """The hits with the severities that the user gave their rules."""
    return tuple(replace(hit, severity=severities.get(hit.rule, hit.severity)) for hit in hits)


def findings(
    model: str, hits: Iterable[Hit], rules: Mapping[str, Rule]
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """The findings that count and the suppressed ones, each worst first, within one severity in order of rule id."""
    groups: dict[tuple[bool, str], list[Hit]] = {}
    for hit in hits:
        groups.setdefault((hit.suppression is not None, hit.rule), []).append(hit)
    made = {key: _finding(model, rules[key[1]], group) for key, group in groups.items()}
    counting = [finding for (suppressed, _), finding in made.items() if not suppressed]
    others = [finding for (suppressed, _), finding in made.items() if suppressed]
    return worst_first(counting), worst_first(others)


def worst_first(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """In order of severity, then of rule id."""
    return tuple(sorted(found, key=lambda finding: (_RANKS[finding.severity], finding.rule)))


def failing(found: Iterable[Finding], fail_on: FailOn) -> int:
    """How many findings reach the limit."""
    return sum(finding.reaches(fail_on) for finding in found)


def exit_code(report: LintReport) -> ExitCode:
    """3 when a model is missing from the report, since it is then incomplete; else 1 when findings reach the limit."""
    if report.failed:
        return ExitCode.MODEL
    return ExitCode.FINDINGS if report.failing else ExitCode.OK


def fingerprint(model: str, rule: str, layer: str) -> str:
    """What stays the same when lines move."""
    return hashlib.sha256("\0".join((model, rule, layer)).encode()).hexdigest()[:20]


def _finding(model: str, rule: Rule, hits: Sequence[Hit]) -> Finding:
    ordered = tuple(sorted(hits, key=lambda hit: _RANKS[hit.severity]))
    return Finding(
        rule=rule.id,
        name=rule.name,
        severity=ordered[0].severity,
        confidence=rule.confidence,
        hits=ordered,
        why=rule.why,
        refs=rule.refs,
        fix=rule.fix,
        fingerprint=fingerprint(model, rule.id, ordered[0].layer),
    )
