"""Memory over hundreds of runs: in one process, and in a pool of processes with its driver.

    python -m benchmarks.probe_memory [--runs 500] [--workers 2]

One small network with and without dropout is trained again and again, a few steps each time: in one process, then by a
pool whose processes are forked from a nursery, as in a study. Every 50 runs it prints what the processes have for
themselves in memory, and in the end how much they have grown for each run after the first 50. The driver of the pool
reads every result that there is after each 50 runs, as the director of a study does. Before that, it prints what a
training process takes at most beside what is assumed of it, for networks and data of several sizes.
"""

from __future__ import annotations

import argparse
import gc
import os
import tempfile
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

from netadvise.document.study import study_file
from netadvise.edit import Insert, Part, Place
from netadvise.probe.execute import Executor, Inline
from netadvise.probe.ledger import Ledger, write_study
from netadvise.probe.network import in_one_thread, size_of, warmed
from netadvise.probe.pool import LocalPool
from netadvise.probe.pool_memory import needed, peak, resident
from netadvise.probe.pool_nursery import Nursery
from netadvise.probe.spec import RunSpec
from netadvise.study import RecipeRequest, StudyRequest
from netadvise.worker.identity import study_key
from netadvise.worker.serving import serve
from netadvise.worker.training import Session

_EVERY = 50
_DROPOUT = (Insert(Place("after", "net.1"), (Part("Dropout", {"p": 0.5}),)),)
_NET = """
import torch
from torch import nn
from torch.utils.data import TensorDataset

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        hidden = [layer for _ in range({deep}) for layer in (nn.Linear({width}, {width}), nn.ReLU())]
        self.net = nn.Sequential(nn.Linear(20, {width}), nn.ReLU(), *hidden, nn.Linear({width}, 3))

    def forward(self, x):
        return self.net(x)

def load():
    x = torch.randn({count}, 20, generator=torch.Generator().manual_seed(0))
    y = x[:, :3].argmax(1)
    return TensorDataset(x, y), TensorDataset(x[:150], y[:150])
"""
_SIZES = {
    "a small MLP": (64, 1, 400),
    "17 million weights": (2048, 4, 400),
    "67 million weights": (4096, 4, 400),
    "400 MB of data": (64, 1, 4_500_000),
}


def begun(work: Path, width: int, deep: int, count: int) -> Session:
    """A study of a network, written down, and what its runs share."""
    work.mkdir()
    (work / "net.py").write_text(_NET.format(width=width, deep=deep, count=count))
    request = StudyRequest(
        target=f"{work}/net.py:Net",
        recipe=RecipeRequest(data=f"{work}/net.py:load", max_steps=20, learning_rate=0.003),
        arms=(),
        input_shape=(20,),
        input_dtype="float32",
        folder=str(work),
        exact_folder=True,
    )
    session = Session(request, Ledger(work, ""))
    _ = session.recipe
    key = study_key(request, session.data.fingerprint)
    write_study(work, study_file(key, request))
    session.ledger = Ledger(work, key)
    return session


def grown(executor: Executor, ledger: Ledger, count: int, pids: list[int]) -> list[tuple[int, int, int]]:
    """Train so many runs; after each 50, bytes of this process, of the largest other one, and the processes so far."""
    specs = [RunSpec(_DROPOUT if number % 2 else (), number, 10, 20) for number in range(count)]
    found = []
    for start in range(0, count, _EVERY):
        for spec in specs[start : start + _EVERY]:
            executor.submit((spec,))
        over = 0
        while over < len(specs[start : start + _EVERY]):
            over += len(executor.poll(1.0))
            pids += [pid for pid in _processes(executor) if pid not in pids]
        assert all(ledger.result(spec) is not None for spec in specs[: start + _EVERY])
        gc.collect()
        others = max((resident(pid) for pid in _processes(executor)), default=0)
        found.append((resident(os.getpid()), others, len(pids)))
        print(
            f"  {start + _EVERY:4} runs: {_mb(found[-1][0])}, largest other {_mb(others)}, {len(pids)} started so far"
        )
    return found


def _processes(executor: Executor) -> list[int]:
    return [worker.started.pid for worker in executor._workers] if isinstance(executor, LocalPool) else []


def told(name: str, found: list[tuple[int, int, int]], runs: int) -> str:
    """The growth for each run after the first 50, of this process and of the largest other one."""
    each = [(found[-1][at] - found[0][at]) / (runs - _EVERY) / 1e3 for at in range(2)]
    return f"{name}: {each[0]:+.1f} kB a run in the driver, {each[1]:+.1f} kB in the largest training process"


def _mb(size: int) -> str:
    return f"{size / 1e6:.0f} MB"


def peak_of(pid: int) -> int:
    """Bytes that a process had in memory at most."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def taken(work: Path, name: str) -> None:
    """Print what one run takes in a process of its own, beside what is assumed of it."""
    nursery = Nursery(serve)
    with in_one_thread():
        session = begun(work, *_SIZES[name])
        assumed = needed(peak(), size_of(session.fresh(0)))
        pool = LocalPool(serve, str(work), 1, nursery=nursery)
        pool.submit((RunSpec((), 0, 10, 20),))
        while not pool.poll(1.0):
            pass
        took = peak_of(pool._workers[0].started.pid)
    pool.close()
    print(f"  {name}: at most {_mb(took)} in memory, {_mb(assumed)} assumed", flush=True)


def repeated(work: Path, name: str, runs: int, workers: int) -> None:
    """Print what hundreds of runs do to the memory of the processes."""
    nursery = Nursery(serve)
    with in_one_thread():
        session = begun(work, *_SIZES["a small MLP"])
        pool = LocalPool(serve, str(work), workers, nursery=nursery)
        started = time.monotonic()
        found = grown(Inline(session.train_group) if name == "inline" else pool, session.ledger, runs, [])
        print(f"{told(name, found, runs)}, {time.monotonic() - started:.0f} s", flush=True)
    pool.close()


def apart(act: Callable[[], None]) -> None:
    """Do something in a process of its own: what it loads and takes is not that of the others."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            act()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    if os.waitpid(pid, 0)[1]:
        raise SystemExit("failed")


def main() -> None:
    """Print what the runs take."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    warmed()
    with tempfile.TemporaryDirectory() as folder:
        print("what a training process takes:", flush=True)
        for number, name in enumerate(_SIZES):
            apart(partial(taken, Path(folder, str(number)), name))
        for name in ("inline", "pool"):
            apart(partial(repeated, Path(folder, name), name, given.runs, given.workers))


if __name__ == "__main__":
    main()
