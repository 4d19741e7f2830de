"""Groups that take far longer than their like."""

from __future__ import annotations

import time

from netadvise.probe.ray_stragglers import Stragglers
from netadvise.probe.spec import RunSpec

SHORT, LONG = (RunSpec((), 0, 20, 30),), (RunSpec((), 0, 200, 300),)


def test_nothing_is_late_while_little_is_known() -> None:
    late = Stragglers()
    assert not late.is_late(SHORT, 0.0)
    for _ in range(2):
        late.took(SHORT, 1.0)
    assert not late.is_late(SHORT, time.monotonic() - 1000)


def test_late_is_half_as_long_again_as_the_median_and_ten_seconds() -> None:
    late = Stragglers()
    for seconds in (1.0, 2.0, 30.0):
        late.took(SHORT, seconds)
    now = time.monotonic()
    assert not late.is_late(SHORT, now - 9)
    assert late.is_late(SHORT, now - 11)
    for _ in range(6):
        late.took(SHORT, 20.0)
    assert not late.is_late(SHORT, now - 25)
    assert late.is_late(SHORT, now - 31)


def test_groups_are_compared_with_those_of_as_many_steps_and_runs() -> None:
    late = Stragglers()
    for _ in range(5):
        late.took(SHORT, 1.0)
    began = time.monotonic() - 100
    assert late.is_late((RunSpec((), 7, 20, 30),), began)
    assert not late.is_late(LONG, began)
    assert not late.is_late((*SHORT, *SHORT), began)
    assert not late.is_late((RunSpec((), 0, 20, 30, checks=True),), began)
