"""Executors to be tested, and a small study that each of them trains."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from netadvise.probe.execute import Done, Executor, Inline, one_by_one
from netadvise.probe.ledger import Ledger
from netadvise.probe.network import in_one_thread
from netadvise.probe.pool import LocalPool
from netadvise.probe.spec import Failure, RunSpec
from netadvise.probe.train import Training
from tests.probe.small import built, material

SPECS = [RunSpec((), seed, 20, 30) for seed in range(4)]


def train(folder: str, spec: RunSpec) -> None:
    """One run of a small network, into the ledger of a folder."""
    ledger = Ledger(Path(folder), "key")
    ledger.begin(spec)
    model, masks = built(spec.seed, 0.3)
    Training(model, spec, material(), masks, ledger).run()


def serve(channel: Connection, folder: str) -> None:
    """Trains what it is told; what goes wrong is decided by files in the folder, of the name of a seed."""
    channel.send(("ready", None))
    while True:
        try:
            group = channel.recv()
        except (EOFError, OSError):
            return
        with in_one_thread():
            channel.send(("done", tuple(_served(spec, folder) for spec in group)))


def _served(spec: RunSpec, folder: str) -> Failure | None:
    fault = Path(folder, f"fault{spec.seed}")
    what = fault.read_text() if fault.exists() else ""
    if what == "killed once":
        fault.unlink()
    if what.startswith("killed"):
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "hung":
        time.sleep(600)
    if what == "raises":
        return Failure("no", "net.py:3")
    train(folder, spec)
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


EXECUTORS: Mapping[str, Callable[[Path], Executor]] = {"inline": inline, "local": local}
