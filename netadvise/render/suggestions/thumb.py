"""The rule of thumb, judged on the user's network and held against the census."""

from __future__ import annotations

from collections.abc import Iterator

from netadvise.render.suggestions import census
from netadvise.render.suggestions.wording import listed
from netadvise.suggestion import RuleOfThumb, Tally

RULE = 'the rule of thumb "widen with larger kernels, narrow with 1x1"'


def judged(thumb: RuleOfThumb) -> Iterator[str]:
    """What this network does, one sentence for each kind of change of width; none for a network that changes none."""
    strided, narrowing = thumb.widening_strided, thumb.narrowing
    if not (thumb.widening.count or strided.count or narrowing.count):
        yield f"{RULE} says nothing here: no dense convolution behind the stem changes the number of channels"
        return
    widening = len(thumb.widening.spatial) + len(strided.spatial)
    follow, count = widening + len(narrowing.pointwise), thumb.widening.count + strided.count + narrowing.count
    one = "follows it" if follow else "does not follow it"
    many = f"{follow} of {count} convolutions that change the width follow it"
    yield f"{RULE}: {many if count > 1 else f'the one convolution that changes the width {one}'}"
    yield from _told("widens", thumb.widening, wants_pointwise=False)
    yield from _told("widens with a stride", strided, wants_pointwise=False)
    yield from _told("narrows", narrowing, wants_pointwise=True)
    yield _compared(thumb)


def _told(verb: str, tally: Tally, *, wants_pointwise: bool) -> Iterator[str]:
    """How many follow, and which do not."""
    follow, depart = (tally.pointwise, tally.spatial) if wants_pointwise else (tally.spatial, tally.pointwise)
    wanted, other = ("a 1x1", "a larger kernel") if wants_pointwise else ("a larger kernel", "a 1x1")
    if tally.count:
        against = f"; {len(depart)} with {other}: {listed(depart)}" if depart else ""
        with_it = f": {listed(follow)}" if follow else ""
        yield f"{verb}: {len(follow)} with {wanted}{with_it}{against}"


def _compared(thumb: RuleOfThumb) -> str:
    """What a census of other networks found, in the order of the sentences before."""
    found = []
    if thumb.widening.count or thumb.widening_strided.count:
        by_family = _percent(*census.FAMILY_WIDENING)
        found.append(
            f"{census.WIDENING_POINTWISE} % of {census.WIDENING:,} widening convolutions are 1x1 ({by_family} % at "
            "stride 1, one model per family), so the first half of the rule is not what networks do"
        )
    if thumb.widening_strided.count:
        larger = 100 - _percent(*census.FAMILY_WIDENING_STRIDED)
        found.append(f"widening together with a stride takes a larger kernel in {larger} % (one model per family)")
    if thumb.narrowing.count:
        found.append(f"{census.NARROWING_POINTWISE} % of {census.NARROWING:,} narrowing ones are 1x1, as it says")
    return f"in {census.ARCHITECTURES:,} architectures of timm: " + "; ".join(found)


def _percent(part: int, other: int) -> int:
    return round(100 * part / (part + other))
