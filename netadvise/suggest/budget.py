"""Meeting a budget: which suggestions to take so that the least receptive field is lost.

Every set is weighed by branch and bound, as long as that takes no more than `MOST_STEPS` steps; after that the best set
found so far stands. One set is better than another when it loses less receptive field, then when it needs fewer
suggestions of grade C, then of grade B, then when it changes fewer layers, then when it saves more. Losses and savings
of a set are taken as the sums over its members: the network is tried with the whole set afterwards, and what is
reported is measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from netadvise.config import number
from netadvise.edit import modules_of
from netadvise.errors import UsageError
from netadvise.profiles import Totals
from netadvise.quantity import Unknown
from netadvise.suggest.ranking import field_lost
from netadvise.suggestion import BudgetKey, Limit, Suggestion

MOST_STEPS = 200_000
_FORM = re.compile(r"\s*(?P<key>\w+)\s*=\s*(?P<value>.*?)\s*")
_SHARE = re.compile(r"-(?P<percent>\d+(?:\.\d+)?|\.\d+)\s*%")
_HINT = "For example: --budget macs=-30%, or --budget params=5M"

Needs = Mapping[BudgetKey, int]
"""How much of each quantity has to go."""


def limits(texts: Sequence[str], totals: Totals) -> tuple[Limit, ...]:
    """The budgets of `--budget` texts; raises `UsageError` for another form."""
    return tuple(_limit(text, totals) for text in texts)


def check_budgets(texts: Sequence[str]) -> None:
    """Raises `UsageError` for a budget of another form, before anything runs."""
    for text in texts:
        _most(text, 0)


def amount(key: BudgetKey, totals: Totals) -> int:
    """What a limited quantity comes to."""
    return totals.params if key == "params" else totals.macs


@dataclass(frozen=True, slots=True)
class Chosen:
    """A set of suggestions that meets the needs by their sums, or gets as far as can be."""

    items: tuple[Suggestion, ...]
    enough: bool
    exact: bool


def choose(suggestions: Sequence[Suggestion], needs: Needs) -> Chosen:
    """The best set that saves what is needed; where none does, the one that is taken greedily for the most savings."""
    useful = [item for item in suggestions if any(_saved(item, key) > 0 for key in needs)]
    candidates = sorted((_Candidate.of(item, needs) for item in useful), key=_promise)
    search = _Search(candidates, needs)
    search.run()
    if search.best is None:
        return Chosen(_furthest(candidates, dict(needs)), False, search.is_over)
    return Chosen(tuple(item.suggestion for item in _needed(search.best, needs)), True, search.is_over)


Cost = tuple[float, int, int, int, float]
"""Receptive field lost, suggestions of grade C, of grade B, layers changed, minus what is saved."""
_NOTHING: Cost = (0.0, 0, 0, 0, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    suggestion: Suggestion
    saved: Mapping[BudgetKey, int]
    cost: Cost
    modules: frozenset[str]
    reach: frozenset[str]
    """The modules that it changes, and those around them."""

    @staticmethod
    def of(item: Suggestion, needs: Needs) -> _Candidate:
        saved = {key: _saved(item, key) for key in needs}
        share = sum(saved[key] / max(need, 1) for key, need in needs.items())
        grades = [item.confidence == grade for grade in ("C", "B")]
        cost = (field_lost(item.tried.effect), int(grades[0]), int(grades[1]), len(item.layers), -share)
        modules = frozenset(map(modules_of, item.edits))
        return _Candidate(item, saved, cost, modules, modules | {outer for path in modules for outer in _around(path)})

    def goes_with(self, taken: _Taken) -> bool:
        """Whether none of those changes the same module, one inside of it, or one around it."""
        return self.modules.isdisjoint(taken.reach) and self.reach.isdisjoint(taken.modules)


def _around(path: str) -> Iterator[str]:
    while "." in path:
        path = path.rpartition(".")[0]
        yield path


@dataclass(frozen=True, slots=True)
class _Taken:
    """Candidates that go together."""

    items: tuple[_Candidate, ...] = ()
    modules: frozenset[str] = frozenset()
    reach: frozenset[str] = frozenset()

    def plus(self, item: _Candidate) -> _Taken:
        return _Taken((*self.items, item), self.modules | item.modules, self.reach | item.reach)


@dataclass(frozen=True, slots=True)
class _State:
    """Which of the first `index` candidates are taken, what is still needed, and what they cost."""

    index: int
    taken: _Taken
    needs: Needs
    cost: Cost


@dataclass(slots=True)
class _Search:
    """Depth first over the candidates: with each of them, then without."""

    candidates: Sequence[_Candidate]
    needs: Needs
    best: tuple[_Candidate, ...] | None = None
    best_cost: Cost | None = None
    is_over: bool = False
    """Whether every set was weighed."""

    def run(self) -> None:
        """Find the best set, or the best that `MOST_STEPS` steps find."""
        left = self._savings_left()
        waiting = [_State(0, _Taken(), self.needs, _NOTHING)]
        for _ in range(MOST_STEPS):
            if not waiting:
                break
            state = waiting.pop()
            if all(need <= 0 for need in state.needs.values()):
                self._meets(state)
            elif not self._is_hopeless(state, left[state.index]):
                waiting.extend(self._branches(state))
        self.is_over = not waiting

    def _branches(self, state: _State) -> Iterator[_State]:
        """Without the next candidate, and with it: the last one is looked at first."""
        if state.index == len(self.candidates):
            return
        candidate = self.candidates[state.index]
        yield _State(state.index + 1, state.taken, state.needs, state.cost)
        if candidate.goes_with(state.taken):
            rest = {key: need - candidate.saved[key] for key, need in state.needs.items()}
            yield _State(state.index + 1, state.taken.plus(candidate), rest, _sum(state.cost, candidate.cost))

    def _meets(self, state: _State) -> None:
        if self.best_cost is None or state.cost < self.best_cost:
            self.best, self.best_cost = state.taken.items, state.cost

    def _is_hopeless(self, state: _State, left: Needs) -> bool:
        """The candidates left cannot save enough, or whatever is added, the best so far costs less."""
        if any(need > left[key] for key, need in state.needs.items()):
            return True
        return self.best_cost is not None and state.cost[:4] > self.best_cost[:4]

    def _savings_left(self) -> list[Needs]:
        """Behind each number of candidates: the most that the ones after them could save."""
        sums = dict.fromkeys(self.needs, 0)
        found: list[Needs] = [sums]
        for candidate in reversed(self.candidates):
            sums = {key: sums[key] + max(0, candidate.saved[key]) for key in sums}
            found.append(sums)
        return found[::-1]


def _needed(taken: Sequence[_Candidate], needs: Needs) -> list[_Candidate]:
    """The set without the members that it can spare, the costliest first: a search that was cut short leaves some."""
    kept = list(taken)
    for candidate in sorted(taken, key=lambda item: item.cost, reverse=True):
        rest = [item for item in kept if item is not candidate]
        if all(sum(item.saved[key] for item in rest) >= need for key, need in needs.items()):
            kept = rest
    return kept


def _furthest(candidates: Sequence[_Candidate], needs: dict[BudgetKey, int]) -> tuple[Suggestion, ...]:
    """Candidate by candidate the one that saves the most of what is still needed and goes with the ones before."""
    taken, left = _Taken(), list(candidates)
    while left:
        best = max(left, key=lambda item: _progress(item, needs))
        if _progress(best, needs) <= 0:
            break
        taken = taken.plus(best)
        left = [item for item in left if item.goes_with(taken)]
        needs = {key: need - best.saved[key] for key, need in needs.items()}
    return tuple(item.suggestion for item in taken.items)


def _progress(item: _Candidate, needs: Needs) -> float:
    return sum(min(item.saved[key], need) / need for key, need in needs.items() if need > 0)


def _promise(item: _Candidate) -> tuple[object, ...]:
    """Little lost for what is saved comes first."""
    lost, grade_c, grade_b, layers, share = item.cost
    saved = max(-share, 1e-9)
    return lost / saved, grade_c, grade_b, layers / saved, item.suggestion.rule, item.suggestion.layer


def _sum(one: Cost, other: Cost) -> Cost:
    lost, grade_c, grade_b, layers, share = (a + b for a, b in zip(one, other, strict=True))
    return lost, int(grade_c), int(grade_b), int(layers), share


def _saved(item: Suggestion, key: BudgetKey) -> int:
    effect = item.tried.effect
    change = effect.params if key == "params" else effect.macs
    return 0 if isinstance(change, Unknown) else -change


def _limit(text: str, totals: Totals) -> Limit:
    key, _ = _most(text, 0)
    gap = next((gap for gap in totals.gaps if gap.quantity == key), None)
    if gap is not None:
        told = f"--budget {text!r}: not all {key} of this model are known ({gap.op}: {gap.reason})"
        raise UsageError(told, hint="No budget can be said to be met; netadvise.register_formula fills a gap.")
    return Limit(key, text, _most(text, amount(key, totals))[1])


def _most(text: str, now: int) -> tuple[BudgetKey, int]:
    match = _FORM.fullmatch(text)
    key: BudgetKey | None = None if match is None else _KEYS.get(match["key"])
    if match is None or key is None:
        raise UsageError(f"--budget {text!r} does not have the form macs=VALUE or params=VALUE", hint=_HINT)
    share = _SHARE.fullmatch(match["value"])
    if share is not None and float(share["percent"]) < 100:
        return key, int(now * (1 - float(share["percent"]) / 100))
    most = number(match["value"])
    if most is None or most < 0:
        raise UsageError(f"--budget {text!r}: {match['value']!r} is neither a reduction nor a limit", hint=_HINT)
    return key, int(most)


_KEYS: Mapping[str, BudgetKey] = {"params": "params", "macs": "macs"}
