"""Simulated studies of several arms, through the race for the best one and its confirmation: false verdicts, and cost.

    python -m benchmarks.probe_races [--studies 400]

The losses of every run are drawn: a part of the seed, partly shared by runs of one seed, a part of the example, what an
arm does to an example (`fortune`: helps some, hurts others), and a rest. Course and rules are the command's.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from unittest.mock import patch

import numpy as np

from benchmarks.probe_studies import Array, Nature
from benchmarks.probes.replay import Memory
from benchmarks.probes.studies import BOOK
from netadvise.check.verdict import judged
from netadvise.edit import Insert, Part, Place
from netadvise.evidence import Recipe, Verdict
from netadvise.probe.director import Director, Setting
from netadvise.probe.estimates import Question
from netadvise.probe.execute import Inline, one_by_one
from netadvise.probe.facts import DataNumbers
from netadvise.probe.fleet import Edits, Fleet
from netadvise.probe.price import Prices
from netadvise.probe.spec import Failure, Numbers, Point, RunResult, RunSpec
from netadvise.study import Arm, Dose, RecipeRequest, StudyRequest

RATES = (0.5, 0.35, 0.2)
RECIPE = Recipe("classification", "CrossEntropyLoss", "accuracy", "Adam", 1e-3, 0.0, 32, 2000, "drawn", 300, 300)
FALSE: tuple[Verdict, ...] = ("HELPS", "HURTS")


@dataclass
class Drawn:
    """The runs of one study."""

    number: int
    nature: Nature
    effects: tuple[float, ...]
    """Of each arm, in seed standard deviations."""
    ledger: Memory = field(default_factory=Memory)
    runs: int = 0

    def __post_init__(self) -> None:
        self.difficulty = self._drawn("difficulty").lognormal(1.0, 1.0, self.nature.examples)

    def _drawn(self, *what: object) -> np.random.Generator:
        return np.random.default_rng([self.number, *(sum(map(ord, str(each))) for each in what), len(what)])

    def train(self, spec: RunSpec, _: Callable[[int], None]) -> Failure | None:
        """One run."""
        self.runs += 1
        name, effect, fortune = self._arm(spec.edits)
        pairing = self.nature.pairing
        shared, own = self._run("shared", spec.seed), self._run(name, spec.seed + 7)
        losses = self.difficulty + math.sqrt(pairing) * shared + math.sqrt(1 - pairing) * own - effect - fortune
        self.ledger.results[spec.id(self.ledger.key)] = _result(losses)
        return None

    def _arm(self, edits: Edits) -> tuple[str, float, Array]:
        if not edits:
            return "baseline", 0.0, np.zeros(self.nature.examples)
        (edit,) = edits
        assert isinstance(edit, Insert)
        name = f"{edit.place.module} {edit.chain[0].args['p']}"
        fortune = self.nature.fortune * self._drawn(name, "fortune").standard_normal(self.nature.examples)
        return name, self.effects[int(edit.place.module)], fortune

    def _run(self, name: str, seed: int) -> Array:
        drawn = np.random.default_rng([self.number, sum(ord(c) * 31**i for i, c in enumerate(name)) % 2**32, seed])
        return drawn.standard_normal() + self.nature.rest * drawn.standard_normal(self.nature.examples)


def _result(losses: Array) -> RunResult:
    curve = tuple(Point(step, 0.1, 1.0 + 0.1 * math.log(step / 150) ** 2, 0.5) for step in (50, 100, 150, 200, 300))
    numbers = Numbers(150, 300, "stopped", 0.1, 1.0, 0.01, None, curve)
    right = (losses < np.median(losses)).astype(np.float64)
    return RunResult(numbers, losses, right, losses + 1.0, right)


def arm(number: int) -> Arm:
    """A place with three rates."""
    place = str(number)
    doses = tuple(Dose(rate, (Insert(Place("after", place), (Part("Dropout", {"p": rate}),)),)) for rate in RATES)
    return Arm(place, (place,), "Dropout", doses)


@dataclass(frozen=True, slots=True)
class Raced:
    """What a study came to."""

    verdict: Verdict
    behind: float
    """The confirmed arm's effect less the best one's."""
    runs: int


def raced(number: int, nature: Nature, effects: tuple[float, ...]) -> Raced:
    """A study of arms with these effects, at every rate the same."""
    drawn = Drawn(number, nature, effects)
    request = StudyRequest(
        target="net.py", recipe=RecipeRequest(data="drawn"), arms=tuple(map(arm, range(len(effects)))), insist=True
    )
    fleet = Fleet(drawn.ledger, Inline(one_by_one(drawn.train)), Prices(request, 2000, 1), lambda _: None)
    setting = Setting(request, RECIPE, Question(), DataNumbers(300, nature.examples, 20.0, 0.0), 1)
    director = Director(setting, fleet, lambda facts: judged(BOOK, facts, {}))
    director.run()
    confirmed = [each for each in director.candidates if each.stage == "confirm"]
    assert len(confirmed) == 1, director.gates
    (found,) = confirmed
    verdict = found.judgement.verdict if found.judgement else "NOT_RUN"
    return Raced(verdict, effects[int(found.arm.place)] - max(effects), drawn.runs)


NATURES = {
    "arms differ in nothing": Nature(),
    "unpaired": Nature(pairing=0.0),
    "few examples": Nature(examples=50),
    "help some examples, hurt others": Nature(fortune=4.0),
    "much so": Nature(fortune=12.0),
}


def _null_table(studies: int) -> Iterator[str]:
    yield f"Studies of arms without effect ({studies} each)"
    yield "| arms | studies | HELPS | HURTS | false | runs |"
    yield "|---:|---|---:|---:|---:|---:|"
    for count in (2, 6, 15):
        for name, nature in NATURES.items():
            found = [raced(number, nature, (0.0,) * count) for number in range(studies)]
            said = Counter(each.verdict for each in found)
            false = sum(said[verdict] for verdict in FALSE) / studies
            runs = np.mean([each.runs for each in found])
            yield f"| {count} | {name} | {said['HELPS']} | {said['HURTS']} | {false:.1%} | {runs:.1f} |"


def _choice_table(studies: int) -> Iterator[str]:
    yield f"Studies of arms whose effects are normal with a spread, in seed standard deviations ({studies} each)"
    yield "| arms | spread | behind the best, in delta: raced | four seeds each | HELPS | | runs | |"
    yield "|---:|---:|---:|---:|---:|---:|---:|---:|"
    for count in (4, 9, 15):
        for spread in (0.5, 1.0, 2.0):
            with_race = _chosen(studies, count, spread)
            with patch("netadvise.probe.racing.is_out", _nobody):
                without = _chosen(studies, count, spread)
            cells = (f"{one} | {other}" for one, other in zip(with_race, without, strict=True))
            yield f"| {count} | {spread:g} | {' | '.join(cells)} |"


def _nobody(found: Array, *_: object) -> list[bool]:
    return [False] * len(found)


def _chosen(studies: int, count: int, spread: float) -> tuple[str, str, str]:
    found = []
    for number in range(studies):
        effects = spread * np.random.default_rng([number, count]).standard_normal(count)
        found.append(raced(number, Nature(), tuple(map(float, effects))))
    behind, runs = -np.mean([each.behind for each in found]) / 0.5, np.mean([each.runs for each in found])
    helps = sum(each.verdict == "HELPS" for each in found) / studies
    return f"{behind:.2f}", f"{helps:.0%}", f"{runs:.1f}"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=400)
    studies = parser.parse_args().studies
    for table in (_null_table, _choice_table):
        for line in table(studies):
            print(line, flush=True)
        print()


if __name__ == "__main__":
    main()
