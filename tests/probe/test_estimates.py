"""What is paired with what, and the estimates that a report shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from netadvise.probe.estimates import (
    Look,
    Question,
    best_at_end,
    curve_of,
    effect_of,
    estimates,
    paired,
    values,
)
from netadvise.quantity import Unknown
from tests.probe.made_runs import EXAMPLES, run, runs

QUESTION = Question()


def test_one_pair_has_no_effect() -> None:
    found = effect_of(QUESTION, runs(range(1)), runs(range(1)), "loss")
    assert isinstance(found, Unknown)
    assert "there are 1" in found.reason
    assert estimates(QUESTION, runs(range(1)), runs(range(1)), Look("confirm")) == ()
    assert estimates(QUESTION, {}, {}, Look("confirm")) == ()


def test_only_seeds_of_both_are_paired() -> None:
    assert paired(runs(range(4)), runs(range(2, 8))) == [2, 3]
    broken = {**runs(range(3)), 3: replace(run(3), losses=np.full(EXAMPLES, np.nan))}
    assert paired(broken, runs(range(4))) == [0, 1, 2]


def test_an_arm_without_finite_losses_is_unknown_and_not_left_out() -> None:
    arm = {**runs(range(3), 0.1), 3: replace(run(3), losses=np.full(EXAMPLES, np.nan))}
    found = effect_of(QUESTION, runs(range(4)), arm, "loss")
    assert isinstance(found, Unknown)
    assert found.reason == "1 of 4 runs have no finite loss"


def test_runs_on_other_examples_are_no_pair() -> None:
    arm = {seed: replace(each, losses=each.losses[:30]) for seed, each in runs().items()}
    found = effect_of(QUESTION, runs(), arm, "loss")
    assert isinstance(found, Unknown)
    assert found.reason == "baseline and arm were scored on 60 and 30 examples"


def test_an_improvement_is_positive_whatever_the_quantity() -> None:
    found = {
        (each.quantity, each.endpoint): each for each in estimates(QUESTION, runs(), runs(shift=0.3), Look("confirm"))
    }
    assert list(found) == [("loss", "early_stop"), ("loss", "end"), ("accuracy", "early_stop"), ("accuracy", "end")]
    loss, accuracy = found["loss", "early_stop"], found["accuracy", "early_stop"]
    assert loss.effect == pytest.approx(0.3, abs=0.02)
    assert accuracy.effect > 0
    assert loss.arm < loss.baseline
    assert accuracy.arm > accuracy.baseline
    assert loss.low < loss.effect < loss.high


def test_a_metric_that_is_better_when_lower() -> None:
    question = Question(metric="error", metric_higher_is_better=False)
    found = estimates(question, runs(), runs(shift=0.3), Look("confirm"))
    assert [each.effect < 0 for each in found if each.quantity == "error"] == [True, True]


def test_the_primary_quantity_comes_first() -> None:
    question = Question(primary="accuracy")
    assert question.quantities == ("accuracy", "loss")
    assert estimates(question, runs(), runs(shift=0.3), Look("confirm"))[0].quantity == "accuracy"


def test_intervals_widen_with_the_looks() -> None:
    (one, *_), (three, *_) = (
        estimates(QUESTION, runs(), runs(shift=0.3), Look("confirm", 1, planned)) for planned in (1, 3)
    )
    assert three.low < one.low
    assert three.p_value == one.p_value


def test_the_end_of_a_diverged_run_has_no_estimate() -> None:
    arm = {**runs(range(3), 0.3), 3: replace(run(3, 0.3), losses_end=np.full(EXAMPLES, np.nan))}
    found = {(each.quantity, each.endpoint) for each in estimates(QUESTION, runs(), arm, Look("confirm"))}
    assert ("loss", "end") not in found
    assert ("loss", "early_stop") in found


def test_the_two_end_points() -> None:
    assert (values(runs(), [0, 1], "loss", "end") - values(runs(), [0, 1], "loss")).mean() == pytest.approx(0.3)


def test_a_best_step_at_the_end() -> None:
    assert not best_at_end(run(0).numbers)
    assert not best_at_end(run(0, ending="horizon", best_step=200, steps=300).numbers)
    assert best_at_end(run(0, ending="horizon", best_step=295, steps=300).numbers)
    assert not best_at_end(run(0, ending="diverged", best_step=295, steps=300).numbers)


def test_curves_are_averaged_where_all_runs_were_looked_at() -> None:
    assert curve_of({}) is None
    found = curve_of({0: run(0, steps=300), 1: run(1, 0.2, steps=100)})
    assert found is not None
    assert found.steps == tuple(range(10, 101, 10))
    assert found.validation_loss[-1] == pytest.approx(1.5 - 0.1 + 0.2 * np.log(100 / 150) ** 2)
