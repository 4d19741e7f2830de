"""A cluster as the director sees it: an executor in virtual time.

The driver is one thread, and it really runs: what it takes between two calls of the executor is added to the clock, and
workers go on meanwhile. They take the next waiting job by themselves, as under Ray, whose driver hands out more than
there is room for.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass, field

from benchmarks.cluster.conditions import Conditions
from benchmarks.cluster.nature import Nature
from benchmarks.cluster.workers import Job, Workers
from netadvise.probe.execute import Done, Group, unwanted
from netadvise.probe.ledger import Ledger
from netadvise.probe.spec import Checks, RunSpec


@dataclass
class Cluster:
    """The executor; results go into `ledger` when a run ends in virtual time."""

    conditions: Conditions
    nature: Nature
    ledger: Ledger
    done: list[Done] = field(default_factory=list)
    jobs: dict[Job, None] = field(default_factory=dict)
    """Asked for, and neither finished nor cancelled."""
    finished: list[RunSpec] = field(default_factory=list)
    driver_seconds: float = 0.0
    longest_pause: float = 0.0
    """The longest time that the driver took between two calls."""

    def __post_init__(self) -> None:
        self.workers = Workers(self.conditions, self._over)
        self._left = time.thread_time()
        self._owed = 0.0

    @property
    def now(self) -> float:
        """Virtual seconds since the beginning."""
        return self.workers.now

    def asked(self, operations: int) -> None:
        """The driver has used files."""
        self._owed += operations * self.conditions.file_seconds

    @property
    def room(self) -> int:
        """Workers with nothing to do; none where the driver is not to look ahead."""
        self._enter()
        room = max(0, self.workers.idle - len(self.workers.queue)) if self.conditions.ahead else 0
        self._leave()
        return room

    def submit(self, group: Group) -> None:
        """Queue a group."""
        self._enter()
        job = Job(group, sum(map(self.nature.seconds, group)))
        self.jobs[job] = None
        self.workers.queue.append(job)
        self.workers.begin()
        self._leave()

    def poll(self, seconds: float) -> list[Done]:
        """The runs that are over since the last call."""
        self._enter()
        until = self.now + seconds
        while not self.done and self.workers.next_event <= until:
            self.workers.advance(self.workers.next_event)
        if not self.done:
            self.workers.advance(until)
        if self.conditions.copies_after is not None:
            self.workers.copy_late(self.conditions.copies_after)
        done, self.done = self.done, []
        self._owed += len(done) * (self.conditions.intake + (self.conditions.driver or 0.0))
        self._leave()
        return done

    def cancel(self, runs: Collection[RunSpec] | None = None) -> None:
        """Forget these runs, or all."""
        self._enter()
        for job in [each for each in self.jobs if unwanted(each.group, runs)]:
            del self.jobs[job]
            if job in self.workers.queue:
                self.workers.queue.remove(job)
            self.workers.drop(job, "cancelled")
        self.workers.begin()
        self._leave()

    def close(self) -> None:
        """End what is running."""
        self.cancel()

    def _enter(self) -> None:
        measured = time.thread_time() - self._left if self.conditions.driver is None else 0.0
        pause, self._owed = measured + self._owed, 0.0
        self.driver_seconds += pause
        self.longest_pause = max(self.longest_pause, pause)
        self.workers.advance(self.now + pause)

    def _leave(self) -> None:
        self._left = time.thread_time()

    def _over(self, job: Job) -> None:
        del self.jobs[job]
        for spec in job.group:
            self.ledger.begin(spec)
            match self.nature.found(spec):
                case Checks() as checks:
                    self.ledger.keep_checks(spec, checks)
                case result:
                    self.ledger.keep(spec, result)
            self.finished.append(spec)
            self.done.append(Done(spec))
