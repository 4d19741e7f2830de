"""Who stays in a race: what cannot be better by what would matter is out, and hardly ever what is best."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netadvise.probe.estimates import Question
from netadvise.probe.racing import best, is_out, scores, standing
from netadvise.probe.statistics import Values
from tests.probe.made_runs import runs

QUESTION = Question()


def race(*effects: float, seeds: int = 2, noise: float = 0.1, number: int = 0) -> Values:
    """Scores of arms with these effects: a part of the seed that all have in common, and one of each run."""
    rng = np.random.default_rng(number)
    shared = rng.normal(size=seeds)
    return np.array(effects)[:, None] + shared + noise * rng.normal(size=(len(effects), seeds))


def test_arms_that_may_still_win_stay() -> None:
    assert is_out(race(0.0, 0.01, 0.02, noise=1.0), 0.1, 1.0, 3) == [False] * 3


def test_what_is_far_behind_is_out_and_the_best_stays() -> None:
    assert is_out(race(0.0, 3.0, -2.0), 0.1, 1.0, 3) == [True, False, True]


def test_what_the_seeds_have_in_common_does_not_blur_it() -> None:
    """The seeds differ by 1, the arms by 0.5: against each other they are told after two seeds."""
    assert is_out(race(0.0, 0.5, 0.0, 0.0, noise=0.02), 0.0, 1.0, 3) == [True, False, True, True]


def test_one_seed_is_held_against_the_spread_of_the_baseline() -> None:
    found = np.array([[0.0], [1.0], [-1.0]])
    assert is_out(found, 0.0, 1.0, 3) == [False, False, False]
    assert is_out(found, 0.0, 0.2, 3) == [True, False, True]
    assert is_out(found, 0.0, math.inf, 3) == [False, False, False]


def test_equal_arms_are_out_but_for_one_once_none_can_be_better_by_what_matters() -> None:
    found = race(0.0, 0.001, 0.0, noise=0.01, seeds=4)
    assert sum(is_out(found, 0.5, 1.0, 3)) == 2


def test_a_row_without_a_number_is_out_unless_all_are() -> None:
    nan = math.nan
    assert is_out(np.array([[0.0, 0.1], [nan, 0.3]]), 0.1, 1.0, 3) == [False, True]
    assert is_out(np.array([[nan, 0.1], [0.2, nan]]), 0.1, 1.0, 3) == [False, False]
    assert best(np.array([[nan, 9.0], [0.0, 0.1]])) == 1


@given(
    values=st.lists(st.lists(st.integers(-50, 50), min_size=3, max_size=3), min_size=2, max_size=6),
    shift=st.integers(-5, 5),
    scale=st.integers(1, 4),
)
@settings(deadline=None)
def test_a_change_of_unit_changes_no_decision(values: list[list[int]], shift: int, scale: int) -> None:
    found = np.array(values, dtype=np.float64)
    assert is_out(scale * found + shift, scale * 0.5, scale * 1.0, 3) == is_out(found, 0.5, 1.0, 3)


@given(st.lists(st.lists(st.integers(-50, 50), min_size=2, max_size=2), min_size=2, max_size=6))
@settings(deadline=None)
def test_the_best_is_never_out(values: list[list[int]]) -> None:
    found = np.array(values, dtype=np.float64)
    assert not is_out(found, 10.0, 1.0, 3)[best(found)]


@pytest.mark.parametrize("seeds", [1, 2, 3])
def test_an_arm_that_is_better_by_what_matters_is_out_in_five_of_a_hundred_races_at_most(seeds: int) -> None:
    """One arm is better than the other by just the margin: with one seed, as good as unpaired, and with more."""
    races, lost = 400, 0
    for number in range(races):
        own = np.random.default_rng([number, seeds])
        found = race(0.0, 0.5, seeds=seeds, noise=1.0 if seeds > 1 else 0.9, number=number)
        spread = float((own.normal(size=4)).std(ddof=1))
        lost += is_out(found, 0.5, spread, 3)[1]
    assert lost / races <= 0.07


def test_a_lower_loss_is_a_higher_score() -> None:
    found = scores(QUESTION, [runs(), runs(shift=0.2)], [0, 1])
    assert (found[1] > found[0]).all()
    by_metric = scores(Question(primary="accuracy"), [runs(), runs(shift=0.2)], [0, 1])
    assert (by_metric[1] >= by_metric[0]).all()


def test_an_arm_without_runs_is_not_known_and_out_where_another_is() -> None:
    found = standing(QUESTION, runs(range(2)), [{}, runs(range(2), 0.1)], 0.01, 0.05, 3)
    assert (found.known, found.out, found.leader) == ([False, True], [True, False], 1)
    none = standing(QUESTION, runs(range(2)), [{}, {}], 0.01, 0.05, 3)
    assert (none.out, none.leader) == ([False, False], None)


def test_seeds_whose_baseline_failed_do_not_count() -> None:
    found = standing(QUESTION, {}, [runs(range(2))], 0.01, 0.05, 3)
    assert (found.out, found.leader) == ([False], None)
