"""Rules about the linter's own suppressions. They are not evaluated on a network, so they do not stand in YAML."""

from __future__ import annotations

from netadvise.finding import Finding, Hit
from netadvise.graph import Location
from netadvise.rule import Rule, Severity

_HERE = Location("netadvise/check/tool_rules.py", 1)


def _rule(number: int, name: str, title: str, message: str, why: str, severity: Severity = "warning") -> Rule:
    return Rule(
        id=f"NA{number:03}",
        name=name,
        title=title,
        set="tool",
        severity=severity,
        confidence="A",
        scope="model",
        message=message,
        why=why,
        refs=("https://docs.astral.sh/ruff/rules/unused-noqa/",),
        location=_HERE,
        since="2026.11",
    )


UNUSED = _rule(
    1,
    "unused-suppression",
    "This suppression suppresses nothing",
    "{rule} does not fire here: remove it",
    "A suppression that is not needed would hide the next finding of its rule at that place.",
)
NAMELESS = _rule(
    2,
    "suppression-without-id",
    "A suppression must name the rules it is for",
    "it names no rule, so it suppresses nothing: write netadvise: ignore[ID] and the reason",
    "A comment for all rules would hide what nobody has looked at, so it hides nothing.",
)
UNKNOWN_RULE = _rule(
    3,
    "unknown-rule-in-suppression",
    "A suppression names a rule that does not exist",
    "there is no rule {rule}",
    "A misspelt id suppresses nothing, and the finding it was meant for stays.",
)
STALE = _rule(
    4,
    "stale-baseline-entry",
    "The baseline holds findings that are gone",
    "{count} findings of the baseline are gone: netadvise baseline prune",
    "A baseline entry that outlives its finding would hide the next one of the same rule at the same layer.",
    "advice",
)

TOOL_RULES: tuple[Rule, ...] = (UNUSED, NAMELESS, UNKNOWN_RULE, STALE)


def problem(rule: Rule, location: Location | None, message: str, layer: str = "") -> Finding:
    """One finding about a suppression."""
    hit = Hit(rule.id, layer, location, rule.severity, message)
    return Finding(rule.id, rule.name, rule.severity, rule.confidence, (hit,), rule.why, rule.refs)
