"""The workers of a simulated cluster, and the runs on them: what is begun, lost, copied and finished, in virtual time.

event ::= (time, number, end | fail | back | again)

A job is a group that was asked for; an attempt is one worker at it. Nothing here knows of the driver.
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from random import Random
from statistics import median

from benchmarks.cluster.conditions import Conditions
from benchmarks.cluster.memory import WRITTEN
from netadvise.probe.execute import Group

_LEAST_KNOWN = 3


@dataclass(slots=True, eq=False)
class Attempt:
    """One worker at a job."""

    worker: int
    began: float
    training_from: float
    """When the process was ready."""
    pace: float
    """How many times as long as on a sound worker it takes."""
    done_before: float
    """Seconds of training, on a sound worker, that the state it went on from had behind it."""

    def trained(self, now: float) -> float:
        """Seconds of training, on a sound worker, that it has made by now."""
        return max(0.0, now - self.training_from) / self.pace


@dataclass(slots=True, eq=False)
class Job:
    """A group that was asked for."""

    group: Group
    seconds: float
    """Of its training, on a sound worker."""
    attempts: list[Attempt] = field(default_factory=list)
    kept: float = 0.0
    """Seconds of training behind the last state that was kept."""
    lost: bool = False
    """Whether nobody is at it, and the driver does not know yet."""


@dataclass
class Workers:
    """All of them; `over` is told of every job that is finished."""

    conditions: Conditions
    over: Callable[[Job], None]
    now: float = 0.0
    queue: deque[Job] = field(default_factory=deque)
    running: dict[int, tuple[Job, Attempt]] = field(default_factory=dict)
    wasted: Counter[str] = field(default_factory=Counter)
    """Seconds of workers, by what they were lost to."""
    took: list[float] = field(default_factory=list)
    """Seconds of finished attempts, their pace included."""

    def __post_init__(self) -> None:
        given = self.conditions
        self._draw = Random(given.seed)
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._number = count()
        slow = [self._draw.random() < given.slow_share for _ in range(given.workers)]
        self._pace = [given.slowness if each else 1.0 for each in slow]
        self._cold = set(range(given.workers))
        self._idle = dict.fromkeys(range(given.workers))
        for worker in range(given.workers):
            self._plan_failure(worker)

    @property
    def idle(self) -> int:
        """Workers that have nothing to do."""
        return len(self._idle)

    @property
    def next_event(self) -> float:
        """When something happens."""
        return self._events[0][0] if self._events else float("inf")

    def advance(self, until: float) -> None:
        """Let everything happen until then."""
        while self.next_event <= until:
            self.now, _, happen = heapq.heappop(self._events)
            happen()
        self.now = max(self.now, until)

    def begin(self) -> None:
        """Give waiting jobs to workers that have nothing to do."""
        while self.queue and self._idle:
            self._attempt(self.queue.popleft())

    def drop(self, job: Job, why: str) -> None:
        """Forget a job, and what was done of it."""
        for attempt in job.attempts:
            self.wasted[why] += self.now - attempt.began
            self._free(attempt.worker)
        job.attempts.clear()
        job.lost = False

    def copy_late(self, factor: float) -> None:
        """Begin jobs once more that take far longer than those before them, as far as there is nothing else to do."""
        if self.queue or not self._idle or len(self.took) < _LEAST_KNOWN:
            return
        limit = factor * median(self.took[-50:])
        for job, attempt in list(self.running.values()):
            if self._idle and len(job.attempts) == 1 and self.now - attempt.began > limit:
                self._attempt(job)

    def _at(self, time: float, happen: Callable[[], None]) -> None:
        heapq.heappush(self._events, (time, next(self._number), happen))

    def _plan_failure(self, worker: int) -> None:
        mean = self.conditions.between_failures
        if mean < float("inf"):
            self._at(self.now + self._draw.expovariate(1 / mean), lambda: self._fail(worker))

    def _attempt(self, job: Job) -> None:
        given = self.conditions
        worker = next(iter(self._idle))
        del self._idle[worker]
        pace = self._pace[worker]
        if self._draw.random() < given.tail_share:
            pace *= min(2.0 * self._draw.paretovariate(1.5), 40.0)
        ready = self.now + (given.start if worker in self._cold else 0.0) + WRITTEN * given.file_seconds
        self._cold.discard(worker)
        attempt = Attempt(worker, self.now, ready, pace, job.kept)
        job.attempts.append(attempt)
        self.running[worker] = job, attempt
        self._at(ready + (job.seconds - job.kept) * pace, lambda: self._end(job, attempt))

    def _end(self, job: Job, attempt: Attempt) -> None:
        if attempt not in job.attempts:
            return
        job.attempts.remove(attempt)
        self._free(attempt.worker)
        self.took.append(self.now - attempt.began)
        self.drop(job, "copies")
        self.over(job)
        self.begin()

    def _free(self, worker: int) -> None:
        del self.running[worker]
        self._idle[worker] = None

    def _fail(self, worker: int) -> None:
        self._cold.add(worker)
        if worker in self.running:
            job, attempt = self.running.pop(worker)
            self._lose(job, attempt)
        else:
            del self._idle[worker]
        self._at(self.now + self._draw.expovariate(1 / self.conditions.repair), lambda: self._back(worker))

    def _lose(self, job: Job, attempt: Attempt) -> None:
        job.attempts.remove(attempt)
        every, trained = self.conditions.saved_every, attempt.trained(self.now)
        # a state is kept every so many seconds of the worker's, which are fewer of a sound one's
        kept = 0.0 if every is None else (trained * attempt.pace // every) * every / attempt.pace
        job.kept = max(job.kept, attempt.done_before + kept if every is not None else 0.0)
        self.wasted["failures"] += self.now - attempt.began - kept * attempt.pace
        if not job.attempts:
            job.lost = True
            self._at(self.now + self.conditions.notice, lambda: self._again(job))

    def _again(self, job: Job) -> None:
        if job.lost:
            job.lost = False
            self.queue.appendleft(job)
            self.begin()

    def _back(self, worker: int) -> None:
        self._idle[worker] = None
        self._plan_failure(worker)
        self.begin()
