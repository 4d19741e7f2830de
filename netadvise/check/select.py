"""Which rules a run applies.

    on by default  <-  `rules`: dated sets, whole sets, rule files
    then each selection in turn: pyproject.toml, the model's own, the command line
    selector ::= id | name | old name | prefix of ids | set | "default" | "ALL"

Within one selection the most specific selector that fits a rule decides: an id over a prefix, a longer prefix over a
shorter one, a prefix over a set, a set over ALL; `ignore` wins a draw.

Rules about dropout's places and about training probes belong to another command: `lint` passes them over unless an id
or a name selects them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from netadvise.check.problems import hint
from netadvise.errors import UsageError
from netadvise.rule import Rule, Severity

ALL = "ALL"
NAMED = (3, 0)
"""The rank of an id or a name."""
Choice = tuple[str, ...]


class Selectors:
    """What each selector text stands for among the rules that are known."""

    def __init__(self, rules: Sequence[Rule], sets: Mapping[str, tuple[str, ...]]) -> None:
        self._rules = {rule.id: rule for rule in rules}
        self._names = {name: rule.id for rule in rules for name in (rule.id, rule.name, *rule.aliases)}
        members: dict[str, frozenset[str]] = {}
        for rule in rules:
            members[rule.set] = members.get(rule.set, frozenset()) | {rule.id}
        frozen = {name: frozenset(ids) & self._rules.keys() for name, ids in sets.items()}
        self._sets: Mapping[str, frozenset[str]] = {**members, **frozen, ALL: frozenset(self._rules)}

    @property
    def sets(self) -> frozenset[str]:
        """Names of the sets that can be selected."""
        return frozenset(self._sets)

    @property
    def names(self) -> frozenset[str]:
        """Every id and name, old names too."""
        return frozenset(self._names)

    def rule(self, name: str, where: str) -> Rule:
        """The rule of an id or a name; raises `UsageError`."""
        if name not in self._names:
            raise UsageError(f"{where}there is no rule {name!r}{hint(name, self._names)}", hint="netadvise rules list")
        return self._rules[self._names[name]]

    def find(self, name: str) -> Rule | None:
        """The rule of an id, a name or an old name."""
        return self._rules.get(self._names.get(name, ""))

    def members(self, selector: str, where: str = "") -> frozenset[str]:
        """Ids of the rules that a selector fits; raises `UsageError` when it is none."""
        if selector in self._names:
            return frozenset((self._names[selector],))
        if selector in self._sets:
            return self._sets[selector]
        prefixed = frozenset(rule for rule in self._rules if rule.startswith(selector)) if selector else frozenset()
        if not prefixed:
            near = hint(selector, [*self._names, *self._sets])
            raise UsageError(
                f"{where}no rule, prefix or set is called {selector!r}{near}",
                hint=f"netadvise rules list shows the rules; sets: {', '.join(sorted(self._sets))}",
            )
        return prefixed

    def rank(self, selector: str) -> tuple[int, int]:
        """How specific a selector is."""
        if selector in self._names:
            return NAMED
        return (int(selector != ALL), 0) if selector in self._sets else (2, len(selector))


@dataclass(frozen=True, slots=True)
class Step:
    """One selection: what a place selects, adds and ignores."""

    select: Choice = ()
    extend: Choice = ()
    ignore: Choice = ()
    where: str = ""


def selected(
    selectors: Selectors, base: Iterable[str], steps: Sequence[Step], apart: Collection[str] = ()
) -> frozenset[str]:
    """Ids of the rules that apply: `base`, changed by each step; raises `UsageError` for an unknown selector.

    Rules of `apart` apply only where an id or a name selects them.
    """
    chosen = frozenset(base) - frozenset(apart)
    for step in steps:
        chosen = _after(selectors, chosen, step, apart)
    return chosen


def _after(selectors: Selectors, before: frozenset[str], step: Step, apart: Collection[str]) -> frozenset[str]:
    where = f"{step.where}: " if step.where else ""
    fitting = _strongest(selectors, (*step.select, *step.extend), where)
    wanted = {rule: rank for rule, rank in fitting.items() if rank >= NAMED or rule not in apart}
    unwanted = _strongest(selectors, step.ignore, where)
    kept = frozenset() if step.select else before
    on = {rule for rule, rank in wanted.items() if rank > unwanted.get(rule, (-1, 0))}
    off = {rule for rule, rank in unwanted.items() if rank >= wanted.get(rule, (-1, 0))}
    return (kept | on) - off


def _strongest(selectors: Selectors, texts: Choice, where: str) -> dict[str, tuple[int, int]]:
    """For each rule that a selector fits, how specific the most specific one is."""
    found: dict[str, tuple[int, int]] = {}
    for text in texts:
        for rule in selectors.members(text, where):
            found[rule] = max(found.get(rule, (-1, 0)), selectors.rank(text))
    return found


def severities(selectors: Selectors, overrides: Mapping[str, Severity], where: str) -> dict[str, Severity]:
    """Rule id -> the severity the user gave it; raises `UsageError` for an unknown rule."""
    return {selectors.rule(name, where).id: severity for name, severity in overrides.items()}
