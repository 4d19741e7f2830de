"""Whether the interval of an effect covers the effect on new data, over many small studies with unlimited new data."""

from __future__ import annotations

import math
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import mean, median

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import stats

from benchmarks.models.probed import Tiny, teacher
from benchmarks.probes import stacked
from benchmarks.probes.studies import Small, dropout_after, fleet, know_best_step, session, train_pairs
from netadvise.probe.director import CONFIRM_SEEDS
from netadvise.probe.estimates import Look, values
from netadvise.probe.fleet import FIRST_SEEDS, HORIZON, LONGEST
from netadvise.probe.masks import key as key_of
from netadvise.probe.statistics import crossed, improvement

Array = NDArray[np.float64]
SEEDS = (4, 8)
MANY_SEEDS = (12, 32)
FROM_MANY = 1_000
"""Studies from this number on have many seeds, to show what an interval over seeds alone is worth then."""
TRUTH_SEEDS = tuple(range(5_000, 5_024))
BY_ENGINE = 10
"""The first so many studies are trained by the engine, run by run; the others' seeds in one stack."""
_LEARNING_RATE = 1e-2
_MAX_STEPS = 800
_LAYERS = ("net.1", "net.3")
WAYS = ("one look", "three looks", "seeds alone")
"""The interval at one planned look, as reported at looks at 4, 8 and 12, and a paired t over the seeds' means."""


@dataclass(frozen=True, slots=True)
class Covered:
    """One small study: its intervals, and the truth. Keys are "loss 4", "loss 8", "accuracy 4", ..."""

    key: int
    data: str
    rates: tuple[float, ...]
    by_engine: bool
    best_step: int
    truth: dict[str, float]
    """By quantity: mean effect on fresh test data over fresh seeds."""
    truth_error: dict[str, float]
    """Standard error of that, over the seeds."""
    effects: dict[str, float] = field(default_factory=dict)
    errors: dict[str, float] = field(default_factory=dict)
    """Standard errors that the study gives."""
    intervals: dict[str, dict[str, tuple[float, float]]] = field(default_factory=dict)
    """By key, by way."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class _Plan:
    number: int
    arguments: tuple[int, int, int, float]
    """Of `teacher`."""
    rates: tuple[float, float]


def _plan(number: int) -> _Plan:
    """A task, and an arm, for each number."""
    draw = random.Random(number)
    train, validation = draw.choice((100, 150, 200, 300)), draw.choice((150, 200, 300))
    noise, rate = draw.choice((0.0, 0.1, 0.2)), draw.choice((0.1, 0.2, 0.3, 0.5, 0.7))
    return _Plan(
        number, (1_000 + number, train, validation, noise), draw.choice(((rate, rate), (rate, 0.0), (0.0, rate)))
    )


def covered_study(number: int) -> Covered:
    """Study number `number`: its intervals at 4 and at 8 seeds, and the truth."""
    plan, started = _plan(number), time.process_time()
    torch.set_num_threads(1)
    train, validation, test = teacher(*plan.arguments)
    halves = torch.tensor(_halves(len(validation[1]))).long()
    task = stacked.Task(train, validation, test, _batch_size(len(train[1])), _LEARNING_RATE, 0, _MAX_STEPS)
    first = stacked.trained(_tiny, task, FIRST_SEEDS, (0.0, 0.0), halves)
    best = max(round(float(first.lowest_at[: len(FIRST_SEEDS)].quantile(0.5))), 1)
    by_engine = number < BY_ENGINE
    scores = None
    if by_engine:
        best, scores = _by_engine(plan)
    task = replace(task, least=HORIZON * best, most=min(LONGEST * best, 2 * _MAX_STEPS))
    counts = counts_of(number)
    members = stacked.trained(_tiny, task, (*_confirm(counts), *TRUTH_SEEDS), plan.rates, halves)
    losses, hits = scores or members.on_validation()
    truth, error = _truth(members, max(counts))
    found = Covered(number, f"teacher{plan.arguments}", plan.rates, by_engine, best, truth, error)
    for count in counts:
        _take(found, f"loss {count}", improvement(losses[0, :count], losses[1, :count], True))
        _take(found, f"accuracy {count}", improvement(hits[0, :count], hits[1, :count], False))
    return replace(found, seconds=round(time.process_time() - started, 1))


def counts_of(number: int) -> tuple[int, ...]:
    """The numbers of seeds at which a study is looked at."""
    return SEEDS if number < FROM_MANY else MANY_SEEDS


def _confirm(counts: Sequence[int]) -> tuple[int, ...]:
    return tuple(range(CONFIRM_SEEDS, CONFIRM_SEEDS + max(counts)))


def _tiny(seed: int) -> Tiny:
    """With the initial weights that the engine gives to a seed."""
    torch.manual_seed(key_of(seed, "init"))
    return Tiny()


def _batch_size(count: int) -> int:
    return max(2, min(32, count // 8))


def _halves(count: int) -> Array:
    """As in the engine: half of the examples, chosen once."""
    order = torch.randperm(count, generator=torch.Generator().manual_seed(key_of("halves"))).numpy()
    half = np.zeros(count)
    half[order[: count // 2]] = 1
    return half


def _by_engine(plan: _Plan) -> tuple[int, tuple[Array, Array]]:
    """t*, and losses and hits [2, seeds, examples], of runs that the engine trained."""
    edits = tuple(dropout_after(layer, each) for layer, each in zip(_LAYERS, plan.rates, strict=True) if each)
    with tempfile.TemporaryDirectory() as folder:
        data = f"teacher{plan.arguments}"
        runs = fleet(session(Small("Tiny", data, _MAX_STEPS, edits, _LEARNING_RATE), Path(folder)))
        best = know_best_step(runs)
        seeds = _confirm(SEEDS)
        train_pairs(runs, [edits], seeds)
        arms = (runs.baseline_runs(seeds), runs.arm_runs(edits, seeds))
        losses, hits = (np.stack([values(arm, seeds, each) for arm in arms]) for each in ("loss", "accuracy"))
    return best, (losses, hits)


def _truth(members: stacked.Members, past: int) -> tuple[dict[str, float], dict[str, float]]:
    """Effects on test data, over the seeds past those of the study."""
    losses, hits = (scores[:, past:] for scores in members.on_test())
    effects = {"loss": losses[0] - losses[1], "accuracy": hits[1] - hits[0]}
    errors = {name: float(each.std(ddof=1)) / math.sqrt(len(each)) for name, each in effects.items()}
    return {name: float(each.mean()) for name, each in effects.items()}, errors


def _take(found: Covered, name: str, differences: Array) -> None:
    """Take in what the study says with so many seeds: differences [seeds, examples]."""
    effect, means = crossed(differences), differences.mean(axis=1)
    half = float(stats.t.isf(0.025, len(means) - 1) * np.std(means, ddof=1) / math.sqrt(len(means)))
    found.effects[name], found.errors[name] = effect.mean, effect.standard_error
    found.intervals[name] = {
        "one look": effect.interval(Look("confirm").level),
        "three looks": effect.interval(Look("confirm", 1, 3).level),
        "seeds alone": (effect.mean - half, effect.mean + half),
    }


def section(every: Sequence[Covered]) -> Iterator[str]:
    """What the page says of these studies."""
    found = [each for each in every if each.key < FROM_MANY]
    yield (
        f"{len(found)} studies, each with a synthetic teacher of its own (20 features, 3 classes, 0, 10 or 20 % random "
        "labels), 100 to 300 training and 150 to 300 validation examples, an MLP (20-32-32-3) and dropout of 0.1 to "
        "0.7 behind one or both hidden layers: t* from 4 seeds, then fresh pairs, each at its own cross-fitted early "
        f"stop. The runs of {sum(each.by_engine for each in found)} studies are the engine's own; those of the others "
        "were trained in one stack (`benchmarks/probes/stacked.py`: the same initial weights, looks, rules and "
        "statistics). The truth of a study is the mean effect on 10,000 fresh examples over "
        f"{len(TRUTH_SEEDS)} further seeds per arm, trained on the same data and stopped by the same validation "
        "examples in the same way. It has an error of its own (below), which counts against coverage."
    )
    yield "\n".join(_coverage_table(found))
    yield (
        '"One look" is the 95 % interval of a study with one planned look; "three looks" is what the command reports '
        "at 4, 8 and 12 seeds (level 0.018 each); an interval over the seeds alone treats the validation examples as "
        "all there are."
    )
    by_engine = [each for each in found if each.by_engine]
    if by_engine:
        yield f"The same of the {len(by_engine)} studies whose runs the engine trained:"
        yield "\n".join(_coverage_table(by_engine))
    yield "How far studies are off:"
    yield "\n".join(_bias_table(found))
    many = [each for each in every if each.key >= FROM_MANY]
    if many:
        yield f"With more seeds, the choice of validation examples is what is left of the error ({len(many)} studies):"
        yield "\n".join(_coverage_table(many))
    low, high = min(each.best_step for each in found), max(each.best_step for each in found)
    yield f"t* was {low} to {high} steps. {sum(each.seconds for each in every) / 60:.0f} CPU minutes."


def _keys(found: Sequence[Covered]) -> list[str]:
    return [f"{quantity} {count}" for quantity in ("loss", "accuracy") for count in counts_of(found[0].key)]


def _coverage_table(found: Sequence[Covered]) -> Iterator[str]:
    heads = [f"{what}: {way}" for what in ("covered", "mean width") for way in WAYS]
    yield f"| quantity, seeds | {' | '.join(heads)} |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for key in _keys(found):
        shares = [f"{mean(_holds(each, key, way) for each in found):.0%}" for way in WAYS]
        widths = [f"{mean(_width(each.intervals[key][way]) for each in found):.3f}" for way in WAYS]
        yield f"| {key} | {' | '.join(shares)} | {' | '.join(widths)} |"


def _bias_table(found: Sequence[Covered]) -> Iterator[str]:
    yield "| quantity, seeds | mean of effect - truth | its error | median error of a study | median error of truth |"
    yield "|---|---:|---:|---:|---:|"
    for key in _keys(found):
        name = key.partition(" ")[0]
        off = [each.effects[key] - each.truth[name] for each in found]
        error = np.std(off, ddof=1) / math.sqrt(len(off)) if len(off) > 1 else math.nan
        given = median(each.errors[key] for each in found)
        yield f"| {key} | {mean(off):+.4f} | {error:.4f} | {given:.4f} | {_truth_error(found, name):.4f} |"


def _truth_error(found: Sequence[Covered], name: str) -> float:
    return median(each.truth_error[name] for each in found)


def _holds(each: Covered, key: str, way: str) -> bool:
    low, high = each.intervals[key][way]
    return bool(low <= each.truth[key.partition(" ")[0]] <= high)


def _width(interval: Sequence[float]) -> float:
    return interval[1] - interval[0]
