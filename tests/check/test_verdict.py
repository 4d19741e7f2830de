"""From facts to gates and exactly one verdict, by the shipped rules."""

from __future__ import annotations

import math
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netadvise.check import load_rules
from netadvise.check.verdict import SHARE, gates_of, judged, setting
from netadvise.evidence import Gate, Verdict
from netadvise.facts import Fact
from netadvise.quantity import Unknown
from netadvise.rulepath import rules_directory
from netadvise.vocabulary import PROBE

BOOK = load_rules([rules_directory() / "dropout.yaml"])
ARM: dict[str, Fact] = {
    "about": "arm",
    "stage": "confirm",
    "primary": "loss",
    "place": "after fc1",
    "seeds": 8,
    "last_look": False,
    "effect": 0.05,
    "low": 0.02,
    "high": 0.08,
    "low_90": 0.03,
    "high_90": 0.07,
    "low_80": 0.04,
    "high_80": 0.06,
    "delta": 0.01,
    "other_effect": 0.01,
    "other_low": -0.01,
    "other_high": 0.03,
    "pairing": 0.8,
    "seeds_needed": None,
    "examples_needed": None,
    "capped_share": 0.0,
    "diverged_share": 0.0,
    "crashed_share": 0.0,
    "upstream_of_batchnorm": False,
    "bn_shift": None,
}
STUDY: dict[str, Fact] = {
    "about": "study",
    "stage": "baseline",
    "seeds": 4,
    "budget_steps": 400,
    "best_step": 150,
    "best_inside_share": 1.0,
    "still_falling": False,
    "steps_needed": 300,
    "train_loss": 0.4,
    "train_loss_ratio": 0.2,
    "validation_loss": 1.5,
    "gap": 1.1,
    "gap_se": 0.05,
    "rise": 0.4,
    "rise_se": 0.05,
    "one_batch_ratio": 0.05,
    "one_batch_finite": True,
    "one_batch_falling": True,
    "replicate_sd": 0.0,
    "seed_sd": 0.03,
    "delta": 0.015,
    "example_se": 0.005,
    "eval_leak": 0.0,
    "duplicate_share": 0.0,
    "diverged_share": 0.0,
    "crashed_share": 0.0,
    "capped_share": 0.0,
    "validation_examples": 1000,
}
SHORT = {"best_step": 98, "budget_steps": 100, "best_inside_share": 0.0, "still_falling": True, "rise": 0.0}


def verdict(**changes: Fact) -> str:
    return judged(BOOK, {**ARM, **changes}, {}).verdict


def gates(facts: dict[str, Fact], **changes: Fact) -> list[tuple[str, bool]]:
    return [(gate.name, gate.ends) for gate in gates_of(BOOK, {**facts, **changes}, {})]


def mirrored() -> dict[str, Fact]:
    """The same effect the other way round."""
    ends = {
        low: -high
        for a, b in (("low", "high"), ("low_90", "high_90"), ("low_80", "high_80"))
        for low, high in ((a, ARM[b]), (b, ARM[a]))
        if isinstance(high, float)
    }
    return {**ends, "effect": -0.05}


def test_a_sound_study_and_a_sound_arm_meet_no_gate() -> None:
    assert gates(STUDY) == []
    assert gates(ARM) == []


def test_helps() -> None:
    found = judged(BOOK, ARM, {})
    assert (found.verdict, found.rule, found.gates) == ("HELPS", "PRB021", ())
    assert found.reason.startswith("loss better by 0.05, 95 % interval 0.02 to 0.08 over 8 fresh seeds")


def test_hurts_is_its_mirror() -> None:
    assert verdict(**mirrored()) == "HURTS"


def test_nothing_is_held_against_an_arm_that_was_cut_off() -> None:
    found = judged(BOOK, {**ARM, **mirrored(), "capped_share": 0.5}, {})
    assert (found.verdict, found.rule) == ("INCONCLUSIVE", "PRB025")
    assert [gate.name for gate in found.gates] == ["CAPPED"]
    assert verdict(capped_share=0.5) == "HELPS"
    assert verdict(**mirrored(), stage="screen", capped_share=0.5) == "UNCLEAR"


def test_a_small_effect_does_not_help() -> None:
    assert verdict(delta=0.06) == "INCONCLUSIVE"
    assert verdict(delta=0.08) == "INCONCLUSIVE"


def test_no_difference_is_said_at_the_last_look_only() -> None:
    assert verdict(delta=0.08, last_look=True) == "NO_MEASURABLE_DIFFERENCE"
    assert verdict(delta=0.06, last_look=True) == "INCONCLUSIVE"


def test_inconclusive_says_what_would_settle_it() -> None:
    found = judged(BOOK, {**ARM, "low": -0.02, "seeds_needed": 40}, {})
    assert (found.verdict, found.rule) == ("INCONCLUSIVE", "PRB026")
    assert found.reason.endswith("About 40 seeds would settle it")
    few = judged(BOOK, {**ARM, "low": -0.02, "examples_needed": 4000, "example_se": 0.01}, {})
    assert (few.verdict, few.rule, [gate.name for gate in few.gates]) == ("INCONCLUSIVE", "PRB027", ["TOO_FEW_DATA"])


def test_what_was_not_measured_gives_no_verdict_but_a_reason() -> None:
    nothing = Unknown("1 of 4 runs have no finite loss")
    found = judged(BOOK, {**ARM, **dict.fromkeys(("effect", "low", "high", "seeds_needed"), nothing), "seeds": 4}, {})
    assert found.verdict == "INCONCLUSIVE"
    assert found.reason == "no effect can be told (pairs of runs: 4): 1 of 4 runs have no finite loss"
    assert "PRB021" in {each.rule for each in found.unjudged}
    assert verdict(effect=nothing, low_80=nothing, high_80=nothing, stage="screen") == "UNCLEAR"


@pytest.mark.parametrize("stage", ["screen", "rate"])
def test_screening_says_how_it_looks(stage: str) -> None:
    assert verdict(stage=stage) == "LOOKS_BETTER"
    assert verdict(**{**mirrored(), "stage": stage}) == "LOOKS_WORSE"
    assert verdict(stage=stage, low_80=-0.01) == "UNCLEAR"


def test_a_gate_of_the_study_that_ends_leaves_no_verdict() -> None:
    gate = Gate("NO_OVERFIT_IN_BUDGET", "too short", "PRB004", ends=True)
    found = judged(BOOK, ARM, {}, [gate])
    assert (found.verdict, found.rule) == ("INCONCLUSIVE", "PRB004")
    assert found.reason == "NO_OVERFIT_IN_BUDGET: too short"
    assert judged(BOOK, {**ARM, "stage": "screen"}, {}, [gate]).verdict == "UNCLEAR"
    assert judged(BOOK, ARM, {}, [Gate("TOO_FEW_DATA", "few", "PRB007")]).verdict == "HELPS"


def test_an_arm_that_mostly_diverged_has_no_verdict() -> None:
    assert judged(BOOK, {**ARM, "diverged_share": 0.5}, {}).verdict == "INCONCLUSIVE"
    assert gates(ARM, diverged_share=0.25) == [("DIVERGED", False)]
    assert verdict(diverged_share=0.25) == "HELPS"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"one_batch_finite": False}, ("BROKEN_TRAINING", True)),
        ({"one_batch_ratio": 0.95, "one_batch_falling": False}, ("BROKEN_TRAINING", True)),
        ({"train_loss_ratio": 0.97, "gap": 0.01}, ("UNDERFIT_BASELINE", True)),
        ({**SHORT, "train_loss_ratio": 0.97, "gap": 0.2}, ("UNDERFIT_BASELINE", True)),
        ({**SHORT, "train_loss_ratio": 0.43, "gap": 0.8}, ("NO_OVERFIT_IN_BUDGET", True)),
        ({**SHORT, "train_loss_ratio": 0.82, "gap": 0.2}, ("NO_OVERFIT_IN_BUDGET", True)),
        ({**SHORT, "steps_needed": None}, ("NO_OVERFIT_IN_BUDGET", True)),
        ({**SHORT, "train_loss_ratio": Unknown("no constant prediction")}, ("NO_OVERFIT_IN_BUDGET", True)),
        ({"best_inside_share": 0.5}, ("NO_OVERFIT_IN_BUDGET", True)),
        ({"rise": 0.05, "gap": 0.05}, ("NO_OVERFIT_IN_BUDGET", True)),
        ({"example_se": 0.02}, ("TOO_FEW_DATA", False)),
        ({"replicate_sd": 0.02}, ("NONDETERMINISTIC", False)),
        ({"eval_leak": 0.2}, ("EVAL_MODE_LEAK", True)),
        ({"duplicate_share": 0.01}, ("LEAKY_SPLIT", False)),
        ({"diverged_share": 0.25}, ("DIVERGED", False)),
        ({"diverged_share": 0.75}, ("DIVERGED", True)),
        ({"crashed_share": 0.25}, ("CRASHED", False)),
    ],
)
def test_one_fault_of_a_study_is_one_gate(changes: dict[str, Fact], expected: tuple[str, bool]) -> None:
    assert gates(STUDY, **changes) == [expected]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"pairing": 0.1}, ("PAIRING_LOST", False)),
        ({"other_high": -0.005}, ("METRIC_CONFLICT", False)),
        ({"upstream_of_batchnorm": True, "bn_shift": 2.4}, ("BN_SHIFT", False)),
        ({"capped_share": 0.5}, ("CAPPED", False)),
        ({"crashed_share": 0.25}, ("CRASHED", False)),
        ({"examples_needed": 4000}, ("TOO_FEW_DATA", False)),
    ],
)
def test_one_fault_of_an_arm_is_one_gate(changes: dict[str, Fact], expected: tuple[str, bool]) -> None:
    assert gates(ARM, **changes) == [expected]


def test_a_gap_without_a_rise_is_something_to_cure() -> None:
    assert gates(STUDY, rise=0.05) == []


def test_a_budget_too_short_says_how_many_steps() -> None:
    (gate,) = gates_of(BOOK, {**STUDY, **SHORT}, {})
    assert "calls for at least 300 steps" in gate.message


def test_thresholds_can_be_changed() -> None:
    facts = {**STUDY, "train_loss_ratio": 0.85, "gap": 0.01}
    assert [gate.name for gate in gates_of(BOOK, facts, {})] == ["UNDERFIT_BASELINE"]
    assert gates_of(BOOK, facts, {"PRB003": {"hardly": 0.9}}) == ()
    assert setting(BOOK, {}, *SHARE) == 0.5
    assert setting(BOOK, {"PRB021": {"share": 0.25}}, *SHARE) == 0.25


def _value(name: str) -> st.SearchStrategy[Fact]:
    field = PROBE[name]
    if field.values:
        values: st.SearchStrategy[Fact] = st.sampled_from(field.values)
    else:
        numbers = st.one_of(st.floats(-2, 2), st.just(math.nan), st.just(math.inf), st.integers(0, 20))
        values = {"number": numbers, "bool": st.booleans(), "text": st.just("loss")}[field.type]
    return st.one_of(values, values, st.none(), st.just(Unknown("not measured")))


ANYTHING: st.SearchStrategy[dict[str, Fact]] = st.fixed_dictionaries(
    {}, optional={name: _value(name) for name in PROBE}
)


@given(ANYTHING, st.sampled_from(["screen", "rate", "confirm"]))
@settings(deadline=None, max_examples=150)
def test_every_arm_has_exactly_one_verdict_that_its_stage_may_give(facts: dict[str, Fact], stage: str) -> None:
    found = judged(BOOK, {**facts, "stage": stage}, {})
    decided = {"HELPS", "HURTS", "NO_MEASURABLE_DIFFERENCE", "INCONCLUSIVE"}
    allowed = decided if stage == "confirm" else {"LOOKS_BETTER", "LOOKS_WORSE", "UNCLEAR"}
    assert found.verdict in allowed
    assert found.reason
    assert found.rule in BOOK.compiled
    if any(gate.ends for gate in found.gates):
        assert found.verdict in ("INCONCLUSIVE", "UNCLEAR")


@given(ANYTHING)
@settings(deadline=None, max_examples=50)
def test_whatever_the_stage_there_is_a_verdict(facts: dict[str, Fact]) -> None:
    assert judged(BOOK, facts, {}).verdict in get_args(Verdict)


@given(st.floats(-1, 1), st.floats(0, 1), st.floats(0, 0.5), st.booleans())
@settings(deadline=None, max_examples=100)
def test_no_verdict_contradicts_the_interval(effect: float, half: float, delta: float, last: bool) -> None:
    facts = {**ARM, "effect": effect, "low": effect - half, "high": effect + half, "delta": delta, "last_look": last}
    facts |= {"low_90": effect - half / 2, "high_90": effect + half / 2}
    found = judged(BOOK, facts, {}).verdict
    assert (found == "HELPS") == (effect > delta and effect > half)
    assert (found == "HURTS") == (effect < -delta and effect < -half)
    inside = -delta < effect - half / 2 and effect + half / 2 < delta
    assert (found == "NO_MEASURABLE_DIFFERENCE") == (last and inside)


def test_a_book_without_probe_rules_leaves_it_open() -> None:
    empty = load_rules([rules_directory() / "budget.yaml"])
    found = judged(empty, ARM, {})
    assert (found.verdict, found.rule, found.gates) == ("INCONCLUSIVE", "", ())
    assert judged(empty, {**ARM, "stage": "screen"}, {}).verdict == "UNCLEAR"
    assert judged(BOOK, STUDY, {}).verdict == "NOT_RUN"
