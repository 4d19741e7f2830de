"""A study on a simulated cluster comes to what a plain loop comes to; benchmarks/cluster has the tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.cluster.conditions import Conditions
from benchmarks.cluster.nature import Nature
from benchmarks.cluster.recorded import FILE, RATES, recorded
from benchmarks.cluster.simulation import ideal, inline, simulated, told
from netadvise.probe.spec import RunSpec

ARMS, SECONDS = 6, 60.0
SOUND = Conditions(workers=20, arms=ARMS, run_seconds=SECONDS, driver=0.005)
FAULTS = {
    "a worker fails every two minutes": {"between_failures": 120.0, "repair": 60.0},
    "and no states are kept": {"between_failures": 120.0, "repair": 60.0, "saved_every": None},
    "slow workers": {"slow_share": 0.3, "copies_after": 1.5},
    "long runs": {"tail_share": 0.2, "copies_after": 2.0},
    "everything": {"between_failures": 200.0, "slow_share": 0.3, "tail_share": 0.2, "copies_after": 1.5},
    "files are far away": {"file_seconds": 0.05, "intake": 0.1},
}


def test_recorded_runs_are_few_and_of_every_kind() -> None:
    assert FILE.stat().st_size < 200_000
    assert {rate: len(runs) for rate, runs in recorded().items()} == dict.fromkeys((None, *RATES), 8)


def test_what_a_run_takes_is_the_same_for_whoever_asks() -> None:
    specs = [RunSpec((), seed, 200, 1000) for seed in range(8)]
    seconds = [Nature(SECONDS).seconds(spec) for spec in specs]
    assert seconds == [Nature(SECONDS).seconds(spec) for spec in specs]
    assert len(set(seconds)) == 8 and all(SECONDS / 2 < each < 2 * SECONDS for each in seconds)


@pytest.mark.parametrize("workers", [1, 3, 1000])
def test_without_failures_nothing_is_wasted_and_nothing_is_faster_than_it_can_be(workers: int) -> None:
    found, best = simulated(replace(SOUND, workers=workers, ahead=False)), ideal(ARMS, SECONDS)
    assert found.told == inline(SOUND)
    assert not any(found.wasted.values())
    assert set(found.finished) == best.needed
    assert best.makespan(workers) < found.makespan < 2 * best.makespan(workers)


def test_looking_ahead_changes_no_verdict_and_only_idle_workers_pay_for_it() -> None:
    alone, many = simulated(replace(SOUND, workers=1)), simulated(SOUND)
    best = ideal(ARMS, SECONDS)
    assert alone.told == many.told == inline(SOUND)
    assert set(alone.finished) == best.needed <= set(many.finished)
    assert best.work / SOUND.workers < many.makespan < simulated(replace(SOUND, ahead=False)).makespan


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("seed", [0, 1])
def test_whatever_goes_wrong_no_run_is_lost_and_the_verdict_is_the_same(name: str, seed: int) -> None:
    given = replace(SOUND, seed=seed, ahead=False, **FAULTS[name])  # type: ignore[arg-type]
    found, best = simulated(given), ideal(ARMS, SECONDS)
    assert found.told == inline(SOUND)
    assert set(found.finished) == best.needed
    assert found.makespan > best.makespan(given.workers)
    assert (found.wasted["failures"] > 0) == (given.between_failures < float("inf"))
    assert simulated(replace(given, ahead=True)).told == found.told


def test_states_save_training_and_copies_save_time() -> None:
    failing = replace(SOUND, between_failures=120.0, repair=60.0)
    kept, lost = simulated(failing), simulated(replace(failing, saved_every=None))
    assert kept.wasted["failures"] < lost.wasted["failures"]
    late = replace(SOUND, tail_share=0.2, ahead=False)
    assert simulated(replace(late, copies_after=2.0)).makespan < simulated(late).makespan


def test_a_simulation_repeats_itself_and_the_driver_costs_what_it_is_said_to() -> None:
    given = replace(SOUND, between_failures=300.0, slow_share=0.2)
    assert simulated(given) == simulated(given)
    assert simulated(given).makespan != simulated(replace(given, seed=1)).makespan
    one_by_one = replace(SOUND, workers=1, driver=0.0)
    slower = simulated(replace(one_by_one, driver=1.0))
    assert slower.driver_seconds == pytest.approx(len(slower.finished) + 1)
    assert simulated(one_by_one).makespan < slower.makespan
    assert simulated(replace(one_by_one, driver=None)).driver_seconds > 0


def test_a_ledger_on_disk_says_what_the_one_in_memory_says(tmp_path: Path) -> None:
    on_disk = simulated(SOUND, tmp_path / "study")
    assert told(on_disk.study) == inline(SOUND)
    assert len(list((tmp_path / "study").glob("runs/*/arrays.npz"))) == len(on_disk.finished)
