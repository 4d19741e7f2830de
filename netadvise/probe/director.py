"""The course of a study: checks, baseline, screening, rates, confirmation; which runs are next, and when it is over.

Decisions are functions of finished runs alone, and runs are kept in the ledger: a study that is begun again takes the
same decisions, trains what is missing, and comes to the same end.

| stage | seeds | what is decided |
|---|---|---|
| checks | 1 | does it learn, is evaluation still, does it repeat itself, how long does a step take |
| baseline | 4 | is there anything to regularise; t*, its median best step |
| screen | 2, then 2 more | every arm, paired with the baseline; what is clearly worse after two seeds is dropped |
| rate | 4 | two more rates of the best arm |
| confirm | fresh ones, at 4, 8 and 12 | baseline and arm anew: the only stage that gives a verdict |

No arm is judged before 2 t*, and each is judged at its own early stop (at most 4 t*).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Protocol

from netadvise.evidence import Gate, Recipe, Stage, Verdict
from netadvise.facts import Fact
from netadvise.probe.estimates import Look, Question, Runs
from netadvise.probe.facts import ArmNumbers, DataNumbers, arm_facts, study_facts
from netadvise.probe.fleet import FIRST_SEEDS, Fleet, OutOfTimeError
from netadvise.probe.price import is_screened
from netadvise.probe.spec import Checks
from netadvise.quantity import Unknown
from netadvise.study import Arm, Dose, StudyRequest

CONFIRM_SEEDS = 1000
"""The first seed of a confirmation: none that anything was chosen by."""


class Judgement(Protocol):
    """What rules say of some facts."""

    @property
    def verdict(self) -> Verdict: ...
    @property
    def reason(self) -> str: ...
    @property
    def rule(self) -> str: ...
    @property
    def gates(self) -> tuple[Gate, ...]: ...


Judge = Callable[[Mapping[str, Fact]], Judgement]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a study needs to know beside its runs."""

    request: StudyRequest
    recipe: Recipe
    question: Question
    data: DataNumbers
    workers: int


@dataclass(slots=True)
class Candidate:
    """An arm at one of its rates, and how far it has come."""

    arm: Arm
    dose: Dose
    stage: Stage = "screen"
    seeds: list[int] = field(default_factory=list)
    look: Look = field(default_factory=lambda: Look("screen"))
    facts: Mapping[str, Fact] = field(default_factory=dict)
    judgement: Judgement | None = None
    dropped: bool = False
    cut_short: bool = False
    """Whether time ran out in the middle of a look: no verdict but that more is needed."""

    @property
    def promise(self) -> float:
        """What its effect is at least, with 80 % confidence: a large effect that is hardly known comes behind."""
        low = self.facts.get("low_80")
        return low if isinstance(low, int | float) else float("-inf")


@dataclass
class Director:
    """One study."""

    setting: Setting
    fleet: Fleet
    judge: Judge
    gates: tuple[Gate, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    candidates: list[Candidate] = field(default_factory=list)
    stopped: str = ""

    def __post_init__(self) -> None:
        self.request = self.setting.request
        self.prices = self.fleet.prices

    def run(self) -> None:
        """The whole course; what was decided stands in the attributes afterwards."""
        try:
            self._checks()
            if not self._over() and self._baseline():
                self._arms()
        except OutOfTimeError:
            self.stopped = f"the time limit of {self.request.time_limit:g} s was reached"

    def _checks(self) -> None:
        specs = self.fleet.check_specs
        self.fleet.train(specs, "baseline", "checks")
        found = [checks for spec in specs if (checks := self.fleet.ledger.checks(spec)) is not None]
        if found:
            self.prices.measured(found)
        self._judge_study({})
        self.fleet.tell("baseline", 0, len(FIRST_SEEDS), price=self.prices.price)

    def _baseline(self) -> bool:
        """Train the network as it is; whether any arm is worth training."""
        self.fleet.train([self.fleet.baseline_spec(seed) for seed in FIRST_SEEDS], "baseline", "the network as it is")
        runs = self.fleet.baseline_runs(FIRST_SEEDS)
        self._judge_study(runs)
        if not runs:
            self.stopped = self.stopped or "no run of the network as it is was finished"
            return False
        numbers = [run.numbers for run in runs.values()]
        seconds = median(each.seconds / max(each.steps, 1) for each in numbers)
        self.prices.know(median(each.best_step for each in numbers), seconds)
        self.fleet.cut_off = self.facts.get("still_falling") is True
        self.fleet.tell("baseline", len(FIRST_SEEDS), len(FIRST_SEEDS), price=self.prices.price)
        return not self._over()

    def _arms(self) -> None:
        self.candidates = [Candidate(arm, arm.doses[0]) for arm in self.request.arms]
        to_confirm = self.candidates
        if is_screened(self.request):
            self._screen()
            to_confirm = [self._best()]
            if to_confirm[0].promise == float("-inf"):
                # no arm has two runs that came to an end: there is nothing to confirm
                return
            if self.request.effort != "quick":
                to_confirm = [self._rates(to_confirm[0])]
        if self.request.effort == "confirm":
            self._confirm(to_confirm)

    def _screen(self) -> None:
        for seeds in (FIRST_SEEDS[:2], FIRST_SEEDS):
            alive = [each for each in self.candidates if not each.dropped]
            self._train_arms(alive, seeds, "screen")
            for candidate in alive:
                self._judge_arm(candidate, seeds, Look("screen"))
                candidate.dropped = len(seeds) < len(FIRST_SEEDS) and len(alive) > 1 and _clearly_worse(candidate)

    def _rates(self, best: Candidate) -> Candidate:
        """The best rate of an arm."""
        others = [Candidate(best.arm, dose, "rate") for dose in best.arm.doses[1:3]]
        if not others:
            return best
        self._train_arms(others, FIRST_SEEDS, "rate")
        for candidate in others:
            self._judge_arm(candidate, FIRST_SEEDS, Look("rate"))
        self.candidates += others
        return max([best, *others], key=lambda each: each.promise)

    def _confirm(self, chosen: Sequence[Candidate]) -> None:
        open_ = list(chosen)
        looks = self.request.looks
        screened = len(self.candidates) if is_screened(self.request) else 1
        for number, count in enumerate(looks, start=1):
            seeds = tuple(range(CONFIRM_SEEDS, CONFIRM_SEEDS + count))
            look = Look("confirm", number, len(looks), number == len(looks), len(chosen), screened)
            self._train_pairs(open_, seeds, look)
            for candidate in open_:
                self._judge_arm(candidate, seeds, look)
            open_ = [each for each in open_ if not _settled(each)]
            if not open_:
                return

    def _train_pairs(self, candidates: Sequence[Candidate], seeds: Sequence[int], look: Look) -> None:
        """Train baseline and arms on fresh seeds; out of time, what is there is judged, and stays inconclusive."""
        specs = [self.fleet.spec((), seed) for seed in seeds]
        specs += [self.fleet.spec(each.dose.edits, seed) for seed in seeds for each in candidates]
        try:
            self.fleet.train(specs, "confirm", ", ".join(each.arm.place for each in candidates))
        except OutOfTimeError:
            for candidate in candidates:
                done = [seed for seed in seeds if self.fleet.has_pair(candidate.dose.edits, seed)]
                if len(done) >= 2:
                    self._judge_arm(candidate, done, replace(look, last=False))
                    candidate.cut_short = len(done) < len(seeds)
            raise

    def _train_arms(self, candidates: Sequence[Candidate], seeds: Sequence[int], stage: Stage) -> None:
        specs = [self.fleet.spec(each.dose.edits, seed) for seed in seeds for each in candidates]
        self.fleet.train(specs, stage, f"{len(candidates)} arms")

    def _judge_study(self, runs: Runs) -> None:
        checks: Checks | Unknown | None = self.fleet.ledger.checks(self.fleet.check_specs[0])
        crashed = len(self.fleet.failures(map(self.fleet.baseline_spec, FIRST_SEEDS)))
        self.facts = study_facts(
            self.setting.question,
            Look("baseline"),
            self.request.effort,
            runs,
            self.setting.data,
            Unknown("the checks did not finish") if checks is None else checks,
            self.setting.recipe.max_steps,
            crashed,
        )
        found = self.judge(self.facts).gates
        asked = (gate for gate in found if self.request.regularise or not self._is_about_overfitting(gate))
        self.gates = tuple(replace(gate, ends=gate.ends and gate.name not in self._passed) for gate in asked)

    def _is_about_overfitting(self, gate: Gate) -> bool:
        """Whether it says that a trained network does not overfit: of one that still improves it says that, too."""
        return gate.name == "NO_OVERFIT_IN_BUDGET" and self.facts.get("still_falling") is not True

    def _over(self) -> bool:
        """Whether a gate ends the study."""
        return any(gate.ends for gate in self.gates)

    @property
    def _passed(self) -> tuple[str, ...]:
        """Gates that say there is nothing to regularise, where the arms are no regularisers or the user insists."""
        insists = not self.request.regularise or self.request.insist
        return ("UNDERFIT_BASELINE", "NO_OVERFIT_IN_BUDGET") if insists else ()

    def _judge_arm(self, candidate: Candidate, seeds: Sequence[int], look: Look) -> None:
        baseline, runs = self.fleet.baseline_runs(seeds), self.fleet.arm_runs(candidate.dose.edits, seeds)
        specs = [self.fleet.spec(candidate.dose.edits, seed) for seed in seeds]
        about = ArmNumbers(
            candidate.arm.place,
            candidate.arm.variant,
            candidate.dose.rate,
            len(self.fleet.failures(specs)),
            _known(candidate.arm.upstream_of_batchnorm),
        )
        reference = self.fleet.baseline_runs(FIRST_SEEDS)
        candidate.facts = arm_facts(self.setting.question, look, self.request.effort, baseline, runs, about, reference)
        candidate.judgement = self.judge(candidate.facts)
        candidate.stage, candidate.look, candidate.seeds = look.stage, look, list(seeds)

    def _best(self) -> Candidate:
        return max(self.candidates, key=lambda each: each.promise)


def _known(before_norm: bool | None) -> bool | Unknown:
    return Unknown("what stands behind the place was not recorded") if before_norm is None else before_norm


def _clearly_worse(candidate: Candidate) -> bool:
    """Whether even the upper end of its interval is a loss."""
    high = candidate.facts.get("high_80")
    return isinstance(high, int | float) and high < 0


def _settled(candidate: Candidate) -> bool:
    """Whether no further seed would change what is said of it."""
    return candidate.judgement is not None and candidate.judgement.verdict not in ("INCONCLUSIVE", "UNCLEAR")
