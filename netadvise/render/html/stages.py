"""A network in a handful of stages: the shallowest folding that shows more than one or two of them."""

from __future__ import annotations

from dataclasses import dataclass

from netadvise.profiles import Profile
from netadvise.render.text import plain
from netadvise.render.view import Row, View, rows

_FEWEST, _MOST, _DEEPEST = 5, 24, 6
_MOST_OF_IT = 0.6
"""A stage with more of the layers than this says little about where anything is."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Layers below one path, or repeated blocks beside each other."""

    row: Row
    start: int
    """The number of its first layer, from 1."""

    @property
    def name(self) -> str:
        return plain(self.row.name)


def stages(profile: Profile) -> tuple[Stage, ...]:
    """From the first layer to the last; as few as show where in the network something is."""
    best: tuple[Row, ...] = ()
    for depth in range(1, _DEEPEST):
        found = rows(profile, View(depth=depth))
        if best and len(found) > _MOST:
            break
        best = found
        if len(found) >= _FEWEST and max(len(row.layers) for row in found) <= _MOST_OF_IT * len(profile.layers):
            break
    started, start = [], 1
    for row in best:
        started.append(Stage(row, start))
        start += len(row.layers)
    return tuple(started)
