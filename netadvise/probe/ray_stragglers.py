"""Which groups take far longer than others like them: on a node that is slow, or that has stopped without a word.

A run is the same wherever it is trained, so it may be begun once more elsewhere, and whichever is done first counts.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from statistics import median

from netadvise.probe.execute import Group

_FACTOR = 1.5
"""Copies take workers that have nothing else to do. On 100 simulated ones, 5 % of them 3 times as slow, a study takes
3 % longer than on sound ones with copies from here on, and 12 % longer with copies from 3 times the median."""
_LEAST_SECONDS = 10.0
_LEAST_KNOWN = 3
_REMEMBERED = 50

Like = tuple[object, ...]


@dataclass(slots=True)
class Stragglers:
    """How long groups have taken lately, by what makes them alike."""

    known: dict[Like, deque[float]] = field(default_factory=dict)

    def took(self, group: Group, seconds: float) -> None:
        """Take in that a group was trained in so many seconds."""
        self.known.setdefault(_like(group), deque(maxlen=_REMEMBERED)).append(seconds)

    def is_late(self, group: Group, began: float) -> bool:
        """Whether a group that began then, by the monotonic clock, should have been done long ago."""
        known = self.known.get(_like(group), ())
        if len(known) < _LEAST_KNOWN:
            return False
        return time.monotonic() - began > max(_LEAST_SECONDS, _FACTOR * median(known))


def _like(group: Group) -> Like:
    """Groups of as many runs, of as many steps; edits make a step dearer, but hardly by half."""
    return len(group), max(spec.least for spec in group), max(spec.most for spec in group), group[0].checks
