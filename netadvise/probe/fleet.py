"""The runs of one study: which there are, training those that are missing, and what has come of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from netadvise.edit import Edit
from netadvise.errors import UsageError
from netadvise.evidence import Price, ProbeProgress, Stage
from netadvise.probe.estimates import Runs
from netadvise.probe.execute import Executor, Group, alone
from netadvise.probe.ledger import Ledger
from netadvise.probe.price import Prices
from netadvise.probe.spec import Failure, RunSpec

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
        found = {seed: self.ledger.result(spec) for seed, spec in specs.items()}
        return {seed: result for seed, result in found.items() if result is not None}

    def has_pair(self, edits: Edits, seed: int) -> bool:
        """Whether an arm and the baseline beside it are finished for a seed of a confirmation."""
        return self.ledger.result(self.spec((), seed)) is not None and (
            self.ledger.result(self.spec(edits, seed)) is not None
        )

    def failures(self, specs: Iterable[RunSpec]) -> list[Failure]:
        """Of the runs that have no result."""
        return [failure for spec in specs if (failure := self.ledger.failure(spec)) is not None]

    def is_over(self, spec: RunSpec) -> bool:
        """Whether a run is finished, or has failed."""
        found = self.ledger.checks(spec) if spec.checks else self.ledger.result(spec)
        return found is not None or self.ledger.failure(spec) is not None

    def train(self, specs: Sequence[RunSpec], stage: Stage, arm: str) -> None:
        """Train what is not there yet.

        Raises `OutOfTimeError` at the time limit, and `UsageError` where results can no longer be written.
        """
        waiting = {spec.id(self.ledger.key): spec for spec in specs if not self.is_over(spec)}
        for group in self.grouped(list(waiting.values())):
            self.executor.submit(group)
        total = len(specs)
        self.tell(stage, total - len(waiting), total, arm)
        while waiting:
            left = self._seconds_left()
            if left <= 0:
                self.executor.cancel()
                raise OutOfTimeError
            for done in self.executor.poll(min(left, _POLL_SECONDS)):
                waiting.pop(done.spec.id(self.ledger.key), None)
                note = "" if done.failure is None else self._failed(done.spec, done.failure, arm)
                self.tell(stage, total - len(waiting), total, arm, note)

    def _failed(self, spec: RunSpec, failure: Failure, arm: str) -> str:
        """Keep why a run failed; what to say of it, unless that was said before, or ends the study anyway."""
        try:
            if failure.kind == "disk":
                raise OSError(failure.message)
            self.ledger.fail(spec, failure)
        except OSError as error:
            told = f"runs can no longer be kept in {self.ledger.folder}: {error.strerror or error}"
            raise UsageError(told, hint="Make room there; --resume with that folder then goes on.") from None
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
