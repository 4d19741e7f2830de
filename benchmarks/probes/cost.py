"""What a verdict costs against the naive grid: every place x rate x 12 seeds, and the baseline, each for 4 t* steps.

Every run that the grid or any study may ask for is recorded once; many studies, each with other seeds, are then
replayed from the recordings, and so are their grids. So cost and choice are known as distributions, from real runs.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch

from benchmarks.probes.recorded import Record, Records, named
from benchmarks.probes.replay import GRID_SEEDS, Grid, Material, Replayed, grid, replayed, seed_sd, truth
from benchmarks.probes.studies import MODELS
from netadvise.api.dropout import DropoutRequest, dropout_report
from netadvise.api.studies import ProbeRequest
from netadvise.document.study import study_from_file
from netadvise.probe.estimates import Question
from netadvise.probe.facts import DataNumbers
from netadvise.probe.fleet import LONGEST, Edits
from netadvise.probe.ledger import Ledger, read_study
from netadvise.study import StudyRequest
from netadvise.worker.training import Session

STUDIES = 40
FIRST, FRESH = 4, 12
"""Seeds of a study."""
TRIED = 6
"""Seeds that every arm is recorded with; those that are hopeless then get no more."""
HOPELESS = -0.06
"""An arm with a smaller mean effect is not among those that the grid may call best."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A network with several places."""

    name: str
    title: str
    network: str
    data: str
    max_steps: int
    recorded: int
    """Steps of every recording."""
    file: str = "probed.py"
    learning_rate: float = 1e-2
    layers: tuple[str, ...] = ()
    """Places to name, which makes each an arm of its own."""
    seeds: int = 24
    runs_of: str = ""
    """The choice whose recordings it shares."""


_DEEP = Choice(
    "deep",
    "MLP of eight hidden layers with layer norms, 300 digits, 20 % random labels",
    "DeepMLP",
    "digits(300, 500, '64', 0.2)",
    800,
    400,
    "deep.py",
    3e-3,
    seeds=18,
)
CHOICES = (
    Choice("toy", "MLP 20-32-32-3, synthetic teacher", "Tiny", "teacher(0, 200, 400, 0.1)", 600, 220),
    Choice(
        "digits",
        "MLP 64-64-10, 300 digits, 20 % random labels",
        "DigitsMLP(64)",
        "digits(300, 500, '64', 0.2)",
        800,
        400,
    ),
    _DEEP,
    Choice(
        "deepnamed",
        "the same, each place an arm of its own (--layer)",
        _DEEP.network,
        _DEEP.data,
        _DEEP.max_steps,
        _DEEP.recorded,
        _DEEP.file,
        _DEEP.learning_rate,
        ("before net.0", "after net.*"),
        _DEEP.seeds,
        "deep",
    ),
)
BY_NAME = {choice.name: choice for choice in CHOICES}


@dataclass(frozen=True, slots=True)
class Cost:
    """Studies of one network, beside their grids; means over the studies."""

    key: str
    studies: int
    places: int
    arms: int
    """Of a study, before rates."""
    cells: int
    """Of the grid: places times rates."""
    best_step: float
    runs: float
    few_runs: float
    """Of the cheapest tenth of the studies, at most."""
    many_runs: float
    """Of the dearest tenth, at least."""
    steps: float
    grid_runs: int
    grid_steps: float
    said: dict[str, int]
    """Verdicts, counted."""
    agreed: int
    """Studies that told a sign, or none, as their grid did."""
    contradicted: int
    """Studies that told the other sign."""
    undecided: int
    """Studies that told no sign where their grid did."""
    delta: float
    behind: float
    """Mean effect of the arm that a study chose less that of the best cell, in delta; over all recorded seeds."""
    grid_behind: float
    """The same of the grid's choice."""


def cost(name: str, folder: Path) -> Cost:
    """Studies and grids of a network, replayed; runs that are not recorded yet are trained first."""
    torch.set_num_threads(1)
    choice = BY_NAME[name]
    subject = _subject(choice, folder)
    draw = random.Random(0)
    outcomes = [_both(subject, draw) for _ in range(STUDIES)]
    studies, grids = [each for each, _ in outcomes], [each for _, each in outcomes]
    best_step = float(np.median([each.best_step for each in studies]))
    true = _truths(subject, round(best_step))
    top = max(true[named(edits)] for edits in subject.cells)
    delta = seed_sd(subject.material, subject.seeds, round(best_step)) / 2
    grid_runs = (1 + len(subject.cells)) * GRID_SEEDS
    runs = [each.runs for each in studies]
    signs = [(_sign(each.verdict), _sign_of(other)) for each, other in outcomes]
    return Cost(
        key=name,
        studies=len(studies),
        places=subject.places,
        arms=len(subject.material.request.arms),
        cells=len(subject.cells),
        best_step=best_step,
        runs=float(np.mean(runs)),
        few_runs=float(np.quantile(runs, 0.1)),
        many_runs=float(np.quantile(runs, 0.9)),
        steps=float(np.mean([each.steps for each in studies])),
        grid_runs=grid_runs,
        grid_steps=grid_runs * LONGEST * best_step,
        said=dict(Counter(each.verdict for each in studies)),
        agreed=sum(one == other for one, other in signs),
        contradicted=sum(one * other < 0 for one, other in signs),
        undecided=sum(one == 0 != other for one, other in signs),
        delta=delta,
        behind=float(np.mean([true[named(each.chosen)] - top for each in studies])) / delta,
        grid_behind=float(np.mean([true[named(each.best)] - top for each in grids])) / delta,
    )


@dataclass(frozen=True)
class _Subject:
    """A network with its recordings."""

    material: Material
    places: int
    cells: tuple[Edits, ...]
    """Of the grid."""
    arms: int
    """Edits that the grid or a study may ask for, the network as it is left out."""
    hopeful: frozenset[str]
    """Arms that were recorded with every seed."""
    seeds: tuple[int, ...]


def _subject(choice: Choice, folder: Path) -> _Subject:
    """Ask the command for places and arms, and record what a grid or a study may ask for."""
    asked, places, cells = _asked(choice, folder / f"{choice.name}-asked")
    recordings = folder / f"{choice.runs_of or choice.name}-recorded"
    recordings.mkdir(exist_ok=True)
    session = Session(asked, Ledger(recordings, "benchmark"))
    records = Records(session, recordings, choice.recorded)
    recording = _Recording(records, {})
    question = Question(metric=session.lesson.step.metric_name)
    numbers = DataNumbers(len(session.data.train), len(session.data.validation), session.trivial_loss, 0.0)
    material = Material(asked, session.recipe, numbers, question, recording)
    arms = {named(edits): edits for edits in (*cells, *(dose.edits for arm in asked.arms for dose in arm.doses[:3]))}
    gains = {name: _gain(recording, edits, range(TRIED)) for name, edits in arms.items()}
    hopeful = [name for name, gain in gains.items() if gain > HOPELESS]
    for seed in range(choice.seeds):
        for edits in ((), *(arms[name] for name in hopeful)):
            recording(edits, seed)
    return _Subject(material, places, tuple(cells), len(arms), frozenset(hopeful), tuple(range(choice.seeds)))


@dataclass(frozen=True, slots=True)
class _Recording:
    """Recordings, each read once."""

    records: Records
    known: dict[tuple[str, int], Record]

    def __call__(self, edits: Edits, seed: int) -> Record:
        key = named(edits), seed
        if key not in self.known:
            self.known[key] = self.records.of(edits, seed)
        return self.known[key]


def _gain(recording: _Recording, edits: Edits, seeds: Sequence[int]) -> float:
    """Of the lowest mean loss, over seeds."""
    lowest = [[recording(each, seed).losses.mean(axis=1).min() for seed in seeds] for each in ((), edits)]
    return float(np.mean(lowest[0]) - np.mean(lowest[1]))


@cache
def _asked(choice: Choice, folder: Path) -> tuple[StudyRequest, int, list[Edits]]:
    """What the command would study, the number of places, and the cells of the grid."""
    models = MODELS.parent / choice.file
    probe = ProbeRequest(
        data=f"{models}:{choice.data}",
        learning_rate=choice.learning_rate,
        max_steps=choice.max_steps,
        workers=1,
        study_dir=str(folder),
        time_limit=0.001,  # what is asked for is written down before anything is trained
    )
    target = f"{models}:{choice.network}"
    found = dropout_report(
        DropoutRequest(target=target, isolated=True, cache=False, quiet=True, probe=probe, layers=choice.layers)
    )
    assert found.study is not None
    request = study_from_file(read_study(Path(found.study.ledger)))[1]
    accepted = [position for position in found.positions.accepted if position.edit]
    cells: list[Edits] = [(position.at(rate),) for position in accepted for rate in position.rates]
    return request, len(accepted), cells


def _both(subject: _Subject, draw: random.Random) -> tuple[Replayed, Grid]:
    """A study and a grid, each with seeds of its own choice."""
    with_all = subject.seeds if len(subject.hopeful) == subject.arms else subject.seeds[:TRIED]
    first = draw.sample(with_all, FIRST)
    fresh = draw.sample([seed for seed in subject.seeds if seed not in first], FRESH)
    study, _ = replayed(subject.material, first, fresh)
    hopeful = [edits for edits in subject.cells if named(edits) in subject.hopeful]
    among = len(subject.cells)
    return study, grid(subject.material, hopeful, draw.sample(subject.seeds, GRID_SEEDS), study.best_step, among)


def _truths(subject: _Subject, best_step: int) -> dict[str, float]:
    request = subject.material.request
    doses = (dose.edits for arm in request.arms for dose in arm.doses[:3])
    arms = {named(edits): edits for edits in (*subject.cells, *doses)}
    seeds = {name: subject.seeds if name in subject.hopeful else subject.seeds[:TRIED] for name in arms}
    found = {name: truth(subject.material, edits, seeds[name], best_step) for name, edits in arms.items()}
    return {named(()): 0.0, **found}


def _sign(verdict: str) -> int:
    return {"HELPS": 1, "HURTS": -1}.get(verdict, 0)


def _sign_of(found: Grid) -> int:
    return int(found.low > 0) - int(found.high < 0)
