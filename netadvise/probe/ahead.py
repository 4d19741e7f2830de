"""Runs that are begun before anyone asks for them, where processes would otherwise stand idle.

A study waits for the last run of a stage before it decides what comes next. Meanwhile processes that have nothing to do
train what will probably be asked for, likeliest first. Whether a run was begun ahead changes no decision: those are
functions of the runs that the course of the study asks for, and a run is the same whenever it is trained.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from netadvise.probe.execute import Executor, Group
from netadvise.probe.spec import RunSpec

WORTH_STOPPING = 8.0
"""Seconds that a run must still have before it to be stopped: that is what it takes a new process to begin."""


@dataclass(slots=True)
class _Begun:
    """A group that was begun ahead."""

    group: Group
    names: tuple[str, ...]
    """The ids of its runs."""
    since: float


@dataclass
class Ahead:
    """What was begun ahead and is not over, what may be next, and what all that cost in vain."""

    executor: Executor
    clock: Callable[[], float]
    name: Callable[[RunSpec], str]
    """The id of a run."""
    lasts: Callable[[RunSpec], float | None]
    """About how many seconds a run takes, where that is known."""
    begun: dict[str, _Begun] = field(default_factory=dict)
    """Groups under way, by the id of each of their runs that is not over."""
    unasked: dict[str, RunSpec] = field(default_factory=dict)
    """Runs that were begun and that nobody has asked for yet, over or not."""
    next: deque[Group] = field(default_factory=deque)
    """Groups to begin when there is room, likeliest first."""
    stopped: int = 0
    """Runs that were stopped since they were not needed, or in the way."""
    stopped_seconds: float = 0.0

    def under_way(self, names: Collection[str]) -> set[str]:
        """Which of these runs are under way; from now on they are asked for."""
        for name in names:
            self.unasked.pop(name, None)
        return {name for name in names if name in self.begun}

    def make_room(self, groups: int, likely: Iterable[RunSpec]) -> None:
        """Let so many groups begin at once: stop what is no longer likely and, if it is in the way, what is least so.

        What would be over sooner than a new process could begin goes on.
        """
        wanted = {self.name(spec) for spec in likely}
        idle = self._unasked()
        unlikely = [each for each in idle if not wanted & set(each.names)]
        self._stop(unlikely)
        short = groups - self.executor.room
        if short > 0:
            self._stop([each for each in reversed(idle) if each not in unlikely][:short])

    def begin(self) -> None:
        """Fill the room that there is."""
        while self.next and self.executor.room > 0:
            group = self.next.popleft()
            begun = _Begun(group, tuple(map(self.name, group)), self.clock())
            self.begun |= dict.fromkeys(begun.names, begun)
            self.unasked |= zip(begun.names, group, strict=True)
            self.executor.submit(group)

    def over(self, name: str) -> None:
        """Take in that a run is over, whoever asked for it."""
        self.begun.pop(name, None)

    def end(self) -> None:
        """Stop everything that is under way and that nobody asked for."""
        self.next.clear()
        for each in self._unasked():
            self._forget(each)

    def _unasked(self) -> list[_Begun]:
        """Groups under way of which nobody waits for a run."""
        groups = {id(each): each for each in self.begun.values()}.values()
        return [each for each in groups if all(name in self.unasked for name in self._left(each))]

    def _left(self, begun: _Begun) -> list[str]:
        """Its runs that are not over."""
        return [name for name in begun.names if name in self.begun]

    def _stop(self, groups: Sequence[_Begun]) -> None:
        now = self.clock()
        for each in groups:
            seconds = self.lasts(each.group[0])
            if seconds is None or seconds - (now - each.since) > WORTH_STOPPING:
                self._forget(each)

    def _forget(self, begun: _Begun) -> None:
        left = self._left(begun)
        self.executor.cancel(begun.group)
        self.stopped += len(left)
        self.stopped_seconds += self.clock() - begun.since
        for name in left:
            del self.begun[name]
            self.unasked.pop(name, None)


def new(specs: Iterable[RunSpec], known: Callable[[RunSpec], bool], name: Callable[[RunSpec], str]) -> list[RunSpec]:
    """Runs that are not known yet, each once."""
    found: Mapping[str, RunSpec] = {name(spec): spec for spec in specs if not known(spec)}
    return list(found.values())
