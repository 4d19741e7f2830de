"""Where runs are trained: what every executor does, and the plainest one.

    executor ::= room submit(group) poll(seconds) -> done* cancel(runs?) close()
    group    ::= run+

A group is what one process trains at a time: one run, or several of one shape that are trained together. A run is the
same wherever it is trained, and its result is in the ledger before it is reported as done.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from netadvise.probe.spec import Failure, RunSpec

Group = tuple[RunSpec, ...]
"""Runs that are trained together, in one process; most groups are of one run."""
Outcome = tuple[Failure | None, ...]
"""Of each run of a group: what went wrong, if anything did."""
Tell = Callable[[int], None]
"""Told the step of each look, and in between from time to time."""
Trained = Callable[[Group, Tell], Outcome]
"""Trains a group into the ledger."""


@dataclass(frozen=True, slots=True)
class Done:
    """A run that is over: its result is in the ledger, or why there is none."""

    spec: RunSpec
    failure: Failure | None = None


class Executor(Protocol):
    """Trains runs."""

    @property
    def room(self) -> int:
        """How many more groups would begin at once: processes that have nothing to do, and nothing waiting for them."""

    def submit(self, group: Group) -> None:
        """Queue a group."""

    def poll(self, seconds: float) -> list[Done]:
        """The runs that are over since the last call; waits for one at most so long."""

    def cancel(self, runs: Collection[RunSpec] | None = None) -> None:
        """Forget these runs, or all: what is queued, and what is running; its state stays in the ledger.

        A group that also has other runs goes on.
        """

    def close(self) -> None:
        """Leave no process behind."""


def unwanted(group: Group, runs: Collection[RunSpec] | None) -> bool:
    """Whether nothing of a group is wanted any more, once these runs, or all, are not."""
    return runs is None or all(spec in runs for spec in group)


def over(group: Group, outcome: Outcome) -> list[Done]:
    """The runs of a group, with what has come of each."""
    return [Done(spec, failure) for spec, failure in zip(group, outcome, strict=True)]


def alone(specs: Sequence[RunSpec]) -> list[Group]:
    """Every run a group of its own."""
    return [(spec,) for spec in specs]


def one_by_one(train: Callable[[RunSpec, Tell], Failure | None]) -> Trained:
    """What trains a group, of what trains a run."""
    return lambda group, tell: tuple(train(spec, tell) for spec in group)


@dataclass
class Inline:
    """One group after the other, in this process."""

    trained: Trained
    queue: deque[Group] = field(default_factory=deque)

    @property
    def room(self) -> int:
        """One group, where none is waiting."""
        return 0 if self.queue else 1

    def submit(self, group: Group) -> None:
        """Queue a group."""
        self.queue.append(group)

    def poll(self, seconds: float) -> list[Done]:
        """The runs of the next group, trained."""
        if not self.queue:
            return []
        group = self.queue.popleft()
        return over(group, self.trained(group, lambda _: None))

    def cancel(self, runs: Collection[RunSpec] | None = None) -> None:
        """Forget what is queued."""
        self.queue = deque(group for group in self.queue if not unwanted(group, runs))

    def close(self) -> None:
        """Nothing to leave behind."""
