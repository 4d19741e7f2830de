"""Two networks into one Comparison, and what keeps them from being compared in full."""

from __future__ import annotations

from collections.abc import Iterator

from netadvise.compare.changes import changes, sizes_minus
from netadvise.compare.flow import functions, neighbours
from netadvise.compare.inputs import input_notes
from netadvise.compare.matching import matched
from netadvise.compare.renames import renames
from netadvise.compare.sums import sums
from netadvise.comparison import Comparison, Side
from netadvise.facts import NetworkFacts
from netadvise.profiles import Profile
from netadvise.version import __version__


def compared(old: Side, new: Side, facts: tuple[NetworkFacts | None, NetworkFacts | None] = (None, None)) -> Comparison:
    """The comparison of two profiles, without their findings; `facts` tell the data flow and what layers
    compute, where both have them.
    """
    before, after = old.profile, new.profile
    flow = facts if None not in facts else (None, None)
    pairs = matched(before, after, neighbours(before, flow[0]), neighbours(after, flow[1]))
    layers = changes(before, after, pairs, (functions(before, flow[0]), functions(after, flow[1])))
    fields = (before.totals.receptive_field, after.totals.receptive_field)
    return Comparison(
        version=__version__,
        old=old,
        new=new,
        totals=sums(before.totals, after.totals, layers),
        receptive_field=(*fields, sizes_minus(fields[1], fields[0])),
        layers=layers,
        renames=renames(layers),
        notes=tuple(_notes(before, after)),
    )


def _notes(old: Profile, new: Profile) -> Iterator[str]:
    """What makes the two differ although no layer does."""
    if old.mode != new.mode:
        yield f"OLD was recorded in {old.mode} mode, NEW in {new.mode} mode: dropout and normalisation differ for that"
    yield from input_notes(old, new)
    if old.version != new.version:
        yield f"OLD was measured by netadvise {old.version}, NEW by {new.version}: their conventions may differ"
