"""Sets of suggestions, tried in one go: everything of grade A and B that goes together, and what meets a budget.

The numbers of a set are measured on the network with all of its edits; they are not sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from netadvise.api.attempts import INTERRUPTED, Bench, Told
from netadvise.edit import Dropped, Edit, Tried
from netadvise.profiles import Totals
from netadvise.quantity import Unknown
from netadvise.suggest.budget import Chosen, amount, choose
from netadvise.suggest.ranking import going_together
from netadvise.suggestion import (
    BudgetKey,
    BudgetPlan,
    Combined,
    Excluded,
    Limit,
    Suggestion,
    SuggestionReport,
)

_ROUNDS = 6
"""How often a set is changed because its members break each other, or because it misses the budget."""

Result = Tried | Dropped


class StoppedError(Exception):
    """The trying was interrupted."""


@dataclass(frozen=True, slots=True)
class Together:
    """Sets of the suggestions of one network."""

    bench: Bench
    told: Told
    totals: Totals

    def judged(self, report: SuggestionReport, budgets: Sequence[Limit]) -> SuggestionReport:
        """The report with its combination and its plan; without them, and saying so, when that is interrupted."""
        try:
            report = replace(report, combined=self._combined(report.suggestions))
            return replace(report, plan=self._plan(report, budgets) if budgets else None)
        except StoppedError as stopped:
            why = f"stopped before all suggestions were tried together: {stopped}"
            return replace(report, incomplete=why, interrupted=str(stopped) == INTERRUPTED)

    def _combined(self, suggestions: Sequence[Suggestion]) -> Combined | None:
        chosen, excluded = going_together(suggestions)
        if not chosen:
            return None
        kept, result, broken = self._working(chosen)
        return Combined(kept, result, (*excluded, *broken))

    def _working(self, chosen: Sequence[Suggestion]) -> tuple[tuple[Suggestion, ...], Result, tuple[Excluded, ...]]:
        """As many of a set as run together: the first that breaks it is left out, until it runs."""
        kept, excluded = tuple(chosen), list[Excluded]()
        if len(kept) == 1:
            return kept, kept[0].tried, ()
        result = self._attempt([kept])[0]
        while isinstance(result, Dropped) and len(kept) > 1 and len(excluded) < _ROUNDS:
            prefixes = [kept[:length] for length in range(2, len(kept) + 1)]
            results = self._attempt(prefixes)
            index = next((index for index, each in enumerate(results) if isinstance(each, Dropped)), len(kept) - 2)
            culprit = kept[index + 1]
            why = f"{culprit.rule} at {culprit.layer} does not run with the others: {result.reason}"
            excluded.append(Excluded(culprit.layer, culprit.rule, why))
            kept = tuple(item for item in kept if item is not culprit)
            result = kept[0].tried if len(kept) == 1 else self._attempt([kept])[0]
        return kept, result, tuple(excluded)

    def _attempt(self, sets: Sequence[Sequence[Suggestion]]) -> list[Result]:
        edits: list[tuple[Edit, ...]] = [tuple(edit for item in items for edit in item.edits) for items in sets]
        attempts = self.bench.attempt(edits, self.told)
        if len(attempts.results) < len(sets):
            raise StoppedError(attempts.stopped)
        return attempts.results

    def _plan(self, report: SuggestionReport, budgets: Sequence[Limit]) -> BudgetPlan:
        """Among what is shown; with what is hidden where that does not suffice."""
        plan = self._plan_among(report.suggestions, budgets)
        costly = [item for item in report.hidden if item.confidence == "C"]
        if plan.met or not costly:
            return plan
        wider = self._plan_among((*report.suggestions, *costly), budgets)
        with_c = any(item.confidence == "C" for item in wider.chosen)
        return replace(wider, with_grade_c=with_c) if with_c else plan

    def _plan_among(self, pool: Sequence[Suggestion], budgets: Sequence[Limit]) -> BudgetPlan:
        """The set whose sums meet the budgets, tried; where the measured network misses them, one that saves more."""
        needs: dict[BudgetKey, int] = {}
        for limit in budgets:
            needs[limit.key] = max(needs.get(limit.key, 0), amount(limit.key, self.totals) - limit.most)
        wanted = dict(needs)
        best = self._measured(choose(pool, wanted), budgets)
        for _ in range(_ROUNDS):
            short = {key: self._shortfall(best, key, need) for key, need in needs.items()}
            if best.met or not any(each > 0 for each in short.values()):
                break
            wanted = {key: wanted[key] + max(0, short[key]) for key in wanted}
            chosen = choose(pool, wanted)
            if tuple(chosen.items) == best.chosen:
                break
            best = self._further(best, self._measured(chosen, budgets))
        return best

    def _further(self, one: BudgetPlan, other: BudgetPlan) -> BudgetPlan:
        """The plan that gets further."""
        return one if self._distance(one) < self._distance(other) else other

    def _distance(self, plan: BudgetPlan) -> float:
        reached = dict(plan.reached)
        return sum(max(0, reached[limit.key] - limit.most) / max(limit.most, 1) for limit in plan.limits)

    def _shortfall(self, plan: BudgetPlan, key: BudgetKey, need: int) -> int:
        return dict(plan.reached)[key] - (amount(key, self.totals) - need)

    def _measured(self, chosen: Chosen, budgets: Sequence[Limit]) -> BudgetPlan:
        kept, result, _ = self._working(chosen.items) if chosen.items else ((), None, ())
        reached = {limit.key: amount(limit.key, self.totals) + _change(result, limit.key) for limit in budgets}
        return BudgetPlan(
            limits=tuple(budgets),
            met=all(reached[limit.key] <= limit.most for limit in budgets),
            chosen=kept,
            tried=result,
            exact=chosen.exact,
            reached=tuple(reached.items()),
        )


def _change(result: Result | None, key: BudgetKey) -> int:
    """What a set really changes; nothing where that cannot be told, so that no budget counts as met by it."""
    if not isinstance(result, Tried):
        return 0
    change = result.effect.params if key == "params" else result.effect.macs
    return 0 if isinstance(change, Unknown) else change
