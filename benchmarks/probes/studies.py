"""Studies in this process, run by run, where a benchmark has to look into them or to change what is trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import torch

from netadvise.check.book import load_rules, rule_files
from netadvise.check.verdict import judged
from netadvise.edit import Insert, Part, Place
from netadvise.evidence import ProbeProgress, Study
from netadvise.probe.data import duplicates
from netadvise.probe.director import Director, Setting
from netadvise.probe.estimates import Question
from netadvise.probe.execute import Inline, Trained
from netadvise.probe.facts import DataNumbers
from netadvise.probe.fleet import FIRST_SEEDS, Edits, Fleet
from netadvise.probe.ledger import Ledger
from netadvise.probe.price import Prices
from netadvise.probe.report import study_of
from netadvise.rulepath import rules_directory
from netadvise.study import Arm, Dose, RecipeRequest, StudyRequest
from netadvise.worker.training import Session

MODELS = Path(__file__).resolve().parent.parent / "models" / "probed.py"
BOOK = load_rules([file for file in rule_files(rules_directory()) if file.name == "dropout.yaml"])


@dataclass(frozen=True, slots=True)
class Small:
    """A study of one arm on a network and data of `benchmarks.models.probed`."""

    network: str
    data: str
    max_steps: int
    edits: Edits
    learning_rate: float = 1e-3


def dropout_after(module: str, rate: float) -> Insert:
    """Dropout behind a module."""
    return Insert(Place("after", module), (Part("Dropout", {"p": rate}),))


def session(small: Small, folder: Path) -> Session:
    """Everything that the runs of a study share; results go into `folder`."""
    torch.set_num_threads(1)
    request = StudyRequest(
        target=f"{MODELS}:{small.network}",
        recipe=RecipeRequest(
            data=f"{MODELS}:{small.data}", max_steps=small.max_steps, learning_rate=small.learning_rate
        ),
        arms=(Arm("the arm", ("the arm",), "Dropout", (Dose(None, small.edits),)),),
        named=True,
        folder=str(folder),
    )
    return Session(request, Ledger(folder, "benchmark"))


def fleet(made: Session, trained: Trained | None = None) -> Fleet:
    """The runs of a study, trained in this process one after the other: by `trained`, or as they are meant."""
    prices = Prices(made.request, made.recipe.max_steps, 1)
    return Fleet(made.ledger, Inline(trained or made.train_group), prices, _silent)


def question(made: Session) -> Question:
    """What the study asks: of the loss, and beside it of the metric."""
    step = made.lesson.step
    return Question(metric=step.metric_name, metric_higher_is_better=step.metric_higher_is_better)


def directed(made: Session, trained: Trained) -> Study:
    """The study from its checks to its verdict, by the director, the statistics and the rules that the command has."""
    data = made.data
    numbers = DataNumbers(
        len(data.train), len(data.validation), made.trivial_loss, duplicates(data.train, data.validation)
    )
    setting = Setting(made.request, made.recipe, question(made), numbers, 1)
    director = Director(setting, fleet(made, trained), lambda facts: judged(BOOK, facts, {}))
    director.run()
    return study_of(director)


def know_best_step(runs: Fleet) -> int:
    """Train the first baseline, and let t* be known, as the director does."""
    runs.train([runs.baseline_spec(seed) for seed in FIRST_SEEDS], "baseline", "the network as it is")
    numbers = [run.numbers for run in runs.baseline_runs(FIRST_SEEDS).values()]
    seconds = median(each.seconds / max(each.steps, 1) for each in numbers)
    runs.prices.know(median(each.best_step for each in numbers), seconds)
    return runs.prices.best_step


def train_pairs(runs: Fleet, edits: Sequence[Edits], seeds: Sequence[int]) -> None:
    """Train the network as it is, and each arm, on these seeds."""
    runs.train([runs.spec(each, seed) for seed in seeds for each in ((), *edits)], "confirm", "arms")


Told = Callable[[ProbeProgress], None]


def _silent(_: ProbeProgress) -> None:
    pass
