"""Processes that train: the same runs, whatever happens to them."""

from __future__ import annotations

import os
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from netadvise.errors import InternalError, TargetError, WorkerError
from netadvise.probe.execute import Done
from netadvise.probe.pool import ATTEMPTS, LocalPool, told
from netadvise.probe.spec import Failure, RunSpec
from tests.probe.executors import SPECS, finished, results, serve, train


def broken(channel: Connection, folder: str) -> None:
    channel.send(("broken", TargetError("there is no data.py", where="data.py:1", hint="Write one.").to_json()))


def unready(channel: Connection, folder: str) -> None:
    os._exit(7)


def nonsense(channel: Connection, folder: str) -> None:
    channel.send(("broken", "?"))


def unready_once(channel: Connection, folder: str) -> None:
    """The first two processes end before they are ready."""
    for name in ("one", "two"):
        try:
            Path(folder, name).mkdir()
        except FileExistsError:
            continue
        os._exit(9)
    serve(channel, folder)


def path_of(channel: Connection, folder: str) -> None:
    """Writes down where it looks for imports."""
    Path(folder, "path").write_text("\n".join(sys.path))
    serve(channel, folder)


@pytest.mark.slow
def test_runs_that_go_wrong_leave_the_others_alone(tmp_path: Path) -> None:
    """One kills its process once, one each process that it meets, one hangs, one raises; the last one is sound."""
    specs = [*SPECS, RunSpec((), 4, 20, 30)]
    for seed, fault in enumerate(["killed once", "killed", "hung", "raises"]):
        (tmp_path / f"fault{seed}").write_text(fault)
    pool = LocalPool(serve, str(tmp_path), 2, silence=20.0)
    pool_start = time.monotonic()
    for spec in specs:
        pool.submit((spec,))
    over = {done.spec.seed: done.failure for done in finished(pool, 5)}
    pool.close()
    assert over[0] is None and over[4] is None
    assert over[3] == Failure("no", "net.py:3")
    killed, hung = over[1], over[2]
    assert killed == Failure(f"the process that trained it ended {ATTEMPTS} times (SIGKILL)", kind="killed", attempts=3)
    assert hung is not None and hung.message == "no sign of life for 20 s: stopped"
    assert time.monotonic() - pool_start < 100
    alone = tmp_path / "alone"
    train(str(alone), SPECS[0])
    assert results(alone)[SPECS[0].id("key")] == results(tmp_path)[SPECS[0].id("key")]


@pytest.mark.slow
def test_cancelling_ends_what_is_running_and_the_pool_goes_on(tmp_path: Path) -> None:
    (tmp_path / "fault0").write_text("hung")
    pool = LocalPool(serve, str(tmp_path), 1)
    pool.submit((SPECS[0],))
    while not any(worker.group for worker in pool._workers):
        pool.poll(0.2)
    pool.cancel()
    pool.submit((SPECS[1],))
    assert finished(pool, 1) == [Done(SPECS[1])]
    processes = [worker.process for worker in pool._workers]
    pool.close()
    assert processes and not any(process.is_alive() for process in processes)


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


def test_how_a_process_ended_is_told_by_name() -> None:
    assert (told(0), told(-9), told(-200)) == ("exit code 0", "SIGKILL", "signal 200")
