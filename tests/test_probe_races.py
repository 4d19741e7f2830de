"""Simulated studies of several arms: racing makes no false verdicts, and finds what is best."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.probe_races import FALSE, NATURES, raced


@pytest.mark.parametrize("nature", ["arms differ in nothing", "much so"])
def test_the_best_of_many_arms_without_effect_is_confirmed_as_rarely_as_promised(nature: str) -> None:
    """Five in a hundred: of 30 studies 5 or more would have a chance of 1 in 60."""
    found = [raced(number, NATURES[nature], (0.0,) * 6) for number in range(30)]
    assert sum(each.verdict in FALSE for each in found) < 5


def test_the_race_finds_what_is_best_with_fewer_runs_than_four_seeds_of_each_arm_take() -> None:
    studies = []
    for number in range(15):
        effects = 2.0 * np.random.default_rng(number).standard_normal(9)
        studies.append(raced(number, NATURES["arms differ in nothing"], tuple(map(float, effects))))
    assert np.mean([each.behind for each in studies]) > -0.25
    # the baseline, four seeds of nine arms and of two more rates, and a first look
    assert np.mean([each.runs for each in studies]) < 4 + 9 * 4 + 2 * 4 + 8 - 15
