"""Which runs are trained together, in one stack: those whose networks differ in dropouts alone.

    site ::= place, kind of dropout, its arguments but the rate

The rate of a dropout is data: a network with a dropout at every site that one of the runs has is the network of each
of them, with a rate of 0 at the sites that are none of its own. Whether runs are stacked at all follows from what the
checks measured, which is in the ledger: a study that goes on trains as it began.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from netadvise.edit import Edit, Insert, Place, Value
from netadvise.probe.execute import Group, alone
from netadvise.probe.spec import RunSpec, Stacked
from netadvise.probe.variants import NAMES
from netadvise.study import Stacking

WORTH = 1.2
"""Runs are stacked where that is so many times as fast as one by one."""
_ROUND = 8
"""Runs of the smallest round that decides anything: two arms, four seeds."""
_RATE = "p"

Kind = tuple[str, tuple[tuple[str, Value], ...]]
"""A dropout but for its rate."""
Sites = Mapping[Place, Kind]


def asked(checks: Sequence[RunSpec], lanes: int, when: Stacking = "auto") -> list[RunSpec]:
    """Checks that also try a stack, as wide as the stacks of a study with so many at a time usually are."""
    width = {"auto": -(-_ROUND // lanes), "always": max(-(-_ROUND // lanes), 2), "never": 0}[when]
    return [replace(spec, stack=width) for spec in checks]


@dataclass(frozen=True, slots=True)
class Grouping:
    """Groups of runs, as many as are trained at a time: or more, where stacks would become too wide."""

    stacked: Stacked
    """What the first checks found."""
    lanes: int
    """Stacks that are trained at a time: one in each process, or on each GPU."""
    when: Stacking = "auto"

    def __call__(self, specs: Sequence[RunSpec]) -> list[Group]:
        """Every run in one group; those that are alone are trained one by one."""
        if not self.is_wanted:
            return alone(specs)
        families, others = _families(specs)
        return [group for family in families for group in self._divided(family)] + alone(others)

    @property
    def is_wanted(self) -> bool:
        """Whether runs are stacked."""
        least = {"auto": WORTH, "always": 0.0, "never": float("inf")}[self.when]
        return not self.stacked.refused and self.stacked.gain >= least

    @property
    def note(self) -> str:
        """What the report says of it."""
        if self.is_wanted:
            return "runs that differ in dropouts and seeds alone were trained together, in stacks"
        return f"--stack always: not done, because {self.stacked.refused}" if self.when == "always" else ""

    def _divided(self, family: Sequence[RunSpec]) -> Iterator[Group]:
        """Groups that are as equal in size as can be; runs that follow each other stay together: they share a seed."""
        widest = max(1, min(self.stacked.most, -(-len(family) // self.lanes)))
        groups = -(-len(family) // widest)
        for number in range(groups):
            members = family[len(family) * number // groups : len(family) * (number + 1) // groups]
            yield tuple(replace(spec, stack=widest) for spec in members)


@dataclass
class _Family:
    """Runs whose sites go together."""

    sites: dict[Place, Kind] = field(default_factory=dict)
    runs: list[RunSpec] = field(default_factory=list)

    def takes(self, sites: Sites) -> bool:
        return all(self.sites.get(place, kind) == kind for place, kind in sites.items())


def _families(specs: Sequence[RunSpec]) -> tuple[list[list[RunSpec]], list[RunSpec]]:
    """Runs that can be stacked, by what they can be stacked with; and those that cannot."""
    found: list[_Family] = []
    others = []
    for spec in specs:
        sites = None if spec.checks else _sites(spec.edits)
        if sites is None:
            others.append(spec)
            continue
        family = next((each for each in found if each.takes(sites)), None)
        if family is None:
            found.append(family := _Family())
        family.sites |= sites
        family.runs.append(spec)
    return [family.runs for family in found], others


def _sites(edits: Sequence[Edit]) -> Sites | None:
    """Where edits insert dropouts of which kind; None where they do anything else, or drop everything."""
    found: dict[Place, Kind] = {}
    for edit in edits:
        if not isinstance(edit, Insert) or len(edit.chain) != 1:
            return None
        part = edit.chain[0]
        rate = part.args.get(_RATE)
        if part.type not in NAMES or not isinstance(rate, int | float) or not 0 <= rate < 1:
            return None
        others = sorted((name, value) for name, value in part.args.items() if name != _RATE)
        found[edit.place] = part.type, tuple(others)
    return found


def united(group: Group) -> tuple[Edit, ...]:
    """The edits of a network that has a dropout at every site of a group."""
    found = {edit.place: edit for spec in group for edit in spec.edits if isinstance(edit, Insert)}
    return tuple(found.values())
