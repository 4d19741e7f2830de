"""What a verdict costs against the naive grid: every place x rate x 12 seeds, and the baseline, each for 4 t* steps."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.probes.studies import MODELS, Small, fleet, question, session
from netadvise.api.dropout import DropoutRequest, ProbeRequest, dropout_report
from netadvise.dropout import DropoutReport
from netadvise.position import Position
from netadvise.probe.estimates import Runs, effect_of
from netadvise.probe.fleet import LONGEST, Edits, Fleet
from netadvise.probe.spec import RunSpec
from netadvise.quantity import Unknown

GRID_SEEDS = tuple(range(9_000, 9_012))
_LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Choice:
    """A network with several places, none of them named."""

    name: str
    title: str
    network: str
    data: str
    max_steps: int
    learning_rate: float = 1e-2
    grid: bool = False
    """Whether the grid is trained, and not only counted."""


CHOICES = (
    Choice("toy", "MLP 20-32-32-3, synthetic teacher", "Tiny", "teacher(0, 200, 400, 0.1)", 600, grid=True),
    Choice(
        "digits", "MLP 64-64-10, 300 digits, 20 % random labels", "DigitsMLP(64)", "digits(300, 500, '64', 0.2)", 800
    ),
    Choice("lstm", "LSTM of two layers, 300 digits", "RowLSTM(24)", "digits(300, 500, '8x8', 0.2)", 600),
)
BY_NAME = {choice.name: choice for choice in CHOICES}


@dataclass(frozen=True, slots=True)
class Cost:
    """A study without named places, beside the grid."""

    key: str
    said: str
    places: int
    best_step: int
    runs: int
    steps: int
    seconds: float
    """Of training, all runs together."""
    grid_runs: int
    grid_steps: int
    grid_seconds: float
    grid_measured: bool
    grid_said: str = ""


def cost(name: str, folder: Path) -> Cost:
    """A study, and its grid: trained where that is affordable."""
    choice = BY_NAME[name]
    report = _report(choice, folder / f"{name}-chosen")
    study = report.study
    assert study is not None
    best = study.baseline.best_step if study.baseline else 0
    numbers = [json.loads(file.read_text()) for file in (folder / f"{name}-chosen").glob("runs/*/result.json")]
    numbers = [each for each in numbers if "steps" in each]
    steps, seconds = sum(each["steps"] for each in numbers), sum(each["seconds"] for each in numbers)
    arms = [(place, rate) for place in report.positions.accepted if place.edit for rate in place.rates]
    count = (1 + len(arms)) * len(GRID_SEEDS)
    grid_steps = count * LONGEST * best
    measured, told = seconds / max(steps, 1) * grid_steps, ""
    if choice.grid:
        measured, told = _grid(choice, folder / f"{name}-grid", arms, best)
    return Cost(
        name,
        _said(report),
        len({place.place for place, _ in arms}),
        best,
        len(numbers),
        steps,
        seconds,
        count,
        grid_steps,
        measured,
        choice.grid,
        told,
    )


def _report(choice: Choice, folder: Path) -> DropoutReport:
    probe = ProbeRequest(
        data=f"{MODELS}:{choice.data}",
        learning_rate=choice.learning_rate,
        max_steps=choice.max_steps,
        workers=1,
        study_dir=str(folder),
    )
    target = f"{MODELS}:{choice.network}"
    return dropout_report(DropoutRequest(target=target, isolated=True, cache=False, quiet=True, probe=probe))


def _said(report: DropoutReport) -> str:
    study = report.study
    assert study is not None
    if not study.evidence:
        return ", ".join(gate.name for gate in study.gates if gate.ends) or study.stopped
    found = study.evidence[0]
    effect = found.estimate(found.primary)
    told = "" if effect is None else f", {effect.effect:+.3f} [{effect.low:+.3f}, {effect.high:+.3f}]"
    rate = "" if found.rate is None else f" {found.rate:g}"
    return f"{found.place}{rate}: {found.verdict}{told}"


def _grid(choice: Choice, folder: Path, arms: Sequence[tuple[Position, float]], best: int) -> tuple[float, str]:
    """Seconds of training, and what the grid decides: its best arm, with an interval for the best of so many."""
    made = session(Small(choice.network, choice.data, choice.max_steps, (), choice.learning_rate), folder)
    runs = fleet(made)
    edits: list[Edits] = [(), *((place.at(rate),) for place, rate in arms)]
    found = [_trained(runs, each, LONGEST * best) for each in edits]
    seconds = sum(run.numbers.seconds for each in found for run in each.values())
    effects = [effect_of(question(made), found[0], each, "loss") for each in found[1:]]
    known = [(each, arm) for each, arm in zip(effects, arms, strict=True) if not isinstance(each, Unknown)]
    effect, (place, rate) = max(known, key=lambda each: each[0].mean)
    low, high = effect.interval(_LEVEL / len(arms))
    sign = "better" if low > 0 else "worse" if high < 0 else "not told from none"
    return seconds, f"{place.place} {rate:g}: {sign}, {effect.mean:+.3f} [{low:+.3f}, {high:+.3f}]"


def _trained(runs: Fleet, edits: Edits, steps: int) -> Runs:
    specs = {seed: RunSpec(edits, seed, steps, steps) for seed in GRID_SEEDS}
    started = time.perf_counter()
    runs.train(list(specs.values()), "confirm", "grid")
    print(edits, f"{time.perf_counter() - started:.0f} s", flush=True)
    return {seed: result for seed, spec in specs.items() if (result := runs.ledger.result(spec)) is not None}


def section(found: Sequence[Cost]) -> Iterator[str]:
    """What the page says of the cost."""
    yield (
        "Studies of effort confirm without `--layer`: every accepted place is screened, two more rates of the best are "
        "tried, and one arm is confirmed. The grid is every place at every rate that is offered, with 12 seeds, and "
        f"the baseline, each for {LONGEST} t* steps. Ratios are the grid over the study; seconds are those of all "
        "training runs in one process (grids that were not trained: their steps at the study's seconds a step), on a "
        "machine whose load changed meanwhile: go by the steps."
    )
    yield "\n".join(_table(found))
    yield "\n".join(f"- {each.key}: the study says {each.said}." + _grid_told(each) for each in found)


def _grid_told(each: Cost) -> str:
    return f" The grid's best: {each.grid_said}." if each.grid_measured else " The grid was not trained."


def _table(found: Sequence[Cost]) -> Iterator[str]:
    heads = [f"{unit}: study | grid | ratio" for unit in ("runs", "steps", "seconds")]
    yield f"| case | places | t* | {' | '.join(heads)} |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    for each in found:
        pairs = ((each.runs, each.grid_runs), (each.steps, each.grid_steps), (each.seconds, each.grid_seconds))
        cells = [f"{own:,.0f} | {grid:,.0f} | {grid / max(own, 1e-9):.1f}" for own, grid in pairs]
        title = BY_NAME[each.key].title
        yield f"| {each.key}: {title} | {each.places} | {each.best_step} | {' | '.join(cells)} |"
