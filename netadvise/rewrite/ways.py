"""The ways in which one edit may be written, the best first.

A dropout next to a module that holds parameters goes around its call in the forward: inside an `nn.Sequential` its
weights would have other names. Where that call is not certain, a place that is the same may do: behind a layer is
before the one that alone reads it. Only then the module itself is wrapped, and a checkpoint does not load.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from netadvise.edit import Edit, Insert, Place
from netadvise.rewrite.likeness import resolved
from netadvise.rewrite.masks import Mask
from netadvise.rewrite.nouns import Site, Wanted
from netadvise.rewrite.unpacked import SEVERAL


def ways(edit: Edit, site: Site, sites: Mapping[str, Site]) -> tuple[Wanted, ...]:
    """Every way to write an edit; raises `RefusedError` for a layer like one that cannot be written."""
    mask = Mask.of(edit)
    if mask is None or not isinstance(edit, Insert):
        return (Wanted(resolved(edit, sites), site),)
    if edit.place.where == "after-call":
        return (Wanted(edit, site, "ran"),)
    places = tuple(_same(edit.place, site, sites))
    built = [_at(edit, place, sites, site) for place in places] if mask.is_torch else []
    kept = [item for item in built if not item.site.weights]
    ran = [replace(_at(edit, place, sites, site), how="ran") for place in places]
    known = [item for item in ran if item.site.called_at is not None]
    own = [item for item in built[:1] if item.site.weights and item.site.type not in SEVERAL]
    found = (*kept, *known, *own) if not site.weights else (*known[:1], *kept, *known[1:], *own)
    return found or (Wanted(edit, site, "built" if mask.is_torch and site.type not in SEVERAL else "ran"),)


def renames(item: Wanted) -> bool:
    """Whether a way puts a module with parameters inside another one: a checkpoint does not load then."""
    return item.how == "built" and isinstance(item.edit, Insert) and item.site.weights


def _at(edit: Insert, place: Place, sites: Mapping[str, Site], site: Site) -> Wanted:
    return Wanted(replace(edit, place=place), site if place == edit.place else sites[place.module])


def _same(place: Place, site: Site, sites: Mapping[str, Site]) -> Iterator[Place]:
    """The place, and those that are the same, the nearest first."""
    seen, waiting = {place}, [place]
    while waiting:
        current = waiting.pop(0)
        yield current
        near = site if current == place else sites.get(current.module)
        for one, other in () if near is None else near.twins:
            if one == current and other not in seen and other.module in sites:
                seen.add(other)
                waiting.append(other)
