"""Many studies of one network, from runs that were recorded once: what they cost, and how well they choose.

A replayed study is the real one, by the director, the statistics and the rules that the command has; only its runs are
looked up. Which recorded seeds are its first ones, and which its fresh ones, is drawn for each study.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.probes.recorded import Record
from benchmarks.probes.studies import BOOK
from netadvise.check.verdict import judged
from netadvise.evidence import Recipe, Study, Verdict
from netadvise.probe.director import CONFIRM_SEEDS, Director, Setting
from netadvise.probe.estimates import Question, effect_of
from netadvise.probe.execute import Inline, one_by_one
from netadvise.probe.facts import DataNumbers
from netadvise.probe.fleet import FIRST_SEEDS, LONGEST, Edits, Fleet
from netadvise.probe.ledger import Ledger
from netadvise.probe.price import Prices
from netadvise.probe.report import study_of
from netadvise.probe.spec import Checks, Failure, RunResult, RunSpec
from netadvise.quantity import Unknown
from netadvise.study import StudyRequest

SOUND = Checks(0.05, True, 0.0, 0.0, 1.0, 0.0)
GRID_SEEDS = 12
LEVEL = 0.05
Recording = Callable[[Edits, int], Record]


class Memory(Ledger):
    """A ledger that keeps nothing on disk."""

    __slots__ = ("failures", "results")

    def __init__(self) -> None:
        super().__init__(Path("nowhere"), "replay")
        object.__setattr__(self, "results", {})
        object.__setattr__(self, "failures", {})

    results: dict[str, RunResult]

    def result(self, spec: RunSpec) -> RunResult | None:
        return self.results.get(spec.id(self.key))

    def checks(self, spec: RunSpec) -> Checks | None:
        return SOUND

    def failure(self, spec: RunSpec) -> Failure | None:
        return None


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replayed study came to."""

    runs: int
    steps: int
    best_step: int
    verdict: Verdict
    chosen: Edits
    effect: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Material:
    """What all studies of one network share."""

    request: StudyRequest
    recipe: Recipe
    data: DataNumbers
    question: Question
    recording: Recording
    patience: float = 2.0


@dataclass
class _Lookup:
    """Runs are looked up."""

    material: Material
    ledger: Memory
    seeds: Mapping[int, int]
    """The recorded seed that stands for a seed of the study."""
    steps: int = 0
    runs: int = 0

    def train(self, spec: RunSpec, _: Callable[[int], None]) -> Failure | None:
        found = self.material.recording(spec.edits, self.seeds[spec.seed]).run(spec, self.material.patience)
        self.ledger.results[spec.id(self.ledger.key)] = found
        self.runs, self.steps = self.runs + 1, self.steps + found.numbers.steps
        return None


def replayed(material: Material, first: Sequence[int], fresh: Sequence[int]) -> tuple[Replayed, Study]:
    """A study whose first seeds, and whose fresh ones, are these recorded ones."""
    ledger = Memory()
    fresh_seeds = range(CONFIRM_SEEDS, CONFIRM_SEEDS + len(fresh))
    seeds = dict(zip((*FIRST_SEEDS, *fresh_seeds), (*first, *fresh), strict=True))
    lookup = _Lookup(material, ledger, seeds)
    prices = Prices(material.request, material.recipe.max_steps, 1)
    fleet = Fleet(ledger, Inline(one_by_one(lookup.train)), prices, lambda _: None)
    setting = Setting(material.request, material.recipe, material.question, material.data, 1)
    director = Director(setting, fleet, lambda facts: judged(BOOK, facts, {}))
    director.run()
    study = study_of(director)
    found = study.evidence[0] if study.evidence else None
    estimate = found and found.estimate(found.primary)
    numbers = (0.0, 0.0, 0.0) if not estimate else (estimate.effect, estimate.low, estimate.high)
    said = Replayed(
        lookup.runs,
        lookup.steps,
        prices.best_step,
        found.verdict if found else "NOT_RUN",
        found.edits if found else (),
        *numbers,
    )
    return said, study


@dataclass(frozen=True, slots=True)
class Grid:
    """The naive grid: every arm with twelve seeds, each for 4 t*."""

    best: Edits
    effect: float
    low: float
    high: float


def grid(material: Material, arms: Sequence[Edits], seeds: Sequence[int], best_step: int, among: int) -> Grid:
    """What the grid decides: its best arm, with an interval for the best of so many."""
    long = LONGEST * best_step
    found = [{seed: _whole(material, edits, seed, long) for seed in seeds} for edits in ((), *arms)]
    effects = [effect_of(material.question, found[0], each, "loss") for each in found[1:]]
    known = [(each, edits) for each, edits in zip(effects, arms, strict=True) if not isinstance(each, Unknown)]
    effect, edits = max(known, key=lambda each: each[0].mean)
    return Grid(edits, effect.mean, *effect.interval(LEVEL / among))


def _whole(material: Material, edits: Edits, seed: int, steps: int) -> RunResult:
    return material.recording(edits, seed).run(RunSpec(edits, seed, steps, steps))


def truth(material: Material, edits: Edits, seeds: Sequence[int], best_step: int) -> float:
    """The mean effect of an arm over recorded seeds."""
    long = LONGEST * best_step
    pairs = [[_whole(material, each, seed, long).losses.mean() for seed in seeds] for each in ((), edits)]
    return float(np.mean(pairs[0]) - np.mean(pairs[1]))


def seed_sd(material: Material, seeds: Sequence[int], best_step: int) -> float:
    """Standard deviation over seeds of the baseline's loss."""
    long = LONGEST * best_step
    return float(np.std([_whole(material, (), seed, long).losses.mean() for seed in seeds], ddof=1))
