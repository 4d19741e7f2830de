"""Which rules `lint` leaves to `suggest-dropout`, and what it says to those who select them."""

from __future__ import annotations

from collections.abc import Sequence

from netadvise.check.select import NAMED, Selectors
from netadvise.errors import UsageError
from netadvise.rule import Rule


def other_commands(rules: Sequence[Rule]) -> frozenset[str]:
    """Ids of the rules about dropout's places and about training probes."""
    return frozenset(rule.id for rule in rules if not rule.of_lint)


def check_for_lint(selectors: Selectors, selector: str, where: str) -> None:
    """Raise `UsageError` for a selector that fits only rules which `lint` cannot apply, or not by that selector."""
    found = [rule for each in sorted(selectors.members(selector, where)) if (rule := selectors.find(each)) is not None]
    if not found or any(rule.of_lint for rule in found):
        return
    if all(rule.scope == "probe" for rule in found):
        raise UsageError(
            f"{where}{selector!r} selects rules about what training probes measured, and lint trains nothing",
            hint="netadvise suggest-dropout TARGET --data FILE applies them.",
        )
    if selectors.rank(selector) < NAMED:
        one = next(rule.id for rule in found if rule.position is not None)
        raise UsageError(
            f"{where}{selector!r} selects rules about places for dropout, which lint applies only one by one",
            hint=f"netadvise suggest-dropout TARGET applies them; lint --select {one} shows where one of them fires.",
        )
