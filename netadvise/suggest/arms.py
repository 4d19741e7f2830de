"""From positions to arms of a study: single places where there are few, groups of like ones where there are more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from netadvise.edit import Insert, conflicts
from netadvise.evidence import Effort
from netadvise.facts import NetworkFacts
from netadvise.position import Position, rate_of
from netadvise.study import Arm, Dose

MOST_SINGLE = 4
"""Up to so many places are screened one by one."""


def arms(
    positions: Sequence[Position],
    facts: NetworkFacts,
    *,
    named: bool,
    effort: Effort,
    rates: Sequence[float] = (),
    together: bool = False,
) -> tuple[Arm, ...]:
    """The arms for these positions, of which only those that can be made count.

    `named`: whether the user chose them, so that each is an arm of its own, or all of them one (`together`). `rates`:
    to be tried in place of the usual ones.
    """
    before_norm = {each.place: _before_norm(each, facts) for each in positions}
    able = [position for position in positions if position.edit is not None]
    found = (_together(able, rates),) if together and able else _arms(able, named=named, effort=effort, rates=rates)
    return tuple(
        replace(arm, upstream_of_batchnorm=_any([before_norm[place] for place in arm.places])) for arm in found
    )


def _before_norm(position: Position, facts: NetworkFacts) -> bool | None:
    """Whether a batch norm stands behind a place; None where the facts cannot tell."""
    layer = facts.layer_named.get(position.layer)
    found = None if layer is None else layer.get("has_bn_downstream")
    return found if isinstance(found, bool) else None


def _any(answers: Sequence[bool | None]) -> bool | None:
    """Three-valued: one yes is enough, and only all noes are a no."""
    if True in answers:
        return True
    return None if None in answers else False


def _arms(able: Sequence[Position], *, named: bool, effort: Effort, rates: Sequence[float]) -> tuple[Arm, ...]:
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
    doses = tuple(Dose(rate, (position.at(rate),)) for rate in rates or _usual(position))
    return Arm(position.place, (position.place,), position.variant, doses, large=position.group == "head")


def _together(group: Sequence[Position], rates: Sequence[float]) -> Arm:
    first = group[0]
    if len(group) == 1:
        return _single(first, rates)
    doses = tuple(Dose(rate, tuple(each.at(rate) for each in _apart(group))) for rate in rates or _usual(first))
    places = tuple(each.place for each in _apart(group))
    groups, variants = (dict.fromkeys(getattr(each, name) for each in group) for name in ("group", "variant"))
    name = f"{', '.join(groups)}: {len(places)} places"
    variant = first.variant if len(variants) == 1 else "several"
    return Arm(name, places, variant, doses, large=first.group == "head")


def _usual(position: Position) -> Sequence[float]:
    """Its rates; of a refused place, for which there are none, that of its edit."""
    return position.rates or ((rate_of(position.edit),) if position.edit is not None else ())


def _everything(positions: Sequence[Position]) -> Arm:
    """All places at half their usual rate: doses add up, and each place alone may be too little to see."""
    together = _apart(positions)
    edits = tuple(position.at(_usual(position)[0] / 2) for position in together)
    names = tuple(position.place for position in together)
    return Arm(f"all {len(names)} places at half rate", names, "several", (Dose(None, edits),), large=True)


def _apart(positions: Sequence[Position]) -> list[Position]:
    """The places where dropout can be put together: of two edits that get into each other's way, the first."""
    found: list[Position] = []
    for position in positions:
        if not any(_collide(position, other) for other in found):
            found.append(position)
    return found


def _collide(one: Position, other: Position) -> bool:
    first, second = one.edit, other.edit
    if first is None or second is None:
        return False
    if isinstance(first, Insert) and isinstance(second, Insert):
        return first.place == second.place
    return bool(conflicts((first,), (second,)))
