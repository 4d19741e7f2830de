"""Processes that train: the same runs, whatever happens to them."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from netadvise.errors import InternalError, TargetError, WorkerError
from netadvise.probe import pool_memory
from netadvise.probe.execute import Done, Group
from netadvise.probe.pool import LocalPool
from netadvise.probe.pool_deaths import ATTEMPTS
from netadvise.probe.pool_nursery import Nursery
from netadvise.probe.pool_processes import Serve
from netadvise.probe.spec import Failure, RunSpec
from tests.probe.executors import SPECS, finished, received, results, serve, train


def broken(channel: Connection, folder: str, device: str | None) -> None:
    channel.send(("broken", TargetError("there is no data.py", where="data.py:1", hint="Write one.").to_json()))


def unready(channel: Connection, folder: str, device: str | None) -> None:
    os._exit(7)


def nonsense(channel: Connection, folder: str, device: str | None) -> None:
    channel.send(("broken", "?"))


def unready_once(channel: Connection, folder: str, device: str | None) -> None:
    """The first two processes end before they are ready."""
    for name in ("one", "two"):
        try:
            Path(folder, name).mkdir()
        except FileExistsError:
            continue
        os._exit(9)
    serve(channel, folder)


def path_of(channel: Connection, folder: str, device: str | None) -> None:
    """Writes down where it looks for imports."""
    Path(folder, "path").write_text("\n".join(sys.path))
    serve(channel, folder)


@pytest.mark.slow
def test_runs_that_go_wrong_leave_the_others_alone(tmp_path: Path) -> None:
    """One kills its process once, one each process that it meets, one hangs, one raises; the last one is sound."""
    specs = [*SPECS, RunSpec((), 4, 20, 30)]
    for seed, fault in enumerate(["killed once", "crashes", "hung", "raises"]):
        (tmp_path / f"fault{seed}").write_text(fault)
    pool = LocalPool(serve, str(tmp_path), 2, silence=20.0)
    pool_start = time.monotonic()
    for spec in specs:
        pool.submit((spec,))
    over = {done.spec.seed: done.failure for done in finished(pool, 5)}
    pool.close()
    assert over[0] is None and over[4] is None
    assert over[3] == Failure("no", "net.py:3")
    crashed, hung = over[1], over[2]
    told = f"the process that trained it ended {ATTEMPTS} times (exit code 11)"
    assert crashed == Failure(told, kind="killed", attempts=3)
    assert hung is not None and hung.message == "no sign of life for 20 s: stopped"
    assert time.monotonic() - pool_start < 100
    alone = tmp_path / "alone"
    train(str(alone), SPECS[0])
    assert results(alone)[SPECS[0].id("key")] == results(tmp_path)[SPECS[0].id("key")]


def nursed(folder: Path, workers: int, serving: Serve = serve, devices: Sequence[str] = (), **given: Any) -> LocalPool:
    """A pool whose processes begin at once."""
    return LocalPool(serving, str(folder), workers, devices=devices, nursery=Nursery(serving), **given)


@pytest.mark.slow
def test_cancelling_ends_what_is_running_and_the_pool_goes_on(tmp_path: Path) -> None:
    (tmp_path / "fault0").write_text("hung")
    pool = nursed(tmp_path, 1)
    pool.submit((SPECS[0],))
    while not any(worker.group for worker in pool._workers):
        pool.poll(0.2)
    pool.cancel()
    pool.submit((SPECS[1],))
    assert finished(pool, 1) == [Done(SPECS[1])]
    processes = [worker.started.pid for worker in pool._workers]
    pool.close()
    assert processes and not any(Path(f"/proc/{process}").exists() for process in processes)


@pytest.mark.slow
def test_a_group_that_took_its_process_down_twice_is_trained_run_by_run(tmp_path: Path) -> None:
    (tmp_path / "fault1").write_text("crashes")
    pool = nursed(tmp_path, 1)
    pool.submit((SPECS[0], SPECS[1], SPECS[2]))
    over = {done.spec: done.failure for done in finished(pool, 3)}
    pool.close()
    assert over[SPECS[0]] is None and over[SPECS[2]] is None
    crashed = over[SPECS[1]]
    assert crashed is not None and crashed.attempts == ATTEMPTS


def leaking(channel: Connection, folder: str, device: str | None) -> None:
    """Keeps what each group took: as many bytes as the device says."""
    kept = []
    for _ in groups(channel, folder):
        kept.append(b"x" * int(device or 0))


def groups(channel: Connection, folder: str) -> Iterator[Group]:
    """The groups that arrive; each is done when the next one is asked for. The process leaves its number."""
    for group in received(channel):
        with Path(folder, "processes").open("a") as stream:
            stream.write(f"{os.getpid()}\n")
        yield group
        channel.send(("done", (None,) * len(group)))


@pytest.mark.slow
@pytest.mark.parametrize(("leak", "processes"), [(1 << 20, 1), (250 << 20, 2)])
def test_a_process_that_leaks_is_replaced_and_one_that_does_not_is_kept(
    tmp_path: Path, leak: int, processes: int
) -> None:
    # not forked from this process, which is large itself: growth counts as a share, too
    pool = LocalPool(leaking, str(tmp_path), 1, devices=(str(leak),))
    for spec in SPECS:
        pool.submit((spec,))
    assert [done.failure for done in finished(pool, 4)] == [None] * 4
    pool.close()
    served = (tmp_path / "processes").read_text().splitlines()
    # 250 MB after the first group, 500 after the second, 750 after the third: that is too much
    assert served == sorted(served, key=served.index) and len(set(served)) == processes


def starving(channel: Connection, folder: str, device: str | None) -> None:
    """The kernel ends a process while two are at work, and says so; one alone is well."""
    for group in groups(channel, folder):
        mine = Path(folder, f"at work {os.getpid()}")
        mine.touch()
        time.sleep(1.0)
        if len(list(Path(folder).glob("at work *"))) > 1 or group[0].seed == 3:
            mine.unlink()
            with Path(folder, "vmstat").open("r+") as stream:
                count = int(stream.read().split()[1]) + 1
                stream.seek(0)
                stream.write(f"oom_kill {count}\n")
            os.kill(os.getpid(), signal.SIGKILL)
        mine.unlink()


@pytest.mark.slow
def test_where_memory_runs_out_fewer_processes_go_on_and_only_one_that_was_alone_is_blamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "vmstat").write_text("oom_kill 7\n")
    monkeypatch.setattr(pool_memory, "_KERNEL", str(tmp_path / "vmstat"))
    said: list[str] = []
    pool = nursed(tmp_path, 2, starving, say=said.append)
    for spec in SPECS:
        pool.submit((spec,))
    over = {done.spec.seed: done.failure for done in finished(pool, 4)}
    assert pool.room == 1
    pool.close()
    assert said == ["memory ran out: 1 of 2 training processes from now on"]
    assert [over[seed] for seed in range(3)] == [None] * 3
    told = f"the process that trained it ended {ATTEMPTS} times (it took all the memory that there is)"
    assert over[3] == Failure(told, kind="memory", attempts=ATTEMPTS)


def cramped(channel: Connection, folder: str, device: str | None) -> None:
    """A device that has room for one run only; the one of seed 3 is too large for it at any time."""
    channel.send(("ready", None))
    while True:
        try:
            group = channel.recv()
        except (EOFError, OSError):
            return
        mine = Path(folder, f"on {device} {os.getpid()}")
        mine.touch()
        time.sleep(0.5)
        full = len(list(Path(folder).glob(f"on {device} *"))) > 1 or group[0].seed == 3
        time.sleep(0.5)
        mine.unlink()
        channel.send(("done", (Failure("out of memory", kind="memory") if full else None,)))


@pytest.mark.slow
def test_what_finds_too_little_room_on_a_device_is_tried_again_alone(tmp_path: Path) -> None:
    said: list[str] = []
    pool = nursed(tmp_path, 4, cramped, devices=("cpu:0", "cpu:1"), say=said.append)
    for spec in SPECS:
        pool.submit((spec,))
    over = {done.spec.seed: done.failure for done in finished(pool, 4)}
    pool.close()
    assert over == {0: None, 1: None, 2: None, 3: Failure("out of memory", kind="memory")}
    assert sorted(said) == [f"memory ran out on cpu:{at}: 1 of 2 training processes from now on" for at in range(2)]


def placed(channel: Connection, folder: str, device: str | None) -> None:
    """Leaves the device of each process, and dies of the first run."""
    for _ in groups(channel, folder):
        with Path(folder, f"on {device}").open("a") as stream:
            stream.write(f"{os.getpid()}\n")
        time.sleep(0.5)
        if not Path(folder, "died").exists():
            Path(folder, "died").touch()
            os._exit(1)


@pytest.mark.slow
def test_processes_are_spread_over_the_devices_and_one_that_died_is_replaced_on_its_own(tmp_path: Path) -> None:
    pool = nursed(tmp_path, 2, placed, devices=("cuda:0", "cuda:1"))
    for spec in SPECS:
        pool.submit((spec,))
    assert {done.failure for done in finished(pool, 4)} == {None}
    pool.close()
    served = [set((tmp_path / f"on cuda:{at}").read_text().split()) for at in range(2)]
    assert sorted(len(each) for each in served) == [1, 2]


@pytest.mark.slow
def test_a_pool_goes_on_without_its_nursery(tmp_path: Path) -> None:
    (tmp_path / "fault0").write_text("hung")
    nursery = Nursery(serve)
    pool = LocalPool(serve, str(tmp_path), 1, nursery=nursery)
    pool.submit((SPECS[0],))
    while not any(worker.group for worker in pool._workers):
        pool.poll(0.2)
    os.kill(nursery.pid, signal.SIGKILL)
    (tmp_path / "fault0").unlink()
    os.kill(pool._workers[0].started.pid, signal.SIGKILL)
    assert finished(pool, 1) == [Done(SPECS[0])]
    pool.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("serving", "kind", "message"),
    [
        (broken, TargetError, "there is no data.py"),
        (unready, WorkerError, r"ended before it was ready \(exit code 7\)"),
        (nonsense, InternalError, "said something that is no error"),
    ],
)
def test_what_keeps_every_process_from_starting_is_raised_once(
    tmp_path: Path, serving: object, kind: type[Exception], message: str
) -> None:
    pool = LocalPool(serving, str(tmp_path), 2)  # type: ignore[arg-type]
    with pytest.raises(kind, match=message):
        pool.submit((SPECS[0],))
        finished(pool, 1)
    pool.close()
    assert pool._workers == []


@pytest.mark.slow
def test_a_process_that_dies_while_it_starts_is_no_end_of_the_study(tmp_path: Path) -> None:
    pool = LocalPool(unready_once, str(tmp_path), 2)
    for spec in SPECS[:2]:
        pool.submit((spec,))
    assert {done.failure for done in finished(pool, 2)} == {None}
    pool.close()


@pytest.mark.slow
def test_the_users_folders_do_not_stand_before_pythons_in_a_process_that_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "queue.py").write_text("raise SystemExit('not this one')")
    monkeypatch.syspath_prepend(str(tmp_path))
    before = list(sys.path)
    pool = LocalPool(path_of, str(tmp_path), 1)
    pool.submit((SPECS[0],))
    assert finished(pool, 1) == [Done(SPECS[0])]
    pool.close()
    assert str(tmp_path) not in (tmp_path / "path").read_text().splitlines()
    assert sys.path == before
