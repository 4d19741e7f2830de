"""What more data would tell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netadvise.probe.planning import Needed, chance, needed, smallest_detectable
from netadvise.probe.statistics import Effect, crossed


def effect_of(mean: float, seeds: int = 8, by_seed: float = 1.0, by_example: float = 0.0, rest: float = 0.0) -> Effect:
    """An effect whose parts have these standard deviations, with 200 examples."""
    rng = np.random.default_rng(5)
    found = by_seed * rng.normal(size=(seeds, 1)) + by_example * rng.normal(size=(1, 200))
    found = found + rest * rng.normal(size=(seeds, 200))
    return replace(crossed(found), mean=mean)


def test_nothing_more_is_needed_where_it_is_settled() -> None:
    assert needed(effect_of(10.0), 0.5, 0.018) == Needed(None)
    assert needed(effect_of(0.0, by_seed=0.01), 0.5, 0.018) == Needed(None)


def test_no_number_shows_an_effect_to_be_below_itself() -> None:
    assert needed(effect_of(0.5), 0.5, 0.018) == Needed(None)
    assert needed(effect_of(0.0), 0.0, 0.018) == Needed(None)


def test_a_smaller_effect_needs_more_seeds() -> None:
    found = [needed(effect_of(mean), 0.1, 0.018).seeds for mean in (0.7, 0.5, 0.3)]
    assert None not in found
    assert found == sorted(found, key=lambda seeds: seeds or 0)
    assert found[0] != found[-1]


@given(st.floats(0.15, 0.8), st.floats(0.2, 2.0), st.floats(0, 2.0))
@settings(deadline=None, max_examples=40)
def test_the_number_of_seeds_is_the_least_that_settles(mean: float, by_seed: float, rest: float) -> None:
    effect = effect_of(mean, by_seed=by_seed, rest=rest)
    seeds = needed(effect, 0.1, 0.018).seeds
    if seeds is None:
        return
    assert seeds > effect.seeds
    variance = effect.seed_variance + effect.rest_variance / effect.examples
    error = (variance / seeds) ** 0.5
    assert smallest_detectable(effect, seeds, 0.018) > mean > error


def test_where_the_examples_decide_more_examples_are_needed() -> None:
    effect = effect_of(0.2, by_seed=0.5, by_example=3.0)
    found = needed(effect, 0.01, 0.018)
    assert found.seeds is None
    assert found.examples is not None
    assert found.examples > 200
    more = replace(effect, examples=found.examples, mean=0.2)
    assert needed(more, 0.01, 0.018).seeds is not None


def test_detectable_effects_in_units_of_the_paired_deviation() -> None:
    """The published 2.1, 1.7, 1.16 and 0.89 for a t test at 5 %."""
    effect = effect_of(0.0)
    unit = effect.seed_variance**0.5
    found = [smallest_detectable(effect, seeds, 0.05) / unit for seeds in (4, 5, 8, 12)]
    assert found == pytest.approx([2.1, 1.7, 1.16, 0.89], abs=0.05)


def sure(effect: Effect, delta: float) -> float:
    """The chance of twelve seeds."""
    found = chance(effect, delta, 12, 0.018)
    assert found is not None
    return found


def test_where_no_seeds_are_to_come_there_is_no_chance_to_speak_of() -> None:
    assert chance(effect_of(0.5, seeds=12), 0.1, 12, 0.018) is None
    assert chance(effect_of(0.5, seeds=4), 0.1, 0, 0.018) is None


def test_what_cannot_be_settled_has_no_chance_and_what_is_settled_all() -> None:
    assert sure(effect_of(0.1, seeds=4, by_seed=0.01, by_example=5.0), 0.05) < 0.01
    assert sure(effect_of(9.0, seeds=4), 0.5) > 0.99
    assert sure(effect_of(0.0, seeds=4, by_seed=0.05), 0.5) > 0.99


def test_where_nothing_varies_it_is_settled_or_not() -> None:
    nothing = effect_of(0.3, by_seed=0.0)
    assert sure(nothing, 0.1) == 1.0
    assert sure(replace(nothing, mean=0.1), 0.1) == 0.0


@given(st.floats(-3, 3), st.floats(0.1, 2.0), st.floats(0, 2.0), st.floats(0, 1.0))
@settings(deadline=None, max_examples=60)
def test_a_chance_is_one_and_has_no_side(mean: float, by_seed: float, rest: float, delta: float) -> None:
    effect = effect_of(mean, seeds=4, by_seed=by_seed, rest=rest)
    found = sure(effect, delta)
    assert 0.0 <= found <= 1.0 + 1e-9
    assert found == pytest.approx(sure(replace(effect, mean=-mean), delta))


def test_a_chance_is_how_often_it_comes_true() -> None:
    """Effects drawn from a wide range: of those whose chance after four seeds is p, about p are settled by twelve."""
    rng = np.random.default_rng(3)
    told, came = [], []
    for _ in range(1500):
        found = rng.uniform(-3, 3) + rng.normal(size=(12, 1)) + 0.2 * rng.normal(size=(12, 40))
        told.append(sure(crossed(found[:4]), 0.3))
        last = crossed(found)
        came.append(abs(last.mean) > max(0.3, last.half_width(0.018)))
    for low, high in ((0.0, 0.1), (0.4, 0.6), (0.9, 1.0)):
        among = [happened for chances, happened in zip(told, came, strict=True) if low <= chances <= high]
        assert len(among) > 30
        assert low - 0.12 <= np.mean(among) <= high + 0.12
