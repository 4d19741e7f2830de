"""A study on a simulated cluster: whatever goes wrong there, it comes to the same, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.cluster.conditions import Conditions
from benchmarks.cluster.simulation import ideal, inline, simulated
from benchmarks.cluster.tables import unneeded

SOUND = Conditions(workers=30, arms=6, driver=0.001)
STAGED = replace(SOUND, ahead=False)
WRONG = {
    "nothing": {},
    "failures": {"between_failures": 900.0},
    "failures, no states": {"between_failures": 900.0, "saved_every": None},
    "slow workers": {"slow_share": 0.2, "copies_after": 1.5},
    "delays": {"tail_share": 0.1, "copies_after": 2.0},
    "everything": {"between_failures": 1200.0, "slow_share": 0.2, "tail_share": 0.1, "copies_after": 1.5},
}


def test_a_cluster_where_nothing_goes_wrong_wastes_nothing_and_is_no_faster_than_can_be() -> None:
    found, best = simulated(STAGED), ideal(SOUND.arms, SOUND.run_seconds)
    assert found.wasted == {} and unneeded(found) == 0
    assert set(found.finished) == best.needed
    assert best.makespan(SOUND.workers) <= found.makespan < 1.1 * best.makespan(SOUND.workers)


def test_one_worker_takes_as_long_as_all_its_runs() -> None:
    found, best = simulated(replace(STAGED, workers=1)), ideal(SOUND.arms, SOUND.run_seconds)
    assert best.work <= found.makespan < 1.05 * best.work


def test_looking_ahead_is_faster_and_costs_what_is_not_needed() -> None:
    ahead, staged = simulated(SOUND), simulated(STAGED)
    assert ahead.makespan < 0.8 * staged.makespan
    assert ahead.told == staged.told
    assert unneeded(ahead) > 0


@pytest.mark.parametrize("ahead", [True, False])
@pytest.mark.parametrize("wrong", WRONG)
def test_whatever_goes_wrong_the_study_is_the_same_and_no_run_is_lost(wrong: str, ahead: bool) -> None:
    given = replace(SOUND, ahead=ahead, **WRONG[wrong])  # type: ignore[arg-type]
    found = simulated(given)
    assert found.told == inline(given)
    assert ideal(given.arms, given.run_seconds).needed <= set(found.finished)
    assert bool(found.wasted.get("failures")) == ("between_failures" in WRONG[wrong])


def test_states_that_are_kept_save_what_failures_cost() -> None:
    """Of one seed they need not: another worker may fail then."""
    given = [replace(STAGED, between_failures=600.0, seed=seed) for seed in range(4)]
    kept = sum(simulated(each).wasted["failures"] for each in given)
    assert kept < 0.5 * sum(simulated(replace(each, saved_every=None)).wasted["failures"] for each in given)


def test_it_repeats_itself_and_a_ledger_on_disk_changes_nothing(tmp_path: Path) -> None:
    given = replace(SOUND, between_failures=900.0, slow_share=0.2)
    first = simulated(given)
    assert (simulated(given).makespan, simulated(given, tmp_path).told) == (first.makespan, first.told)
