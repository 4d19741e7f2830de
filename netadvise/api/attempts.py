"""Alternatives tried one after the other: in a worker process, which may die of one of them, or on a live module."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from netadvise.api.answers import Answer, Runner
from netadvise.api.running import respond
from netadvise.document.edits import alternatives_json
from netadvise.edit import Dropped, Edit, Tried
from netadvise.errors import WorkerError
from netadvise.worker.protocol import Request

if TYPE_CHECKING:
    from torch import nn

INTERRUPTED = "interrupted"
"""What stopped the trying: Ctrl-C."""
_LIVES = 3
"""How many workers one round of alternatives may use up."""

Edits = tuple[Edit, ...]
Told = Callable[[int, int, float], None]
"""Told how many alternatives are done, of how many, and about how many seconds are left."""


@dataclass(slots=True)
class Attempts:
    """What became of alternatives, in order; fewer than were asked for when something stopped them."""

    results: list[Tried | Dropped] = field(default_factory=list)
    stopped: str = ""
    """What did."""


class Bench(Protocol):
    """A network to try edits on."""

    def answer(self) -> Answer:
        """The network as it is."""

    def attempt(self, alternatives: Sequence[Edits], told: Told) -> Attempts:
        """Try each alternative on the network as it is."""


@dataclass(frozen=True, slots=True)
class LiveBench:
    """A module in this process, left as it was."""

    module: nn.Module
    inputs: tuple[str, ...] = ()

    def answer(self) -> Answer:
        """The network as it is; raises what `record` raises."""
        from netadvise.worker.facts import facts_of_module

        return Answer(*facts_of_module(self.module, self.inputs))

    def attempt(self, alternatives: Sequence[Edits], told: Told) -> Attempts:
        """Try each alternative."""
        from netadvise.worker.trying import try_edits

        return Attempts(list(try_edits(self.module, self.inputs, alternatives)))


@dataclass(frozen=True, slots=True)
class WorkerBench:
    """What a request names, in a worker process; Ctrl-C and a dead worker leave what was tried before."""

    request: Request
    runner: Runner

    def answer(self) -> Answer:
        """The network as it is; raises the worker's error."""
        return self.runner.answer(self.request)

    def attempt(self, alternatives: Sequence[Edits], told: Told) -> Attempts:
        """Try each alternative; one that the worker dies of is dropped, and a new worker goes on."""
        attempts, progress = Attempts(), _Progress(len(alternatives), told)
        for _ in range(_LIVES):
            done = len(attempts.results)
            if done == len(alternatives):
                break
            try:
                attempts.stopped = ""
                self._go_on(alternatives[done:], attempts, progress)
            except KeyboardInterrupt:
                attempts.stopped = INTERRUPTED
                break
            except WorkerError as error:
                attempts.results.append(Dropped(alternatives[len(attempts.results)], error.message))
                attempts.stopped = error.message
                progress.step()
        return attempts

    def _go_on(self, left: Sequence[Edits], attempts: Attempts, progress: _Progress) -> None:
        def tell(_: int, result: Tried | Dropped) -> None:
            attempts.results.append(result)
            progress.step()

        request = replace(self.request, facts=False, tries=alternatives_json(left))
        runner = self.runner
        respond(request, in_process=runner.in_process, watch=runner.watch, quiet=runner.quiet, tell=tell)


@dataclass(slots=True)
class _Progress:
    """How far a round has come, and the seconds that the rest will take if it goes on like this."""

    total: int
    told: Told
    done: int = 0
    started: float | None = None
    """When the first answer came: what is before that is the model's loading."""

    def step(self) -> None:
        """One more is done."""
        now = time.monotonic()
        self.done += 1
        if self.started is None:
            self.started = now
        each = (now - self.started) / max(self.done - 1, 1)
        self.told(self.done, self.total, each * (self.total - self.done))
