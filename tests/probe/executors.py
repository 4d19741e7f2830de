"""Executors to be tested, and a small study that each of them trains."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from netadvise.probe.execute import Done, Executor, Group, Inline, Tell, Trained, one_by_one
from netadvise.probe.ledger import Ledger
from netadvise.probe.network import in_one_thread
from netadvise.probe.pool import LocalPool
from netadvise.probe.pool_nursery import Nursery
from netadvise.probe.ray_cluster import Cluster, Needs
from netadvise.probe.ray_nodes import DRIVER, Versions, versions_here
from netadvise.probe.ray_pool import RayPool
from netadvise.probe.ray_work import Assignment, Order, Perform, Report, performed
from netadvise.probe.spec import Failure, RunSpec
from netadvise.probe.train import Training
from tests.probe.small import built, material

SPECS = [RunSpec((), seed, 20, 30) for seed in range(4)]


def train(folder: str, spec: RunSpec, given: Ledger | None = None, tell: Tell = lambda _: None) -> None:
    """One run of a small network, into the ledger of a folder, or into one that is given."""
    ledger = given or Ledger(Path(folder), "key")
    ledger.begin(spec)
    model, masks = built(spec.seed, 0.3)
    Training(model, spec, material(), masks, ledger, tell).run()


def serve(channel: Connection, folder: str, device: str | None = None) -> None:
    """Trains what it is told; what goes wrong is decided by files in the folder, of the name of a seed."""
    for group in received(channel):
        with in_one_thread():
            channel.send(("done", tuple(_served(spec, folder) for spec in group)))


def received(channel: Connection) -> Iterator[Group]:
    """The groups that arrive, until the channel is closed."""
    channel.send(("ready", None))
    while True:
        try:
            group: Group = channel.recv()
        except (EOFError, OSError):
            return
        yield group


def _served(spec: RunSpec, folder: str, ledger: Ledger | None = None, tell: Tell = lambda _: None) -> Failure | None:
    fault = Path(folder, f"fault{spec.seed}")
    what = fault.read_text() if fault.exists() else ""
    if what == "killed once":
        fault.unlink()
    if what.startswith("killed"):
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "crashes":
        os._exit(11)
    if what == "hung":
        time.sleep(600)
    if what == "raises":
        return Failure("no", "net.py:3")
    train(folder, spec, ledger, tell)
    return None


def finished(executor: Executor, count: int, seconds: float = 100.0) -> list[Done]:
    """So many runs that are over."""
    found: list[Done] = []
    until = time.monotonic() + seconds
    while len(found) < count:
        assert time.monotonic() < until, found
        found += executor.poll(1.0)
    return found


def results(folder: Path) -> dict[str, list[list[float]]]:
    """Every run of a folder by id: its arrays, bit by bit."""
    ledger = Ledger(folder, "key")
    found = {spec.id("key"): ledger.result(spec) for spec in SPECS}
    return {
        name: [np.asarray(array).tolist() for array in (run.losses, run.metrics, run.losses_end, run.metrics_end)]
        for name, run in found.items()
        if run is not None
    }


def inline(folder: Path) -> Executor:
    """Runs are trained in this process."""
    return Inline(one_by_one(lambda spec, _: train(str(folder), spec)))


def local(folder: Path) -> Executor:
    """Runs are trained in two processes."""
    return LocalPool(serve, str(folder), 2)


def nursed(folder: Path) -> Executor:
    """Runs are trained in two processes that are forked from a third."""
    return LocalPool(serve, str(folder), 2, nursery=Nursery(serve))


def perform(order: Order, assignment: Assignment, keeper: object) -> Report:
    """What a Ray task does; what goes wrong is decided by files in the folder."""

    def trains(ledger: Ledger) -> Trained:
        return one_by_one(lambda spec, tell: _served(spec, order.folder, ledger, tell))

    return performed(order, assignment, keeper, lambda: trains)


class Kept(Cluster):
    """A cluster that stays until this process ends: to begin one takes ten seconds."""

    def close(self) -> None:
        """The next test has it."""


@cache
def _own_ray() -> Cluster:
    root = str(Path(__file__).parents[2])
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    found = Cluster.connected("", 2, None)
    return Kept(found.ray, found.own)


def ray_pool(
    folder: Path,
    *,
    shared: bool = True,
    silence: float | None = None,
    what: Perform = perform,
    versions: Versions | None = None,
) -> RayPool:
    """Runs are trained by two tasks of a Ray on this machine."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DRIVER).write_text("token")
    order = Order("key", str(folder), "token" if shared else "", versions or versions_here(), silence)
    return RayPool(_own_ray(), what, order, Ledger(folder, "key"), Needs())


def ray_away(folder: Path) -> Executor:
    """The same, without a folder that both sides see."""
    return ray_pool(folder, shared=False)


EXECUTORS: Mapping[str, Callable[[Path], Executor]] = {
    "inline": inline,
    "local": local,
    "nursed": nursed,
    "ray": ray_pool,
    "ray through the driver": ray_away,
}
