"""How many steps would be needed, from curves that have not turned yet."""

from __future__ import annotations

import math

import pytest

from netadvise.probe.horizon import steps_needed
from netadvise.probe.spec import Point

Curve = tuple[Point, ...]


def curve(lowest: float, last: int) -> Curve:
    """A validation loss that is a parabola, looked at up to a step."""
    steps = range(5, last + 1, max(last // 40, 1))
    return tuple(Point(step, 0.1, 1.0 + ((step - lowest) / 100) ** 2, 0.9) for step in steps)


def bowed(last: int = 400) -> Curve:
    """A validation loss that falls faster and faster."""
    return tuple(Point(step, 0.1, 10 - (step / 100) ** 2, 0.9) for step in range(5, last, 5))


def test_nothing_is_told_from_nothing() -> None:
    assert steps_needed([]) is None
    assert steps_needed([()]) is None
    assert steps_needed([tuple(Point(step, 1.0, math.nan, 0.0) for step in range(1, 40))]) is None
    assert steps_needed([curve(150, 100)[-4:]]) is None


@pytest.mark.parametrize("falling", [bowed(), curve(100_000, 200)])
def test_no_turn_in_sight(falling: Curve) -> None:
    assert steps_needed([falling]) is None


def test_twice_the_turn_ahead() -> None:
    assert steps_needed([curve(150, 100)]) == pytest.approx(300, abs=2)
    assert steps_needed([curve(150, 120), curve(200, 120), curve(160, 120)]) == pytest.approx(320, abs=2)


def test_a_turn_that_is_behind_needs_no_guess() -> None:
    assert steps_needed([curve(150, 1000)]) == pytest.approx(300, abs=50)


def test_it_is_never_less_than_twice_the_best_step() -> None:
    jagged = tuple(Point(p.step, p.train_loss, p.validation_loss - 0.3 * (p.step == 85), 0.9) for p in curve(50, 100))
    found = steps_needed([jagged])
    assert found is not None
    assert found >= 2 * 85


def test_half_of_the_curves_must_turn() -> None:
    assert steps_needed([curve(150, 120), bowed(), bowed()]) is None
    assert steps_needed([curve(150, 120), curve(150, 120), bowed()]) == pytest.approx(300, abs=2)
