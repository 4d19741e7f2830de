"""The facts of arms and studies: every name is in the vocabulary, and what was not measured is Unknown."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from netadvise.check.probes import probe_facts
from netadvise.evidence import Stage
from netadvise.facts import Fact
from netadvise.probe.estimates import Look, Question, Runs
from netadvise.probe.facts import ArmNumbers, DataNumbers, arm_facts, delta_of, seed_sd, study_facts
from netadvise.probe.spec import Checks
from netadvise.quantity import Unknown
from netadvise.vocabulary import PROBE
from tests.probe.made_runs import EXAMPLES, run, runs

QUESTION = Question()
ABOUT = ArmNumbers("after fc1", "Dropout", 0.5)
CHECKS = Checks(0.05, True, 0.0, 0.001, 0.01, 0.01)
DATA = DataNumbers(400, EXAMPLES, trivial_loss=2.0, duplicate_share=0.0)


def of_arm(baseline: Runs, arm: Runs, stage: Stage = "confirm", **given: object) -> dict[str, Fact]:
    return arm_facts(QUESTION, Look(stage), "confirm", baseline, arm, replace(ABOUT, **given))  # type: ignore[arg-type]


def of_study(
    baseline: Runs, data: DataNumbers = DATA, checks: Checks | Unknown = CHECKS, **given: object
) -> dict[str, Fact]:
    return study_facts(QUESTION, Look("baseline"), "confirm", baseline, data, checks, 400, **given)  # type: ignore[arg-type]


def unknown(facts: dict[str, Fact]) -> set[str]:
    return {name for name, fact in facts.items() if isinstance(fact, Unknown)}


def test_an_arm_without_runs_knows_nothing_but_its_name() -> None:
    facts = of_arm(runs(), {})
    probe_facts(facts)
    known = {name for name, fact in facts.items() if fact is not None and not isinstance(fact, Unknown)}
    settled = {"about", "stage", "effort", "primary", "place", "variant", "rate", "seeds", "look", "looks", "last_look"}
    assert known == settled | {"level", "delta", "seed_sd"}


def test_a_study_without_runs_knows_its_data_and_checks() -> None:
    facts = of_study({})
    probe_facts(facts)
    assert {"rise", "gap", "best_step", "seed_sd", "delta", "train_loss_ratio", "capped_share"} <= unknown(facts)
    assert facts["one_batch_ratio"] == 0.05
    assert facts["trivial_loss"] == 2.0


def test_nothing_unmeasured_is_zero() -> None:
    facts = of_study(runs(), DataNumbers(400, EXAMPLES), Unknown("not checked"))
    assert {"eval_leak", "one_batch_ratio", "one_batch_finite", "replicate_sd"} <= unknown(facts)
    assert {"trivial_loss", "duplicate_share", "train_loss_ratio"} <= unknown(facts)
    assert isinstance(of_arm(runs(), runs(shift=0.2))["upstream_of_batchnorm"], Unknown)


def test_every_fact_of_the_vocabulary_is_given_by_one_of_the_two() -> None:
    given = of_arm(runs(), runs(shift=0.2)).keys() | of_study(runs()).keys()
    assert given == PROBE.keys()


def test_an_arm_that_gains() -> None:
    facts = of_arm(runs(), runs(shift=0.2))
    probe_facts(facts)
    assert facts["effect"] == pytest.approx(0.2, abs=0.02)
    low_80, low_90, low = facts["low_80"], facts["low_90"], facts["low"]
    assert isinstance(low, float) and isinstance(low_90, float) and isinstance(low_80, float)
    assert 0 < low < low_90 < low_80 < 0.2
    assert (facts["p_benefit"], facts["seeds_needed"], facts["examples_needed"]) == (
        pytest.approx(1, abs=0.05),
        None,
        None,
    )
    assert facts["pairing"] == pytest.approx(1, abs=0.05)
    assert facts["cost_ratio"] == 1.0


def test_delta_is_the_larger_of_two() -> None:
    spread = seed_sd(QUESTION, runs())
    assert isinstance(spread, float)
    assert delta_of(QUESTION, runs()) == pytest.approx(0.5 * spread)
    assert delta_of(Question(interest=0.7), runs()) == 0.7
    assert isinstance(delta_of(QUESTION, runs(range(1))), Unknown)


def test_delta_and_prior_come_from_the_reference() -> None:
    reference = runs(range(10, 20))
    facts = arm_facts(QUESTION, Look("confirm"), "confirm", runs(), runs(shift=0.2), ABOUT, reference)
    assert facts["seed_sd"] == seed_sd(QUESTION, reference)
    assert facts["delta"] == delta_of(QUESTION, reference)


def test_shares_of_runs() -> None:
    late = {**runs(range(3), 0.1), 3: run(3, 0.1, ending="horizon", best_step=300)}
    assert of_arm(runs(), late)["capped_share"] == 0.25
    lost = {**runs(range(3), 0.1), 3: run(3, 0.1, ending="diverged")}
    assert of_arm(runs(), lost)["diverged_share"] == 0.25
    assert of_arm(runs(), runs(range(3), 0.1), crashed=1)["crashed_share"] == 0.25


def test_a_batch_norm_counts_by_its_median() -> None:
    assert of_arm(runs(), runs(shift=0.1))["bn_shift"] is None
    arm = {seed: run(seed, 0.1, bn_shift=1.0 + seed) for seed in range(3)}
    assert of_arm(runs(), arm)["bn_shift"] == 2.0


def test_gap_and_rise_have_errors() -> None:
    facts = of_study(runs())
    assert facts["rise"] == pytest.approx(0.3)
    assert facts["rise_se"] == pytest.approx(0, abs=1e-9)
    gap, error = facts["gap"], facts["gap_se"]
    assert isinstance(gap, float) and isinstance(error, float)
    assert gap == pytest.approx(1.3, abs=0.15)
    assert 0 < error < gap
    assert facts["train_loss_ratio"] == pytest.approx(0.1)


def test_one_run_has_a_gap_without_error() -> None:
    facts = of_study(runs(range(1)))
    assert isinstance(facts["gap"], float)
    assert isinstance(facts["gap_se"], Unknown)


def test_the_horizon() -> None:
    inside = of_study(runs())
    assert (inside["best_inside_share"], inside["still_falling"], inside["best_step"]) == (1.0, False, 150)
    outside = of_study(runs(ending="horizon", best_step=98, steps=100))
    assert (outside["best_inside_share"], outside["still_falling"]) == (0.0, True)
    cut = {seed: run(seed, ending="horizon", best_step=250, steps=200) for seed in range(4)}
    assert of_study(cut)["steps_needed"] == pytest.approx(450, rel=0.15)


def test_of_a_loss_that_began_below_zero_no_share_is_left() -> None:
    facts = of_study(runs(), checks=replace(CHECKS, one_batch_ratio=math.nan))
    assert "one_batch_ratio" in unknown(facts)
    assert facts["one_batch_finite"] is True


def test_one_batch_that_exploded() -> None:
    facts = of_study(runs(), checks=replace(CHECKS, one_batch_ratio=math.inf))
    assert facts["one_batch_finite"] is False


def test_full_runs_count_before_short_ones() -> None:
    assert of_study(runs())["replicate_sd"] == 0.001
    assert of_study(runs(), replicate=0.02)["replicate_sd"] == 0.02


def test_a_broken_baseline_run_is_left_out() -> None:
    broken = {**runs(range(3)), 3: replace(run(3), losses=np.full(EXAMPLES, np.nan))}
    assert isinstance(of_study(broken)["validation_loss"], float)
    assert of_arm(broken, runs(shift=0.1))["seeds"] == 3
