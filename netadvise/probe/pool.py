"""Processes on this machine that train, several groups at a time.

A process that dies takes its group with it, which is tried again from its last state; a run that kills every process it
meets has failed. Where memory runs short, of the machine or of a GPU, fewer processes share it from then on.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait

from netadvise.errors import ErrorDocument, InternalError, NetadviseError, WorkerError
from netadvise.probe.execute import Done, Group, over, unwanted
from netadvise.probe.pool_deaths import ATTEMPTS, Deaths
from netadvise.probe.pool_memory import has_leaked, resident
from netadvise.probe.pool_nursery import Nursery
from netadvise.probe.pool_processes import Serve, Started, spawned, told
from netadvise.probe.pool_slots import Device, Slots
from netadvise.probe.spec import Failure, RunSpec

_GROUPS = 64
"""Groups after which a process is replaced: user code may leak what takes no memory, like open files."""
_START_SECONDS = 180.0
"""Within which a process is ready, at least: torch is imported, and the data are loaded."""
_GRACE_SECONDS = 0.2
"""What a process that has closed its channel may take to end: its status then says why it did."""

Message = tuple[str, object]
"""What a process says: ("ready", None), ("look", step), ("done", outcome), ("broken", error)."""


@dataclass
class _Worker:
    started: Started
    device: Device
    heard: float
    ready: bool = False
    group: Group | None = None
    step: int = 0
    """That its run was heard at last."""
    sharing: int = 0
    """Processes that were at work on its device at a time while this group was, itself included."""
    done: int = 0
    first_size: int = 0
    """Bytes that it took after its first group."""
    worn: bool = False

    @property
    def channel(self) -> Connection:
        return self.started.channel


class LocalPool:
    """Processes on this machine, each with one thread: `serve(channel, folder, device)` is what they run.

    `silence`: seconds after which a process that says nothing is taken for hung; None: never.
    `devices`: those that the processes train on, in turn; none: what the study says.
    `nursery`: what processes are forked from, if there is one; it ends with the pool.
    `say`: told when there will be fewer processes, in a line for the user.
    """

    def __init__(
        self,
        serve: Serve,
        folder: str,
        workers: int,
        silence: float | None = None,
        *,
        devices: Sequence[str] = (),
        nursery: Nursery | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._serve, self._folder, self._silence = serve, folder, silence
        self._nursery, self._say = nursery, say
        self._slots = Slots([devices[number % len(devices)] if devices else None for number in range(workers)])
        self._workers: list[_Worker] = []
        self._queue: deque[Group] = deque()
        self._deaths = Deaths()
        self._over: list[Done] = []
        self._stillborn = 0
        """Processes in a row that ended before they were ready."""

    @property
    def room(self) -> int:
        """Processes that have nothing to do, or could be started, and for which nothing is waiting."""
        return max(0, len(self._slots) - sum(each.group is not None for each in self._workers) - len(self._queue))

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
        if self._nursery is not None:
            self._nursery.close()

    def _hand_out(self) -> None:
        for worker in [each for each in self._workers if each.ready and each.group is None]:
            if worker.worn or self._busy().count(worker.device) > self._slots.planned(worker.device):
                self._end(worker)
            elif self._queue:
                self._give(worker, self._queue.popleft())
        waiting = sum(not worker.ready for worker in self._workers)
        while waiting < len(self._queue) and (free := self._slots.free(self._busy())):
            self._start(free[0])
            waiting += 1

    def _busy(self) -> list[Device]:
        return [worker.device for worker in self._workers]

    def _give(self, worker: _Worker, group: Group) -> None:
        worker.group, worker.heard, worker.step, worker.sharing = group, time.monotonic(), 0, 0
        beside = [each for each in self._workers if each.group is not None and each.device == worker.device]
        for each in beside:
            each.sharing = max(each.sharing, len(beside))
        try:
            worker.channel.send(group)
        except OSError:
            self._died(worker)

    def _start(self, device: Device) -> None:
        try:
            started = self._started(device)
        except OSError as error:
            self._not_started(device, f"a training process cannot be started: {error.strerror or error}")
        else:
            self._workers.append(_Worker(started, device, time.monotonic()))

    def _started(self, device: Device) -> Started:
        if self._nursery is not None:
            try:
                return self._nursery.start(self._folder, device)
            except ConnectionError:
                self._nursery.close()
                self._nursery = None
        return spawned(self._serve, self._folder, device)

    def _not_started(self, device: Device, why: str, status: int = 0) -> None:
        """Go on with fewer processes, where there are others; raises `WorkerError` where there are none."""
        self._stillborn += 1
        most = self._deaths.most(status, starved=self._deaths.of_starvation(status))
        if most == ATTEMPTS:
            self._slots.drop(device)
        if self._stillborn >= most and not any(worker.ready for worker in self._workers):
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
        elif word == "look" and isinstance(content, int):
            worker.step = max(worker.step, content)
        elif word == "broken":
            raise NetadviseError.from_json(_error(content))
        elif word == "done" and worker.group is not None and isinstance(content, tuple):
            self._take(worker, over(worker.group, content))

    def _take(self, worker: _Worker, dones: list[Done]) -> None:
        """What has come of a group; what found too little room on a device that others share is tried again."""
        worker.group, worker.done = None, worker.done + 1
        size = resident(worker.started.pid)
        worker.first_size = worker.first_size or size
        worker.worn = worker.done >= _GROUPS or has_leaked(worker.first_size, size)
        cramped = [done for done in dones if done.failure is not None and done.failure.kind == "memory"]
        # a limit on the memory of a process is its own, a GPU's memory is not
        if cramped and worker.device not in (None, "cpu") and self._halved(worker):
            worker.worn = True
            self._queue.extendleft((done.spec,) for done in reversed(cramped))
            dones = [done for done in dones if done not in cramped]
        self._over += dones

    def _halved(self, worker: _Worker) -> bool:
        """Let fewer processes share the device of one that had too little memory; whether it was not alone."""
        left = max(1, worker.sharing // 2)
        if self._slots.limit(worker.device, left):
            where = "" if worker.device in (None, "cpu") else f" on {worker.device}"
            self._say(f"memory ran out{where}: {left} of {worker.sharing} training processes from now on")
        return worker.sharing > 1

    def _died(self, worker: _Worker, why: str = "") -> None:
        """A process is gone: its group is tried again, or has failed."""
        group = worker.group
        status = self._end(worker, 0.0 if why else _GRACE_SECONDS)
        if group is None:
            if not worker.ready:
                end = why or told(status)
                self._not_started(worker.device, f"a training process ended before it was ready ({end})", status)
            return
        starved = not why and self._deaths.of_starvation(status)
        if starved and self._halved(worker):
            self._queue.appendleft(group)
            return
        deaths = self._deaths.died("+".join(spec.id("") for spec in group), worker.step)
        if len(group) > 1:
            # one of them may be to blame, and the others are not
            again = [group] if deaths == 1 and not why else [(spec,) for spec in group]
            self._queue.extendleft(reversed(again))
        elif deaths < self._deaths.most(status, starved=starved) and not why:
            self._queue.appendleft(group)
        else:
            self._over.append(Done(group[0], _killed(why, deaths, status, starved=starved)))

    def _end_the_silent(self) -> None:
        now = time.monotonic()
        for worker in list(self._workers):
            limit = self._silence
            if limit is not None and not worker.ready:
                limit = max(limit, _START_SECONDS)
            if (worker.group is not None or not worker.ready) and limit is not None and now - worker.heard > limit:
                self._died(worker, f"no sign of life for {limit:g} s: stopped")

    def _end(self, worker: _Worker, grace: float = 0.0) -> int:
        self._workers.remove(worker)
        return worker.started.end(grace)


def _killed(why: str, deaths: int, status: int, *, starved: bool) -> Failure:
    """Of a run that took its process down too often, or says nothing."""
    end = "it took all the memory that there is" if starved else told(status)
    message = why or f"the process that trained it ended {deaths} times ({end})"
    return Failure(message, kind="memory" if starved else "killed", attempts=deaths)


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
