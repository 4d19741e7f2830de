"""The engines that train the runs of a study, by the name that `--engine` gives."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from netadvise.probe.execute import Executor, Inline
from netadvise.probe.pool import LocalPool
from netadvise.worker.serving import serve
from netadvise.worker.training import Session

Engine = tuple[Executor, int]
"""What trains the runs, and how many groups of them at a time."""


def engine_of(session: Session) -> Engine:
    """The engine that a request asks for."""
    return _ENGINES[session.request.engine](session)


def _inline(session: Session) -> Engine:
    return Inline(session.train_group), 1


def _local(session: Session) -> Engine:
    request = session.request
    workers = request.workers or _cores()
    return LocalPool(serve, str(session.ledger.folder), workers, request.silence), workers


def _cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_ENGINES: Mapping[str, Callable[[Session], Engine]] = {"inline": _inline, "local": _local}
