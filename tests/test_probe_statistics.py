"""What the statistics of probes promise, by simulation; benchmarks/probe_statistics.py has the full tables."""

from __future__ import annotations

import pytest

from benchmarks.probe_statistics import SHARES, chosen_alarms, coverage, false_alarms
from benchmarks.probe_studies import NULLS, Nature, verdicts
from netadvise.probe.statistics import look_level


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [3, 8])
def test_intervals_hold_the_truth_and_those_over_seeds_alone_do_not(seeds: int) -> None:
    found = coverage(200, "heavy (t3)", seeds, 50)
    assert min(found["Banerjee (netadvise)"].values()) >= 0.9
    assert found["seeds alone"]["mostly examples"] < 0.8


@pytest.mark.slow
def test_three_looks_cost_no_more_than_one_test() -> None:
    assert false_alarms(500, "normal", 40, SHARES["seeds"], look_level(3)) <= 0.07
    assert false_alarms(500, "normal", 40, SHARES["seeds"], 0.05) > 0.07


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["identical arms, paired", "identical arms, unpaired", "helps some examples, hurts others"]
)
def test_identical_arms_are_hardly_ever_told_apart(name: str) -> None:
    ended, _ = verdicts(50, NULLS[name], seed=1)
    assert ended["HELPS"] + ended["HURTS"] <= 3
    assert sum(ended.values()) == 50


@pytest.mark.slow
def test_a_large_effect_is_found_with_few_seeds() -> None:
    ended, seeds = verdicts(20, Nature(effect=1.5), seed=1)
    assert ended["HELPS"] >= 18
    assert seeds < 8


@pytest.mark.slow
def test_the_luckiest_of_many_arms_does_not_pass_for_a_good_one() -> None:
    assert chosen_alarms(150, arms=15, fortune=12.0, among=1) > 0.05
    assert chosen_alarms(150, arms=15, fortune=12.0, among=15) <= 0.05
