"""Whole simulated studies: per-example losses from a seed on, through facts and verdict rules."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netadvise.check import RuleBook, load_rules
from netadvise.check.verdict import Judgement, judged
from netadvise.evidence import Verdict
from netadvise.probe.director import FUTILE
from netadvise.probe.estimates import Look, Question, Runs
from netadvise.probe.facts import ArmNumbers, arm_facts
from netadvise.probe.spec import Numbers, RunResult
from netadvise.rulepath import rules_directory

Array = NDArray[np.float64]
Generator = np.random.Generator
LOOKS = (4, 8, 12)
SETTLED: tuple[Verdict, ...] = ("HELPS", "HURTS", "NO_MEASURABLE_DIFFERENCE")


@dataclass(frozen=True, slots=True)
class Nature:
    """How per-example losses come about, in units of the seed standard deviation."""

    examples: int = 300
    pairing: float = 0.8
    """Share of a run's seed and rest parts that its pair has in common."""
    rest: float = 5.0
    """Of a seed and an example, per example."""
    fortune: float = 0.0
    """Standard deviation over examples of what the arm changes: helps some, hurts others."""
    effect: float = 0.0
    """Mean improvement."""


def pair(rng: Generator, nature: Nature, difficulty: Array, fortune: Array) -> tuple[RunResult, RunResult]:
    """One run of the baseline, and its pair."""
    shared = math.sqrt(nature.pairing) * _run(rng, nature)
    own = math.sqrt(1 - nature.pairing)
    before, after = (difficulty + shared + own * _run(rng, nature) for _ in range(2))
    return _result(before), _result(after - nature.effect - fortune)


def _run(rng: Generator, nature: Nature) -> Array:
    return rng.standard_normal() + nature.rest * rng.standard_normal(nature.examples)


def _result(losses: Array) -> RunResult:
    numbers = Numbers(best_step=150, steps=300, ending="stopped", train_loss=0.1, seconds=1.0, step_seconds=0.01)
    right = (losses < np.median(losses)).astype(np.float64)
    return RunResult(numbers, losses, right, losses + 1.0, right)


def study(rng: Generator, nature: Nature, book: RuleBook, looks: Sequence[int] = LOOKS) -> tuple[Judgement, int]:
    """The verdict on one arm and the seeds that it took, as the confirm stage reaches it."""
    difficulty = rng.lognormal(1.0, 1.0, nature.examples)
    fortune = nature.fortune * rng.standard_normal(nature.examples)
    baseline: dict[int, RunResult] = {}
    arm: dict[int, RunResult] = {}
    for number, seeds in enumerate(looks, 1):
        for seed in range(len(baseline), seeds):
            baseline[seed], arm[seed] = pair(rng, nature, difficulty, fortune)
        look = Look("confirm", number, len(looks), number == len(looks), at_last=looks[-1])
        found = _look(book, baseline, arm, look)
        if found.verdict in SETTLED or found.rule == FUTILE:
            break
    return found, len(baseline)


def _look(book: RuleBook, baseline: Runs, arm: Runs, look: Look) -> Judgement:
    about = ArmNumbers("after fc1", "Dropout", 0.5)
    return judged(book, arm_facts(Question(), look, "confirm", baseline, arm, about), {})


def verdicts(studies: int, nature: Nature, seed: int = 0) -> tuple[Counter[Verdict], float]:
    """How many studies ended how, and the mean number of seeds."""
    book = load_rules([rules_directory() / "dropout.yaml"])
    rng = np.random.default_rng(seed)
    ended = [study(rng, nature, book) for _ in range(studies)]
    return Counter(each.verdict for each, _ in ended), float(np.mean([seeds for _, seeds in ended]))


NULLS = {
    "identical arms, paired": Nature(),
    "identical arms, unpaired": Nature(pairing=0.0),
    "identical arms, few examples": Nature(examples=50),
    "identical arms, seeds alone differ": Nature(rest=0.0),
    "identical arms, much pairing": Nature(pairing=0.98),
    "helps some examples, hurts others": Nature(fortune=4.0),
}
POWERS = (0.5, 0.75, 1.0, 1.5, 2.0)
