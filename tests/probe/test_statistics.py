"""Effects over seeds and examples: the layout's algebra, the interval's limits, and what is refused."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from netadvise.probe.statistics import (
    Part,
    Values,
    benefit,
    crossed,
    improvement,
    look_level,
    pairing,
    smallest_of_interest,
)
from netadvise.quantity import Unknown

LAYOUTS = st.tuples(st.integers(2, 12), st.integers(2, 30), st.integers(0, 10_000))


def layout(seeds: int, examples: int, seed: int) -> Values:
    """Differences with parts of all kinds."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(seeds, 1)) + rng.normal(size=(1, examples)) + rng.normal(size=(seeds, examples))


@pytest.mark.parametrize("shape", [(1, 100), (4, 1), (0, 0), (4,)])
def test_no_interval_without_two_seeds_and_two_examples(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="2 or more seeds and examples"):
        crossed(np.zeros(shape))


@pytest.mark.parametrize("broken", [math.nan, math.inf])
def test_no_interval_of_what_is_not_finite(broken: float) -> None:
    found = np.zeros((4, 10))
    found[2, 3] = broken
    with pytest.raises(ValueError, match="finite"):
        crossed(found)


def test_identical_runs_have_no_effect_and_no_error() -> None:
    effect = crossed(np.zeros((4, 10)))
    assert (effect.mean, effect.standard_error, effect.interval(0.05), effect.p_value) == (0, 0, (0, 0), 1)
    assert benefit(effect, 1.0) == 0.5
    assert effect.within(1e-9)
    assert not effect.within(0.0)


def test_an_effect_that_never_varies_is_certain() -> None:
    effect = crossed(np.full((4, 10), 0.5))
    assert (effect.p_value, benefit(effect, 1.0), benefit(replace(effect, mean=-0.5), 1.0)) == (0, 1, 0)


@given(LAYOUTS)
def test_sums_of_squares_add_up(shape: tuple[int, int, int]) -> None:
    found = layout(*shape)
    seeds, examples = found.shape
    effect = crossed(found)
    by_seed = effect.by_seeds.variance * seeds * examples
    by_example = seeds * found.mean(axis=0).var(ddof=1)
    total = (seeds - 1) * by_seed + (examples - 1) * by_example
    total += (seeds - 1) * (examples - 1) * effect.rest_variance
    assert total == pytest.approx(((found - found.mean()) ** 2).sum())
    assert effect.by_examples.variance * seeds * examples == pytest.approx(max(by_example - effect.rest_variance, 0))


@given(LAYOUTS, st.sampled_from([0.018, 0.05, 0.1, 0.4]))
def test_never_narrower_than_the_seeds_alone(shape: tuple[int, int, int], level: float) -> None:
    found = layout(*shape)
    alone = stats.t.isf(level / 2, len(found) - 1) * stats.sem(found.mean(axis=1))
    assert crossed(found).half_width(level) >= alone * (1 - 1e-9)


@given(LAYOUTS)
def test_where_only_seeds_vary_it_is_their_t_interval(shape: tuple[int, int, int]) -> None:
    rng = np.random.default_rng(shape[2])
    means = rng.normal(size=shape[0])
    effect = crossed(np.repeat(means[:, None], shape[1], axis=1))
    oracle = stats.ttest_1samp(means, 0.0)
    assert effect.interval(0.05) == pytest.approx(tuple(oracle.confidence_interval(0.95)))
    assert effect.p_value == pytest.approx(oracle.pvalue, rel=1e-6)
    assert effect.degrees_of_freedom == pytest.approx(shape[0] - 1, rel=1e-6)


@given(LAYOUTS)
def test_where_only_examples_vary_it_is_their_t_interval(shape: tuple[int, int, int]) -> None:
    rng = np.random.default_rng(shape[2])
    means = rng.normal(size=shape[1])
    effect = crossed(np.repeat(means[None, :], shape[0], axis=0))
    oracle = stats.ttest_1samp(means, 0.0)
    assert effect.interval(0.05) == pytest.approx(tuple(oracle.confidence_interval(0.95)))
    assert effect.p_value == pytest.approx(oracle.pvalue, rel=1e-6)


@given(LAYOUTS, st.floats(0.001, 1000), st.floats(-5, 5))
@settings(deadline=None, max_examples=40)
def test_scale_and_shift(shape: tuple[int, int, int], scale: float, shift: float) -> None:
    found = layout(*shape)
    one, other = crossed(found), crossed(scale * (found + shift))
    assert other.mean == pytest.approx(scale * (one.mean + shift), abs=1e-9 * scale)
    assert other.half_width(0.05) == pytest.approx(scale * one.half_width(0.05))
    mirrored = crossed(-found)
    assert mirrored.p_value == pytest.approx(one.p_value)
    assert mirrored.interval(0.05) == pytest.approx(tuple(-end for end in reversed(one.interval(0.05))))


@given(LAYOUTS, st.floats(1e-6, 0.9))
@settings(deadline=None, max_examples=40)
def test_the_p_value_is_the_level_that_reaches_zero(shape: tuple[int, int, int], level: float) -> None:
    effect = crossed(layout(*shape))
    assert replace(effect, mean=effect.half_width(level)).p_value == pytest.approx(level, rel=1e-5)


@given(LAYOUTS)
@settings(deadline=None, max_examples=40)
def test_degrees_of_freedom_stand_for_the_interval(shape: tuple[int, int, int]) -> None:
    effect = crossed(layout(*shape))
    low, high = sorted((shape[0] - 1, shape[1] - 1))
    assert low <= effect.degrees_of_freedom <= high
    width = stats.t.isf(0.025, effect.degrees_of_freedom) * effect.standard_error
    assert effect.half_width(0.05) == pytest.approx(width, rel=1e-6)


@given(LAYOUTS)
@settings(deadline=None, max_examples=40)
def test_only_the_examples_part_grows_with_what_was_chosen_among(shape: tuple[int, int, int]) -> None:
    effect = crossed(layout(*shape))
    assert effect.half_width(0.05, 6) >= effect.half_width(0.05)
    alone = replace(effect, by_examples=replace(effect.by_examples, variance=0.0))
    assert alone.half_width(0.05, 6) == alone.half_width(0.05)


def test_a_tiny_p_value_has_a_floor() -> None:
    assert 0 < replace(crossed(layout(8, 20, 1)), mean=1e9).p_value <= 1e-12


def test_a_part_counts_with_its_own_quantile() -> None:
    assert Part(4.0, 3).allowance(0.05) == pytest.approx(4 * stats.t.isf(0.025, 3) ** 2)


def test_orientation() -> None:
    before, after = np.array([[1.0, 2.0]]), np.array([[0.5, 2.5]])
    assert improvement(before, after, lower_is_better=True).tolist() == [[0.5, -0.5]]
    assert improvement(before, after, lower_is_better=False).tolist() == [[-0.5, 0.5]]


def test_levels_fall_with_the_looks() -> None:
    levels = [look_level(looks) for looks in range(1, 12)]
    assert levels[0] == 0.05
    assert levels == sorted(levels, reverse=True)
    assert all(0.05 / looks <= level for looks, level in enumerate(levels, 1))
    with pytest.raises(ValueError, match="0 looks"):
        look_level(0)


def test_equivalence_needs_both_ends_inside() -> None:
    effect = crossed(layout(8, 20, 3))
    low, high = effect.interval(0.10)
    reach = max(-low, high)
    assert effect.within(reach * 1.01)
    assert not effect.within(reach * 0.99)


def test_the_smallest_effect_of_interest() -> None:
    assert smallest_of_interest(0.02, 0.5) == 0.01
    assert smallest_of_interest(0.02, 0.5, 0.05) == 0.05
    assert smallest_of_interest(0.02, 0.5, 0.001) == 0.01


@given(LAYOUTS, st.floats(0.05, 50))
@settings(deadline=None, max_examples=40)
def test_benefit_is_a_probability_with_two_sides(shape: tuple[int, int, int], prior: float) -> None:
    found = layout(*shape)
    there, back = benefit(crossed(found), prior), benefit(crossed(-found), prior)
    assert 0 <= there <= 1
    assert there + back == pytest.approx(1, abs=2e-3)
    assert (there > 0.5) == (found.mean() > 0) or abs(there - 0.5) < 1e-3


def test_benefit_against_other_integrations() -> None:
    effect = replace(crossed(layout(6, 20, 3)), mean=0.4)
    flat = stats.t.cdf(0.4 / effect.standard_error, effect.degrees_of_freedom)
    assert benefit(effect, 0.0) == pytest.approx(flat)
    assert benefit(effect, 1e4) == pytest.approx(flat, abs=1e-3)
    draws = np.random.default_rng(0).normal(0, 0.5, 1_000_000)
    weights = stats.t.pdf((0.4 - draws) / effect.standard_error, effect.degrees_of_freedom)
    assert benefit(effect, 0.5) == pytest.approx(weights[draws > 0].sum() / weights.sum(), abs=3e-3)


def test_a_narrow_prior_says_that_little_is_likely() -> None:
    effect = replace(crossed(layout(6, 20, 3)), mean=0.4)
    assert 0.5 < benefit(effect, 1e-4) < 0.51


def test_pairing() -> None:
    means = np.array([1.0, 2.0, 4.0, 3.0])
    assert pairing(means, 2 * means + 1) == pytest.approx(1.0)
    assert pairing(means, -means) == pytest.approx(-1.0)


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ([1.0, 2.0], [1.0, 2.0], "3 or more seeds"),
        ([1.0, 1.0, 1.0], [1.0, 2.0, 3.0], "same result"),
        ([1.0, 2.0, 3.0], [1.0, 2.0, math.nan], "no finite"),
    ],
)
def test_pairing_that_cannot_be_told(before: list[float], after: list[float], why: str) -> None:
    found = pairing(np.array(before), np.array(after))
    assert isinstance(found, Unknown)
    assert why in found.reason
