"""Processes on this machine that train, several groups at a time.

A process that dies takes its group with it, which is tried again from its last state; a run that kills every process it
meets has failed.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from netadvise.errors import ErrorDocument, InternalError, NetadviseError, WorkerError
from netadvise.probe.execute import Done, Group, over, unwanted
from netadvise.probe.spec import Failure, RunSpec

ATTEMPTS = 3
"""How often a run may take a process down before it counts as failed."""
_GROUPS = 64
"""Groups after which a process is replaced: user code may leak."""
_START_SECONDS = 180.0
"""Within which a process is ready, at least: torch is imported, and the data are loaded."""
_PATH = (*sys.path, str(Path(__file__).parents[2]))
"""Where imports were looked for before the user's code was: what is called `queue.py` there is not for our imports."""

Message = tuple[str, object]
"""What a process says: ("ready", None), ("look", step), ("done", outcome), ("broken", error)."""


@dataclass
class _Worker:
    process: BaseProcess
    channel: Connection
    heard: float
    ready: bool = False
    group: Group | None = None
    done: int = 0


class LocalPool:
    """Processes on this machine, each with one thread: `serve(channel, folder)` is what they run.

    `silence`: seconds after which a process that says nothing is taken for hung; None: never.
    """

    def __init__(
        self, serve: Callable[[Connection, str], None], folder: str, workers: int, silence: float | None = None
    ) -> None:
        self._serve, self._folder, self._silence = serve, folder, silence
        self._context = multiprocessing.get_context("spawn")
        self._count = workers
        self._workers: list[_Worker] = []
        self._queue: deque[Group] = deque()
        self._attempts: dict[str, int] = {}
        self._over: list[Done] = []
        self._stillborn = 0
        """Processes in a row that ended before they were ready."""

    @property
    def room(self) -> int:
        """Processes that have nothing to do, or could be started, and for which nothing is waiting."""
        return max(0, self._count - sum(worker.group is not None for worker in self._workers) - len(self._queue))

    def submit(self, group: Group) -> None:
        """Queue a group; processes start as they are needed."""
        self._queue.append(group)
        self._hand_out()

    def poll(self, seconds: float) -> list[Done]:
        """The runs that are over; raises what keeps every process from starting."""
        self._hand_out()
        until = time.monotonic() + seconds
        while not self._over and self._workers:
            left = until - time.monotonic()
            if left <= 0:
                break
            by_channel = {worker.channel: worker for worker in self._workers}
            for channel in wait(list(by_channel), timeout=min(left, 1.0)):
                if isinstance(channel, Connection):
                    self._hear(by_channel[channel])
            self._end_the_silent()
            self._hand_out()
        over, self._over = self._over, []
        return over

    def cancel(self, runs: Collection[RunSpec] | None = None) -> None:
        """Forget what is queued, and stop what is running."""
        self._queue = deque(group for group in self._queue if not unwanted(group, runs))
        for worker in [each for each in self._workers if each.group is not None and unwanted(each.group, runs)]:
            self._end(worker)

    def close(self) -> None:
        """End every process."""
        self._queue.clear()
        for worker in list(self._workers):
            self._end(worker)

    def _hand_out(self) -> None:
        idle = [worker for worker in self._workers if worker.ready and worker.group is None]
        for worker in idle:
            if worker.done >= _GROUPS:
                self._end(worker)
            elif self._queue:
                self._give(worker, self._queue.popleft())
        waiting = sum(not worker.ready for worker in self._workers)
        while len(self._workers) < self._count and waiting < len(self._queue):
            self._start()
            waiting += 1

    def _give(self, worker: _Worker, group: Group) -> None:
        worker.group, worker.heard = group, time.monotonic()
        try:
            worker.channel.send(group)
        except OSError:
            self._died(worker)

    def _start(self) -> None:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=self._serve, args=(theirs, self._folder), daemon=True)
        try:
            with _first_path():
                process.start()
        except OSError as error:
            ours.close()
            self._not_started(f"a training process cannot be started: {error.strerror or error}")
        else:
            self._workers.append(_Worker(process, ours, time.monotonic()))
        finally:
            theirs.close()

    def _not_started(self, why: str) -> None:
        """Go on with fewer processes, where there are others; raises `WorkerError` where there are none."""
        self._stillborn += 1
        self._count = max(1, min(self._count - 1, len(self._workers)))
        if self._stillborn >= ATTEMPTS and not any(worker.ready for worker in self._workers):
            raise WorkerError(why, hint="Is there memory for it? Fewer at a time: --workers 1.")

    def _hear(self, worker: _Worker) -> None:
        try:
            word, content = worker.channel.recv()
        except (EOFError, OSError):
            self._died(worker)
            return
        worker.heard = time.monotonic()
        if word == "ready":
            worker.ready, self._stillborn = True, 0
        elif word == "broken":
            raise NetadviseError.from_json(_error(content))
        elif word == "done" and worker.group is not None and isinstance(content, tuple):
            self._over += over(worker.group, content)
            worker.group, worker.done = None, worker.done + 1

    def _died(self, worker: _Worker, why: str = "") -> None:
        """A process is gone: its group is tried again, run by run, or has failed."""
        group, ready = worker.group, worker.ready
        status = self._end(worker)
        if group is None:
            if not ready:
                self._not_started(f"a training process ended before it was ready ({why or told(status)})")
            return
        if len(group) > 1:
            # one of them may be to blame, and the others are not
            self._queue.extendleft((spec,) for spec in reversed(group))
            return
        name = group[0].id("")
        attempts = self._attempts[name] = self._attempts.get(name, 0) + 1
        if attempts < ATTEMPTS and not why:
            self._queue.appendleft(group)
            return
        message = why or f"the process that trained it ended {attempts} times ({told(status)})"
        self._over.append(Done(group[0], Failure(message, kind="killed", attempts=attempts)))

    def _end_the_silent(self) -> None:
        now = time.monotonic()
        for worker in list(self._workers):
            limit = self._silence
            if limit is not None and not worker.ready:
                limit = max(limit, _START_SECONDS)
            if (worker.group is not None or not worker.ready) and limit is not None and now - worker.heard > limit:
                self._died(worker, f"no sign of life for {limit:g} s: stopped")

    def _end(self, worker: _Worker) -> int:
        self._workers.remove(worker)
        worker.channel.close()
        if worker.process.exitcode is None and worker.process.pid is not None:
            # a process that is dying of a signal already should keep that one as its status
            worker.process.join(0.2)
            if worker.process.exitcode is None:
                os.kill(worker.process.pid, signal.SIGKILL)
        worker.process.join()
        return worker.process.exitcode or 0


@contextmanager
def _first_path() -> Iterator[None]:
    """A process that starts now looks for imports where this one did at first."""
    now = sys.path[:]
    sys.path[:] = _PATH
    try:
        yield
    finally:
        sys.path[:] = now


def told(status: int) -> str:
    """How a process ended."""
    if status >= 0:
        return f"exit code {status}"
    try:
        return f"{signal.Signals(-status).name}"
    except ValueError:
        return f"signal {-status}"


def _error(content: object) -> ErrorDocument:
    if not isinstance(content, dict):
        return InternalError("a training process said something that is no error").to_json()
    return ErrorDocument(
        type=content["type"],
        message=content["message"],
        where=content["where"],
        notes=content["notes"],
        hint=content["hint"],
    )
