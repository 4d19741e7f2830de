"""Tasks of a Ray cluster that train: the same runs, whatever happens to them."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from netadvise.errors import TargetError, UsageError
from netadvise.probe import ray_stragglers, train
from netadvise.probe.execute import Done, Tell, Trained, one_by_one
from netadvise.probe.ledger import Ledger
from netadvise.probe.pool_deaths import ATTEMPTS
from netadvise.probe.ray_cluster import Needs, Node
from netadvise.probe.ray_work import Assignment, Order, Report, performed
from netadvise.probe.spec import Failure, RunSpec
from tests.probe import executors
from tests.probe.executors import SPECS, finished, ray_pool, results

pytest.importorskip("ray")

LONG = RunSpec((), 0, 60, 60)


def broken(order: Order, assignment: Assignment, keeper: object) -> Report:
    def opened() -> Callable[[Ledger], Trained]:
        raise TargetError("there is no data.py", where="data.py:1", hint="Write one.")

    return performed(order, assignment, keeper, opened)


def nothing(order: Order, assignment: Assignment, keeper: object) -> Report:
    """Every run fails at once."""
    return performed(order, assignment, keeper, lambda: lambda _: one_by_one(lambda *_: Failure("no")))


def dies_on_the_way(order: Order, assignment: Assignment, keeper: object) -> Report:
    """Keeps a state at every look, and ends its process at a later step each time, twice."""
    train._SAVE_SECONDS = 0.0

    def trains(ledger: Ledger) -> Trained:
        def run(spec: RunSpec, tell: Tell) -> None:
            def told(step: int) -> None:
                tell(step)
                for limit in (20, 40):
                    if step > limit and not (mark := Path(order.folder, f"died{limit}")).exists():
                        mark.touch()
                        time.sleep(1.5)
                        os.kill(os.getpid(), signal.SIGKILL)

            executors.train(order.folder, spec, ledger, told)

        return one_by_one(run)

    return performed(order, assignment, keeper, lambda: trains)


def slow_at_first(order: Order, assignment: Assignment, keeper: object) -> Report:
    """The first attempt at the last run never ends."""

    def trains(ledger: Ledger) -> Trained:
        def run(spec: RunSpec, tell: Tell) -> None:
            mark = Path(order.folder, "begun")
            if spec == SPECS[3] and not mark.exists():
                mark.touch()
                time.sleep(600)
            executors.train(order.folder, spec, ledger, tell)

        return one_by_one(run)

    return performed(order, assignment, keeper, lambda: trains)


def stuck_on_the_way(order: Order, assignment: Assignment, keeper: object) -> Report:
    """Makes its looks known, and never ends."""

    def trains(ledger: Ledger) -> Trained:
        def run(spec: RunSpec, tell: Tell) -> None:
            def told(step: int) -> None:
                tell(step)
                if step > 20:
                    time.sleep(1.5)
                    tell(step)
                    time.sleep(600)

            executors.train(order.folder, spec, ledger, told)

        return one_by_one(run)

    return performed(order, assignment, keeper, lambda: trains)


@pytest.mark.parametrize(
    ("needs", "node", "count"),
    [
        (Needs(), Node("a", "a", 4, 0), 4),
        (Needs(), Node("a", "a", 0, 1), 0),
        (Needs(1.0, 0.25), Node("a", "a", 16, 0), 0),
        (Needs(1.0, 0.25), Node("a", "a", 16, 2), 8),
        (Needs(1.0, 0.25), Node("a", "a", 3, 2), 3),
        (Needs(1.0, 0.4), Node("a", "a", 16, 1), 2),
        (Needs(1.0, 1.0), Node("a", "a", 16, 8), 8),
    ],
)
def test_how_many_runs_a_node_has_room_for(needs: Needs, node: Node, count: int) -> None:
    assert needs.fit(node) == count


@pytest.mark.slow
@pytest.mark.parametrize("shared", [True, False])
def test_runs_that_go_wrong_leave_the_others_alone(tmp_path: Path, shared: bool) -> None:
    """One kills its process once, one each process that it meets, one hangs, one raises; the last one is sound."""
    specs = [*SPECS, RunSpec((), 4, 20, 30)]
    for seed, fault in enumerate(["killed once", "killed", "hung", "raises"]):
        (tmp_path / f"fault{seed}").write_text(fault)
    pool = ray_pool(tmp_path, shared=shared, silence=15.0)
    pool.submit((specs[0], specs[4]))
    for spec in specs[1:4]:
        pool.submit((spec,))
    over = {done.spec.seed: done.failure for done in finished(pool, 5)}
    pool.close()
    assert over[0] is None and over[4] is None
    assert over[3] == Failure("no", "net.py:3")
    killed, hung = over[1], over[2]
    told = f"the process that trained it ended, {ATTEMPTS} times"
    assert killed == Failure(told, kind="killed", attempts=ATTEMPTS)
    assert hung is not None and hung.message == "no sign of life for 15 s: stopped"
    executors.train(str(tmp_path / "alone"), SPECS[0])
    assert results(tmp_path / "alone")[SPECS[0].id("key")] == results(tmp_path)[SPECS[0].id("key")]


@pytest.mark.slow
@pytest.mark.parametrize("shared", [True, False])
def test_a_run_goes_on_from_its_last_state_in_another_process(tmp_path: Path, shared: bool) -> None:
    pool = ray_pool(tmp_path, shared=shared, what=dies_on_the_way)
    pool.submit((LONG,))
    assert finished(pool, 1) == [Done(LONG)]
    pool.close()
    assert (tmp_path / "died20").exists() and (tmp_path / "died40").exists()
    executors.train(str(tmp_path / "alone"), LONG)
    one, other = (Ledger(folder, "key").result(LONG) for folder in (tmp_path, tmp_path / "alone"))
    assert one is not None and other is not None
    assert one.losses.tolist() == other.losses.tolist() and one.numbers.curve == other.numbers.curve
    (looked,) = tmp_path.glob("runs/*/metrics.jsonl")
    steps = [json.loads(line)["step"] for line in looked.read_text().splitlines()]
    schedule = train.looks(60)
    assert sorted(set(steps)) == schedule
    assert len(steps) - len(schedule) <= 4, steps


@pytest.mark.slow
def test_where_looks_can_no_longer_be_kept_the_run_fails_for_the_disk(tmp_path: Path) -> None:
    pool = ray_pool(tmp_path, shared=False, what=stuck_on_the_way)
    (tmp_path / "runs").write_text("a file, so no run can have its folder")
    pool.submit((LONG,))
    (done,) = finished(pool, 1)
    assert done.spec == LONG and done.failure is not None and done.failure.kind == "disk"
    assert pool._flights == {}
    pool.close()


@pytest.mark.slow
def test_cancelling_ends_what_is_running_and_the_pool_goes_on(tmp_path: Path) -> None:
    (tmp_path / "fault0").write_text("hung")
    pool = ray_pool(tmp_path)
    pool.submit((SPECS[0],))
    until = time.monotonic() + 60
    while not any(flight.began for flight in pool._flights.values()) and time.monotonic() < until:
        pool.poll(0.5)
    pool.cancel()
    assert pool.room == 2
    pool.submit((SPECS[1],))
    assert finished(pool, 1) == [Done(SPECS[1])]
    pool.close()


@pytest.mark.slow
def test_a_node_that_cannot_begin_is_one_error_that_names_it(tmp_path: Path) -> None:
    pool = ray_pool(tmp_path, what=broken)
    pool.submit((SPECS[0],))
    with pytest.raises(TargetError, match=r"there is no data.py") as caught:
        finished(pool, 1)
    assert caught.value.where == "data.py:1" and caught.value.notes[0].startswith("on the node ")
    pool.close()


@pytest.mark.slow
def test_a_node_with_other_versions_trains_nothing(tmp_path: Path) -> None:
    pool = ray_pool(tmp_path, versions={"torch": "1.0"})
    pool.submit((SPECS[0],))
    with pytest.raises(UsageError, match="1 node of the cluster has other versions"):
        finished(pool, 1)
    assert results(tmp_path) == {}
    pool.close()


@pytest.mark.slow
def test_a_group_that_never_ends_is_begun_once_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_stragglers, "_LEAST_SECONDS", 3.0)
    pool = ray_pool(tmp_path, what=slow_at_first)
    for spec in (SPECS[3], *SPECS[:3]):
        pool.submit((spec,))
    assert {done.spec for done in finished(pool, 4)} == set(SPECS)
    assert len(results(tmp_path)) == 4 and pool._flights == {}
    pool.close()


@pytest.mark.slow
def test_a_long_queue_is_given_to_the_cluster_bit_by_bit(tmp_path: Path) -> None:
    pool = ray_pool(tmp_path, what=nothing)
    for seed in range(300):
        pool.submit((RunSpec((), seed, 20, 30),))
    assert pool.room == 0
    over: list[Done] = []
    while len(over) < 300:
        assert len(pool._flights) <= 4
        over += pool.poll(1.0)
    assert sorted(done.spec.seed for done in over) == list(range(300))
    assert pool.room == 2
    pool.close()
