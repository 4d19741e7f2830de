"""How many steps would be needed to see a baseline overfit, told from validation curves that still fall.

A parabola through the last part of a curve says where it turns, should it go on bending as it does. Curves flatten on
their way, so it turns there at the earliest. It is a rough guide to the next budget, and never a result.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

import numpy as np

from netadvise.probe.spec import Point

_LEAST_POINTS = 6
_LATE = 0.6
"""What comes behind this share of the steps is the last part."""
_FARTHEST = 16.0
"""A turn further ahead than this many times the curve is no better than a guess."""


def steps_needed(curves: Sequence[Sequence[Point]]) -> int | None:
    """Twice the step of the lowest validation loss, median over runs; None where half of the curves show no turn."""
    found = [lowest for curve in curves if (lowest := _lowest(curve)) is not None]
    return math.ceil(2 * median(found)) if found and 2 * len(found) >= len(curves) else None


def _lowest(curve: Sequence[Point]) -> float | None:
    """The step at which the validation loss was lowest or, where that is the last part, is going to be."""
    sound = [point for point in curve if math.isfinite(point.validation_loss)]
    if not sound:
        return None
    best, last = min(sound, key=lambda point: point.validation_loss).step, sound[-1].step
    if best < _LATE * last:
        return best
    late = [point for point in sound if point.step >= _LATE * last]
    if len(late) < _LEAST_POINTS:
        return None
    bend, slope, _ = np.polyfit([point.step / last for point in late], [point.validation_loss for point in late], 2)
    if bend <= 0:
        return None
    turn = float(-slope / (2 * bend))
    return max(turn * last, best) if turn <= _FARTHEST else None
