"""From positions to the arms of a study: single places where there are few, groups of like ones where there are many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from netadvise.edit import Edit, conflicts
from netadvise.evidence import Effort
from netadvise.facts import NetworkFacts
from netadvise.position import Position
from netadvise.study import Arm, Dose

MOST_SINGLE = 4
"""Up to so many places are screened one by one."""
_HIGHEST = 0.8


def arms(
    positions: Sequence[Position], facts: NetworkFacts, *, named: bool, effort: Effort, rates: Sequence[float] = ()
) -> tuple[Arm, ...]:
    """The arms for these positions, of which only those that can be made count.

    `named`: whether the user chose them, so that each is an arm of its own. `rates`: to be tried in place of the
    usual ones.
    """
    before_norm = {each.place for each in positions if _before_norm(each, facts)}
    found = _arms(positions, named=named, effort=effort, rates=rates)
    return tuple(replace(arm, upstream_of_batchnorm=not before_norm.isdisjoint(arm.places)) for arm in found)


def _before_norm(position: Position, facts: NetworkFacts) -> bool:
    layer = facts.layer_named.get(position.layer)
    return layer is not None and layer.get("has_bn_downstream") is True


def _arms(positions: Sequence[Position], *, named: bool, effort: Effort, rates: Sequence[float]) -> tuple[Arm, ...]:
    able = [position for position in positions if position.edit is not None]
    if named or len(able) <= 1:
        return tuple(_single(position, rates) for position in able)
    if len(able) <= MOST_SINGLE:
        found = [_single(position, rates) for position in able]
    else:
        found = [_together(group, rates) for group in _groups(able)]
    if len(found) > 1:
        found.append(_everything(able))
    return tuple(arm for arm in found if arm.large or effort != "quick") or tuple(found)


def _groups(positions: Sequence[Position]) -> list[list[Position]]:
    """Places of one group and variant."""
    found: dict[tuple[str, str], list[Position]] = {}
    for position in positions:
        found.setdefault((position.group, position.variant), []).append(position)
    return list(found.values())


def _single(position: Position, rates: Sequence[float]) -> Arm:
    doses = tuple(Dose(rate, (position.at(rate),)) for rate in rates or position.rates)
    return Arm(position.place, (position.place,), position.variant, doses, large=position.group == "head")


def _together(group: Sequence[Position], rates: Sequence[float]) -> Arm:
    first = group[0]
    if len(group) == 1:
        return _single(first, rates)
    doses = tuple(Dose(rate, _apart(group, [rate] * len(group))) for rate in rates or first.rates)
    name = f"{first.group}: {len(group)} places"
    return Arm(name, tuple(each.place for each in group), first.variant, doses, large=first.group == "head")


def _everything(positions: Sequence[Position]) -> Arm:
    """All places at half their usual rate: doses add up, and each place alone may be too little to see."""
    edits = _apart(positions, [position.rates[0] / 2 for position in positions])
    names = tuple(position.place for position in positions)
    return Arm(f"all {len(positions)} places at half rate", names, "several", (Dose(None, edits),), large=True)


def _apart(positions: Sequence[Position], rates: Sequence[float]) -> tuple[Edit, ...]:
    """The edits that can be made together: of two that change one module, the first."""
    found: list[Edit] = []
    for position, rate in zip(positions, rates, strict=True):
        edit = position.at(min(rate, _HIGHEST))
        if not any(conflicts((edit,), (other,)) for other in found):
            found.append(edit)
    return tuple(found)
