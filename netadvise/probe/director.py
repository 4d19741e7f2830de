"""The course of a study: checks, baseline, screening, rates, confirmation; which runs are next, and when it is over.

Decisions are functions of finished runs alone, and runs are kept in the ledger: a study that is begun again takes the
same decisions, trains what is missing, and comes to the same end.

| stage | seeds | what is decided |
|---|---|---|
| checks | 1 | does it learn, is evaluation still, does it repeat itself, how long does a step take |
| baseline | 4 | is there anything to regularise; t*, its median best step |
| screen | 1 to 4 | every arm, paired with the baseline: a race, in which what can still be the best gets seeds |
| rate | 1 to 4 | two more rates of the best arm: a race with it |
| confirm | fresh ones, at 4, 8 and 12 | baseline and arm anew: the only stage that gives a verdict |

No arm is judged before 2 t*, and each is judged at its own early stop (at most 4 t*). A confirmation also ends where
its further looks have hardly a chance to settle anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from netadvise.evidence import Gate, Recipe, Stage
from netadvise.facts import Fact
from netadvise.probe.candidate import Candidate, Judgement
from netadvise.probe.estimates import Look, Question, Runs
from netadvise.probe.facts import ArmNumbers, DataNumbers, arm_facts, study_facts
from netadvise.probe.fleet import FIRST_SEEDS, Edits, Fleet, OutOfTimeError
from netadvise.probe.grouping import Grouping, asked
from netadvise.probe.price import is_screened
from netadvise.probe.racing import RUNGS, RUNGS_TO_SHOW, standing
from netadvise.probe.spec import Checks, RunSpec
from netadvise.quantity import Unknown
from netadvise.study import StudyRequest

CONFIRM_SEEDS = 1000
"""The first seed of a confirmation: none that anything was chosen by."""
FUTILE = "PRB020"
"""The rule that ends a confirmation without a verdict before its last look."""

Judge = Callable[[Mapping[str, Fact]], Judgement]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a study needs to know beside its runs."""

    request: StudyRequest
    recipe: Recipe
    question: Question
    data: DataNumbers
    workers: int
    lanes: int = 1
    """Stacks of runs that are trained at a time."""


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
        self.grouping: Grouping | None = None
        """Which runs are trained together; None before that is known."""

    def run(self) -> None:
        """The whole course; what was decided stands in the attributes afterwards."""
        try:
            self._checks()
            if not self._over() and self._baseline():
                self._arms()
        except OutOfTimeError:
            self.stopped = f"the time limit of {self.request.time_limit:g} s was reached"
        finally:
            self.fleet.end()

    def _checks(self) -> None:
        specs = asked(self.fleet.check_specs, self.setting.lanes, self.request.stack)
        # nothing ahead: how runs are trained, in stacks or one by one, is not known before
        self.fleet.train(specs, "baseline", "checks")
        found = [checks for spec in specs if (checks := self.fleet.ledger.checks(spec)) is not None]
        if found:
            self.prices.measured(found)
            self.fleet.grouped = self.grouping = Grouping(found[0].stacked, self.setting.lanes, self.request.stack)
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
            chosen = self._race(self.candidates, "screen")
            if chosen is not None and self.request.effort != "quick":
                chosen = self._rates(chosen)
            if chosen is None:
                # no run of any arm came to a number: there is nothing to confirm
                return
            to_confirm = [chosen]
        if self.request.effort == "confirm":
            self._confirm(to_confirm)

    def _rates(self, chosen: Candidate) -> Candidate | None:
        """The best rate of an arm."""
        others = [Candidate(chosen.arm, dose, "rate") for dose in chosen.arm.doses[1:3]]
        self.candidates += others
        return self._race([chosen, *others], "rate")

    def _race(self, runners: Sequence[Candidate], stage: Stage) -> Candidate | None:
        """The best of several, with seeds until it is told, or there are four; None where no run came to a number."""
        decides = self.request.effort == "confirm"
        rungs = RUNGS if decides else RUNGS_TO_SHOW
        left = list(runners)
        for number, count in enumerate(rungs):
            if len(left) == 1 and decides and left[0].seeds:
                return left[0]
            later = rungs[number + 1 :]
            self.prices.expect(stage, len(left) * (rungs[-1] - count))
            self._train_arms(left, FIRST_SEEDS[:count], stage, self._after_rung(left, stage, later))
            left = self._left(left, FIRST_SEEDS[:count], last=not later)
        return max(left, key=lambda each: each.promise, default=None)

    def _left(self, runners: Sequence[Candidate], seeds: Sequence[int], *, last: bool) -> list[Candidate]:
        """Who goes on after some seeds, the best one first; after the last ones, all that came to a number."""
        base = self.fleet.baseline_runs(seeds)
        arms = [self.fleet.arm_runs(each.dose.edits, seeds) for each in runners]
        delta, spread = _number(self.facts.get("delta"), 0.0), _number(self.facts.get("seed_sd"), float("inf"))
        found = standing(self.setting.question, base, arms, delta, spread, len(FIRST_SEEDS) - 1)
        if last or found.leader is None:
            return [each for each, known in zip(runners, found.known, strict=True) if known or not last]
        leader = runners[found.leader]
        for each, out, known in zip(runners, found.out, found.known, strict=True):
            if out:
                than = f"{leader.name}, or no change, by what would matter"
                each.dropped = f"95 % sure not to beat {than}" if known else "a run came to no number"
        return [leader, *(each for each in runners if each is not leader and not each.dropped)]

    def _after_rung(self, runners: Sequence[Candidate], stage: Stage, later: Sequence[int]) -> list[RunSpec]:
        """What is probably next: the baseline of the confirmation for sure, one more seed, and more of who leads."""
        fleet, leader = self.fleet, runners[0]
        more = [fleet.spec(each.dose.edits, FIRST_SEEDS[count - 1]) for count in later for each in runners]
        if self.request.effort != "confirm":
            return more
        looks = [self._fresh(count) for count in self.request.looks]
        found = [fleet.spec((), seed) for seed in looks[0]] + more[: len(runners)]
        if leader.seeds:
            others = leader.arm.doses[1:3] if stage == "screen" else ()
            found += [fleet.spec(dose.edits, FIRST_SEEDS[0]) for dose in others]
            found += [fleet.spec(leader.dose.edits, seed) for seed in looks[0]] + more[len(runners) :]
            found += self._pairs([leader], looks[-1])
        return found

    def _confirm(self, chosen: Sequence[Candidate]) -> None:
        open_ = list(chosen)
        looks = self.request.looks
        screened = len(self.candidates) if is_screened(self.request) else 1
        for number, count in enumerate(looks, start=1):
            seeds = self._fresh(count)
            look = Look("confirm", number, len(looks), number == len(looks), len(chosen), screened, looks[-1])
            self.prices.expect("confirm", (1 + len(open_)) * (looks[-1] - count))
            self._train_pairs(open_, seeds, look)
            for candidate in open_:
                self._judge_arm(candidate, seeds, look)
            open_ = [each for each in open_ if not _settled(each)]
            if not open_:
                return

    def _train_pairs(self, candidates: Sequence[Candidate], seeds: Sequence[int], look: Look) -> None:
        """Train baseline and arms on fresh seeds; out of time, what is there is judged, and stays inconclusive."""
        later = self._pairs(candidates, self._fresh(self.request.looks[-1]))
        try:
            told = ", ".join(each.arm.place for each in candidates)
            self.fleet.train(self._pairs(candidates, seeds), "confirm", told, later)
        except OutOfTimeError:
            for candidate in candidates:
                done = [seed for seed in seeds if self.fleet.has_pair(candidate.dose.edits, seed)]
                if len(done) >= 2:
                    self._judge_arm(candidate, done, replace(look, last=False))
                    candidate.cut_short = len(done) < len(seeds)
            raise

    def _fresh(self, count: int) -> tuple[int, ...]:
        """So many seeds of the confirmation."""
        return tuple(range(CONFIRM_SEEDS, CONFIRM_SEEDS + count))

    def _pairs(self, candidates: Sequence[Candidate], seeds: Sequence[int]) -> list[RunSpec]:
        """Runs of the baseline and of arms, by seed: the fewest that a look can do with come first."""
        edits: list[Edits] = [(), *(each.dose.edits for each in candidates)]
        return [self.fleet.spec(each, seed) for seed in seeds for each in edits]

    def _train_arms(
        self, candidates: Sequence[Candidate], seeds: Sequence[int], stage: Stage, likely: Sequence[RunSpec]
    ) -> None:
        """Train arms on seeds, and judge each that has not had as many before."""
        specs = [self.fleet.spec(each.dose.edits, seed) for seed in seeds for each in candidates]
        self.fleet.train(specs, stage, f"{len(candidates)} arms", likely)
        for each in candidates:
            if len(each.seeds) < len(seeds):
                self._judge_arm(each, seeds, Look(each.stage))

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


def _known(before_norm: bool | None) -> bool | Unknown:
    return Unknown("what stands behind the place was not recorded") if before_norm is None else before_norm


def _number(fact: Fact, otherwise: float) -> float:
    return float(fact) if isinstance(fact, int | float) else otherwise


def _settled(candidate: Candidate) -> bool:
    """Whether no further seed would change what is said of it, or hardly one."""
    found = candidate.judgement
    return found is not None and (found.verdict not in ("INCONCLUSIVE", "UNCLEAR") or found.rule == FUTILE)
