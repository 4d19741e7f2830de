"""The engines that train the runs of a study, by the name that `--engine` gives."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import NamedTuple

from netadvise.probe.execute import Executor, Inline
from netadvise.probe.network import gpu_memory, size_of, warmed
from netadvise.probe.pool import LocalPool
from netadvise.probe.pool_memory import affordable, needed, peak
from netadvise.probe.pool_nursery import Nursery
from netadvise.probe.pool_placement import placed
from netadvise.study import StudyRequest
from netadvise.worker.memory import available
from netadvise.worker.serving import serve
from netadvise.worker.training import Session


class Engine(NamedTuple):
    """What trains the runs, and how many groups of them at a time."""

    executor: Executor
    workers: int
    lanes: int
    """How many stacks of runs at a time: on a GPU one wide stack is faster than several."""
    notes: tuple[str, ...] = ()
    """What the report says of it."""


class Means(NamedTuple):
    """What an engine may use beside the session."""

    nursery: Nursery | None = None
    say: Callable[[str], None] = lambda _: None
    """Tells the user a line while the study goes on."""


def engine_of(session: Session, means: Means | None = None) -> Engine:
    """The engine that a request asks for."""
    return _ENGINES[session.request.engine](session, means or Means())


def nursery_of(request: StudyRequest) -> Nursery | None:
    """What the training processes of a study are forked from, where that is safe.

    Call it in a process of our own, before anything of the user's is loaded: code that has computed in threads or on a
    GPU cannot be forked.
    """
    if request.engine != "local" or request.recipe.device != "cpu" or not sys.platform.startswith("linux"):
        return None
    warmed()
    try:
        return Nursery(serve)
    except OSError:
        return None


def _inline(session: Session, means: Means) -> Engine:
    return Engine(Inline(session.train_group), 1, 1)


def _local(session: Session, means: Means) -> Engine:
    request = session.request
    wanted = request.recipe.device
    devices = placed(wanted, request.workers, cores(), gpu_memory() if wanted.startswith("cuda") else ())
    notes: tuple[str, ...] = ()
    if request.workers is None:
        devices, notes = _afforded(devices, needed(peak(), size_of(session.fresh(0))))
    pool = LocalPool(
        serve,
        str(session.ledger.folder),
        len(devices),
        request.silence,
        devices=devices,
        nursery=means.nursery,
        say=means.say,
    )
    lanes = len(set(devices)) if wanted.startswith("cuda") else len(devices)
    return Engine(pool, len(devices), lanes, notes)


def _afforded(devices: tuple[str, ...], each: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """As many of the processes as there is memory for, and what to say where that is not all of them."""
    free = available()
    count = affordable(len(devices), each, free)
    if free is None or count == len(devices):
        return devices, ()
    told = (
        f"{count} training process{'es' if count > 1 else ''} at a time instead of {len(devices)}: each takes about "
        f"{each / 1e9:.1f} GB of memory, and {free / 1e9:.1f} GB are free (--workers sets another number)"
    )
    return devices[:count], (told,)


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _ray(session: Session, means: Means) -> Engine:
    from netadvise.worker.ray_engine import needs_of, ray_pool

    pool, workers, notes = ray_pool(session, cores())
    # several processes share a GPU of the cluster
    lanes = round(workers * (needs_of(session.request).gpus or 1.0))
    return Engine(pool, workers, max(1, lanes), notes)


_ENGINES: Mapping[str, Callable[[Session, Means], Engine]] = {"inline": _inline, "local": _local, "ray": _ray}
