"""Studies with runs whose effects are given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from netadvise.check.book import load_rules, rule_files
from netadvise.check.verdict import Judgement, judged
from netadvise.edit import Insert, Part, Place
from netadvise.evidence import ProbeProgress, Recipe, Study
from netadvise.facts import Fact
from netadvise.probe.director import Director, Setting
from netadvise.probe.estimates import Question
from netadvise.probe.execute import Executor, Inline, one_by_one
from netadvise.probe.facts import DataNumbers
from netadvise.probe.fleet import Fleet
from netadvise.probe.ledger import Ledger
from netadvise.probe.price import Prices
from netadvise.probe.report import study_of
from netadvise.probe.spec import Checks, Failure, RunResult, RunSpec
from netadvise.rulepath import rules_directory
from netadvise.study import Arm, Dose, RecipeRequest, StudyRequest
from tests.probe.made_runs import run

RECIPE = Recipe("classification", "CrossEntropyLoss", "accuracy", "Adam", 1e-3, 0.0, 32, 2000, "made up", 300, 400)
DATA = DataNumbers(300, 400, 2.3, 0.0)
SOUND = Checks(0.05, True, 0.0, 0.0, 0.001, 0.01)


BOOK = load_rules([file for file in rule_files(rules_directory()) if file.name == "dropout.yaml"])


def judge(facts: Mapping[str, Fact]) -> Judgement:
    """What the rules say."""
    return judged(BOOK, facts, {})


def arm(name: str, rates: tuple[float, ...] = (0.5,)) -> Arm:
    """Dropout behind a module."""
    doses = tuple(Dose(rate, (Insert(Place("after", name), (Part("Dropout", {"p": rate}),)),)) for rate in rates)
    return Arm(name, (name,), "Dropout", doses)


@dataclass
class World:
    """What training would come to: the effect of every place and rate, or why it cannot be."""

    folder: Path
    effects: Mapping[tuple[str, float], float | Failure]
    checks: Checks = SOUND
    baseline: Callable[[int], RunResult] | None = None
    seconds: float = 1.0
    """That each run takes."""
    now: float = 0.0
    trained: list[RunSpec] = field(default_factory=list)
    told: list[ProbeProgress] = field(default_factory=list)

    def train(self, spec: RunSpec, tell: Callable[[int], None]) -> Failure | None:
        """One run, into the ledger."""
        ledger = Ledger(self.folder, "key")
        self.now += self.seconds
        self.trained.append(spec)
        ledger.begin(spec)
        if spec.checks:
            ledger.keep_checks(spec, self.checks)
            return None
        if not spec.edits:
            ledger.keep(spec, self.baseline(spec.seed) if self.baseline else result(spec.seed, 0.0))
            return None
        (edit,) = spec.edits
        assert isinstance(edit, Insert)
        effect = self.effects[edit.place.module, float(edit.chain[0].args["p"])]  # type: ignore[arg-type]
        if isinstance(effect, Failure):
            return effect
        ledger.keep(spec, result(spec.seed, effect))
        return None

    def study(self, *arms: Arm, **given: object) -> Study:
        """The study of some arms, one run after the other."""
        return self.study_by(Inline(one_by_one(self.train)), 1, *arms, **given)

    def study_by(self, executor: Executor, workers: int, *arms: Arm, **given: object) -> Study:
        """The same, trained by an executor with so many processes."""
        request = StudyRequest(target="net.py", recipe=RecipeRequest(data="made up"), arms=arms, **given)  # type: ignore[arg-type]
        prices = Prices(request, RECIPE.max_steps, workers)
        ledger = Ledger(self.folder, "key")
        ledger.forgive_all()
        fleet = Fleet(ledger, executor, prices, self.told.append, request.time_limit, lambda: self.now)
        director = Director(Setting(request, RECIPE, Question(), DATA, workers), fleet, judge)
        director.run()
        return study_of(director)

    def seeds_of(self, place: str) -> list[int]:
        """Of the runs of a place, in the order in which they were trained."""
        return [spec.seed for spec in self.trained if spec.edits and spec.edits[0].place.module == place]  # type: ignore[union-attr]


def result(seed: int, effect: float) -> RunResult:
    """A run of the seed that is better by `effect`, give or take a little of its own for each seed and example."""
    made = run(seed, 0.0, noise=0.0)
    own = np.random.default_rng([seed, int(1000 + 1000 * effect)])
    losses = made.losses - effect + 0.01 * own.normal() + 0.05 * own.normal(size=len(made.losses))
    return replace(made, losses=losses, losses_end=losses + 0.3)


def world(folder: Path, **effects: float | Failure) -> World:
    """Places by name, at the rate 0.5."""
    return World(folder, {(name, 0.5): effect for name, effect in effects.items()})


def of(study: Study, place: str) -> str:
    """The verdict on a place."""
    return next(each.verdict for each in study.evidence if each.place == place)
