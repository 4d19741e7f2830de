"""A study on a simulated cluster: what it comes to, how long it takes, and where workers' time has gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from benchmarks.cluster.conditions import Conditions
from benchmarks.cluster.executor import Cluster
from benchmarks.cluster.memory import Memory
from benchmarks.cluster.nature import DATA, RECIPE, Nature, arm
from netadvise.check.book import load_rules, rule_files
from netadvise.check.verdict import judged
from netadvise.evidence import Study
from netadvise.probe.director import Director, Setting
from netadvise.probe.estimates import Question
from netadvise.probe.execute import Executor, Inline, one_by_one
from netadvise.probe.fleet import Fleet
from netadvise.probe.ledger import Ledger
from netadvise.probe.price import Prices
from netadvise.probe.report import study_of
from netadvise.probe.spec import Checks, Failure, RunSpec
from netadvise.rulepath import rules_directory
from netadvise.study import RecipeRequest, StudyRequest

BOOK = load_rules([file for file in rule_files(rules_directory()) if file.name == "dropout.yaml"])
_CHAIN_WORKERS = 100_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a simulated study came to."""

    conditions: Conditions
    study: Study
    makespan: float
    finished: Mapping[str, float]
    """Seconds of a sound worker in each finished run, by name; the checks, of which one is enough, are left out."""
    wasted: Mapping[str, float]
    """Seconds of workers, by what they were lost to."""
    driver_seconds: float
    longest_pause: float

    @property
    def told(self) -> Study:
        """The study without what it cost and where it was kept: the same, however it was trained."""
        return told(self.study)


def told(study: Study) -> Study:
    """A study without what it cost, what of that was in vain, and where it was kept."""
    return replace(study, spent=None, predicted=None, ledger="", notes=())


@dataclass(frozen=True, slots=True)
class Ideal:
    """What no cluster of sound workers can be faster than."""

    work: float
    """Seconds of a sound worker, of every run that the study needs."""
    chain: float
    """Seconds of a study with a worker for every run: the longest run of each stage, one stage after the other."""
    needed: frozenset[str]
    """Names of its runs."""

    def makespan(self, workers: int) -> float:
        """Of so many workers."""
        return max(self.work / workers, self.chain)


def simulated(conditions: Conditions, folder: Path | None = None) -> Outcome:
    """A study under these conditions; its ledger is in memory, or in a folder."""
    nature = Nature(conditions.run_seconds)
    memory = Memory(Path(), "simulated") if folder is None else Ledger(folder, "simulated")
    cluster = Cluster(conditions, nature, memory)
    if isinstance(memory, Memory):
        cluster.ledger = memory = replace(memory, asked=cluster.asked)
    study = _studied(conditions, memory, cluster, lambda: cluster.now)
    cluster.close()
    return Outcome(
        conditions,
        study,
        cluster.now,
        {spec.id("simulated"): nature.seconds(spec) for spec in cluster.finished if not spec.checks},
        cluster.workers.wasted,
        cluster.driver_seconds,
        cluster.longest_pause,
    )


def inline(conditions: Conditions) -> Study:
    """The same study by a plain loop."""
    nature, ledger = Nature(conditions.run_seconds), Memory(Path(), "simulated")

    def train(spec: RunSpec, _: object) -> Failure | None:
        found = nature.found(spec)
        if isinstance(found, Checks):
            ledger.keep_checks(spec, found)
        else:
            ledger.keep(spec, found)
        return None

    return told(_studied(conditions, ledger, Inline(one_by_one(train)), lambda: 0.0))


@cache
def ideal(arms: int, run_seconds: float) -> Ideal:
    """Of a study that asks for nothing that it does not need, without any cost but training."""
    free = Conditions(workers=_CHAIN_WORKERS, arms=arms, run_seconds=run_seconds, start=0.0, driver=0.0, ahead=False)
    found = simulated(free)
    return Ideal(sum(found.finished.values()), found.makespan, frozenset(found.finished))


def _studied(conditions: Conditions, ledger: Ledger, executor: Executor, clock: Callable[[], float]) -> Study:
    arms = tuple(map(arm, range(conditions.arms)))
    request = StudyRequest(target="net.py", recipe=RecipeRequest(data="digits"), arms=arms)
    prices = Prices(request, RECIPE.max_steps, conditions.workers)
    fleet = Fleet(ledger, executor, prices, lambda _: None, clock=clock)
    setting = Setting(request, RECIPE, Question(), DATA, conditions.workers)
    director = Director(setting, fleet, lambda facts: judged(BOOK, facts, {}))
    director.run()
    return study_of(director)
