"""The runs of one study: which there are, training those that are missing, and what has come of them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from netadvise.edit import Edit
from netadvise.errors import UsageError
from netadvise.evidence import Price, ProbeProgress, Stage
from netadvise.probe.ahead import Ahead, new
from netadvise.probe.estimates import Runs
from netadvise.probe.execute import Executor, Group, alone
from netadvise.probe.ledger import Ledger
from netadvise.probe.price import Prices
from netadvise.probe.shelf import Shelf
from netadvise.probe.spec import Failure, RunResult, RunSpec

FIRST_SEEDS = (0, 1, 2, 3)
"""Those of the first baseline, and of screening."""
HORIZON = 2
"""No arm is judged before so many times t*."""
LONGEST = 4
"""An arm trains at most so many times t*."""
_POLL_SECONDS = 1.0

Edits = tuple[Edit, ...]
Told = Callable[[ProbeProgress], None]


LEAST = 200
"""Steps that the network as it is trains at least: its first looks may well be better than those right behind them."""


class OutOfTimeError(Exception):
    """The time limit was reached."""


@dataclass
class Fleet:
    """Every run of a study, by its edits and seed."""

    ledger: Ledger
    executor: Executor
    prices: Prices
    told: Told
    time_limit: float | None = None
    clock: Callable[[], float] = time.monotonic
    grouped: Callable[[Sequence[RunSpec]], list[Group]] = alone
    """Which runs are trained together."""

    def __post_init__(self) -> None:
        self.started = self.clock()
        self.cut_off = False
        """Whether the baseline still improves when its steps end: no arm gets more steps than it, then."""
        self.said: frozenset[str] = frozenset()
        self.failed_early: set[str] = set()
        """Runs that failed before anyone had asked for them: nothing has been said of them yet."""
        self.asked: dict[str, RunSpec] = {}
        """Every run that the study has asked for, by id."""
        self.shelf = Shelf(self.ledger)
        self.ahead = Ahead(self.executor, self.clock, self.name, lambda _: self.prices.usual_seconds)

    def name(self, spec: RunSpec) -> str:
        """The id of a run."""
        return spec.id(self.ledger.key)

    @property
    def check_specs(self) -> tuple[RunSpec, ...]:
        """The checks before everything else; the first ones count, the others keep the other processes busy meanwhile.

        What a step costs where one process trains alone is not what it costs where all of them do.
        """
        return tuple(RunSpec((), seed, 0, 0, checks=True) for seed in FIRST_SEEDS[: self.prices.workers])

    def baseline_spec(self, seed: int) -> RunSpec:
        """A run of the network as it is, as long as the budget allows."""
        return RunSpec((), seed, min(LEAST, self.prices.max_steps), self.prices.max_steps)

    def spec(self, edits: Edits, seed: int) -> RunSpec:
        """A run of an arm, or of the network as it is beside it: as long as the baseline's t* says."""
        best, budget = max(self.prices.best_step, 1), self.prices.max_steps
        longest = budget if self.cut_off else 2 * budget
        return RunSpec(edits, seed, min(HORIZON * best, budget), min(LONGEST * best, longest))

    def baseline_runs(self, seeds: Iterable[int]) -> Runs:
        """Finished runs of the network as it is: those of the first stage, or those of a confirmation."""
        specs = {seed: self.baseline_spec(seed) if seed in FIRST_SEEDS else self.spec((), seed) for seed in seeds}
        return self._results(specs)

    def arm_runs(self, edits: Edits, seeds: Iterable[int]) -> Runs:
        """Finished runs of an arm."""
        return self._results({seed: self.spec(edits, seed) for seed in seeds})

    def _results(self, specs: Mapping[int, RunSpec]) -> Runs:
        found = {seed: self.result(spec) for seed, spec in specs.items()}
        return {seed: result for seed, result in found.items() if result is not None}

    def has_pair(self, edits: Edits, seed: int) -> bool:
        """Whether an arm and the baseline beside it are finished for a seed of a confirmation."""
        return self.result(self.spec((), seed)) is not None and self.result(self.spec(edits, seed)) is not None

    def result(self, spec: RunSpec) -> RunResult | None:
        """What a run came to; None for one that is not finished."""
        return self.shelf.result(spec)

    def failures(self, specs: Iterable[RunSpec]) -> list[Failure]:
        """Of the runs that have no result."""
        unfinished = (spec for spec in specs if self.name(spec) not in self.shelf.held)
        return [failure for spec in unfinished if (failure := self.ledger.failure(spec)) is not None]

    def is_over(self, spec: RunSpec) -> bool:
        """Whether a run is finished, or has failed."""
        found = self.ledger.checks(spec) if spec.checks else self.result(spec)
        return found is not None or self.ledger.failure(spec) is not None

    def train(self, specs: Sequence[RunSpec], stage: Stage, arm: str, likely: Sequence[RunSpec] = ()) -> None:
        """Train what is not there yet; while processes stand idle, also what will probably be asked for.

        Raises `OutOfTimeError` at the time limit, and `UsageError` where results can no longer be written.
        """
        self.asked |= {self.name(spec): spec for spec in specs}
        waiting = {self.name(spec): spec for spec in specs if not self.is_over(spec)}
        self._submit(waiting, likely)
        total = len(specs)
        self.tell(stage, total - len(waiting), total, arm, self._missed(specs, arm))
        while waiting:
            left = self._seconds_left()
            if left <= 0:
                self.ahead.end()
                self.executor.cancel()
                raise OutOfTimeError
            self.ahead.begin()
            for done in self.executor.poll(min(left, _POLL_SECONDS)):
                asked = waiting.pop(self.name(done.spec), None) is not None
                self.ahead.over(self.name(done.spec))
                note = "" if done.failure is None else self._failed(done.spec, done.failure, arm if asked else "")
                if asked:
                    self.tell(stage, total - len(waiting), total, arm, note)

    def _submit(self, waiting: Mapping[str, RunSpec], likely: Sequence[RunSpec]) -> None:
        """Submit what is not under way, and plan what to begin ahead: nothing, where one process does everything."""
        begun = self.ahead.under_way(self.asked)
        groups = self.grouped([spec for name, spec in waiting.items() if name not in begun])
        self.ahead.make_room(len(groups), likely)
        for group in groups:
            self.executor.submit(group)
        able = bool(waiting) and self.prices.workers > 1
        self.ahead.next = deque(self.grouped(new(likely, self._is_known, self.name)) if able else [])

    def _is_known(self, spec: RunSpec) -> bool:
        return self.name(spec) in self.asked or self.name(spec) in self.ahead.begun or self.is_over(spec)

    def _missed(self, specs: Iterable[RunSpec], arm: str) -> str:
        """What is to be said of runs that failed before anyone had asked for them."""
        found = [spec for spec in specs if self.name(spec) in self.failed_early]
        self.failed_early -= {self.name(spec) for spec in found}
        notes = [self._note(spec, failure, arm) for spec in found for failure in self.failures([spec])]
        return next(filter(None, notes), "")

    def end(self) -> None:
        """Stop what nobody waits for."""
        self.ahead.end()

    @property
    def wasted(self) -> tuple[int, float]:
        """Runs that were begun ahead and not needed, and their seconds of training."""
        unneeded = [run for spec in self.ahead.unasked.values() if (run := self.result(spec)) is not None]
        seconds = self.ahead.stopped_seconds + sum(run.numbers.seconds for run in unneeded)
        return self.ahead.stopped + len(unneeded), seconds

    def _failed(self, spec: RunSpec, failure: Failure, arm: str) -> str:
        """Keep why a run failed; what to say of it, unless that was said before, or ends the study anyway."""
        try:
            if failure.kind == "disk":
                raise OSError(failure.message)
            self.ledger.fail(spec, failure)
        except OSError as error:
            told = f"runs can no longer be kept in {self.ledger.folder}: {error.strerror or error}"
            raise UsageError(told, hint="Make room there; --resume with that folder then goes on.") from None
        if not arm:
            self.failed_early.add(self.name(spec))
            return ""
        return self._note(spec, failure, arm)

    def _note(self, spec: RunSpec, failure: Failure, arm: str) -> str:
        known, self.said = failure.message in self.said, self.said | {failure.message}
        return "" if known or not spec.edits else f"a run of {arm} failed: {failure.message}"

    def _seconds_left(self) -> float:
        return float("inf") if self.time_limit is None else self.time_limit - self.seconds

    @property
    def seconds(self) -> float:
        """Since the study began, or was taken up again."""
        return self.clock() - self.started

    def tell(
        self, stage: Stage, done: int, total: int, arm: str = "", note: str = "", price: Price | None = None
    ) -> None:
        """Say how far the study is."""
        left = self.prices.seconds_left(stage, done, total)
        self.told(ProbeProgress(stage, done, total, left, arm, note, price=price))
