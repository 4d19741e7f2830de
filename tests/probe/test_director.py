"""The course of a study, with runs whose effects are given: what is trained, when it ends, and what is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from netadvise.check.book import load_rules, rule_files
from netadvise.check.verdict import Judgement, judged
from netadvise.edit import Insert, Part, Place
from netadvise.errors import UsageError
from netadvise.evidence import ProbeProgress, Recipe, Study
from netadvise.facts import Fact
from netadvise.probe.director import CONFIRM_SEEDS, Director, Setting
from netadvise.probe.estimates import Question
from netadvise.probe.execute import Inline, one_by_one
from netadvise.probe.facts import DataNumbers
from netadvise.probe.fleet import FIRST_SEEDS, Fleet
from netadvise.probe.ledger import Ledger
from netadvise.probe.price import Prices
from netadvise.probe.report import study_of
from netadvise.probe.spec import Checks, Failure, Numbers, Point, RunResult, RunSpec
from netadvise.rulepath import rules_directory
from netadvise.study import Arm, Dose, RecipeRequest, StudyRequest
from tests.probe.made_runs import run

RECIPE = Recipe("classification", "CrossEntropyLoss", "accuracy", "Adam", 1e-3, 0.0, 32, 2000, "made up", 300, 400)
DATA = DataNumbers(300, 400, 2.3, 0.0)
SOUND = Checks(0.05, True, 0.0, 0.0, 0.001, 0.01)


BOOK = load_rules([file for file in rule_files(rules_directory()) if file.name == "dropout.yaml"])


def judge(facts: Mapping[str, Fact]) -> Judgement:
    return judged(BOOK, facts, {})


def arm(name: str, rates: tuple[float, ...] = (0.5,)) -> Arm:
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
        request = StudyRequest(target="net.py", recipe=RecipeRequest(data="made up"), arms=arms, **given)  # type: ignore[arg-type]
        prices = Prices(request, RECIPE.max_steps, 1)
        ledger = Ledger(self.folder, "key")
        ledger.forgive_all()
        fleet = Fleet(
            ledger, Inline(one_by_one(self.train)), prices, self.told.append, request.time_limit, lambda: self.now
        )
        director = Director(Setting(request, RECIPE, Question(), DATA, 1), fleet, judge)
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
    return next(each.verdict for each in study.evidence if each.place == place)


def test_a_net_that_learns_nothing_ends_the_study_before_anything_is_trained(tmp_path: Path) -> None:
    made = replace(world(tmp_path, a=0.3), checks=replace(SOUND, one_batch_ratio=0.99, one_batch_falling=False))
    study = made.study(arm("a"))
    assert [gate.name for gate in study.gates if gate.ends] == ["BROKEN_TRAINING"]
    assert [spec.checks for spec in made.trained] == [True]
    assert study.evidence == () and study.baseline is None


def test_one_batch_whose_loss_is_no_number_ends_it_too(tmp_path: Path) -> None:
    made = replace(world(tmp_path, a=0.3), checks=replace(SOUND, one_batch_ratio=float("inf")))
    study = made.study(arm("a"))
    assert "BROKEN_TRAINING" in [gate.name for gate in study.gates if gate.ends]
    assert len(made.trained) == 1


def late(seed: int) -> RunResult:
    """A baseline whose best step is its last one."""
    numbers = run(seed, ending="horizon", best_step=1990, steps=2000, rise=0.0).numbers
    curve = tuple(Point(step, 1.0, 3.0 - step / 1000, 0.5) for step in range(10, 2001, 10))
    made = result(seed, 0.0)
    return replace(made, numbers=replace(numbers, curve=curve), losses_end=made.losses)


def test_a_baseline_that_still_improves_ends_it_with_no_verdict(tmp_path: Path) -> None:
    made = replace(world(tmp_path, a=0.3), baseline=late)
    study = made.study(arm("a"))
    assert "NO_OVERFIT_IN_BUDGET" in [gate.name for gate in study.gates if gate.ends]
    assert made.seeds_of("a") == []
    assert study.baseline is not None and study.winner is None


def test_who_insists_gets_a_study_of_it_all_the_same(tmp_path: Path) -> None:
    made = replace(world(tmp_path, a=0.3), baseline=late)
    made.study(arm("a"), insist=True, named=True)
    assert made.seeds_of("a")


def test_a_clear_effect_is_confirmed_on_fresh_seeds_at_the_first_look(tmp_path: Path) -> None:
    made = world(tmp_path, a=0.2)
    study = made.study(arm("a"))
    assert of(study, "a") == "HELPS"
    assert made.seeds_of("a") == [*FIRST_SEEDS, *range(CONFIRM_SEEDS, CONFIRM_SEEDS + 4)]
    confirmed = study.winner
    assert confirmed is not None and confirmed.stage == "confirm" and confirmed.seeds == 4


def test_harm_is_said_to_be_harm(tmp_path: Path) -> None:
    assert of(world(tmp_path, a=-0.2).study(arm("a"), named=True), "a") == "HURTS"


def test_no_effect_takes_every_look_and_is_none(tmp_path: Path) -> None:
    made = world(tmp_path, a=0.0)
    study = made.study(arm("a"), named=True, delta=0.1)
    assert of(study, "a") == "NO_MEASURABLE_DIFFERENCE"
    small = replace(world(tmp_path / "small", a=0.004))
    study = small.study(arm("a"), named=True)
    assert of(study, "a") not in ("HELPS", "HURTS")
    assert study.evidence[0].seeds in (8, 12)


def test_arms_that_are_clearly_worse_are_dropped_after_two_seeds(tmp_path: Path) -> None:
    made = world(tmp_path, good=0.2, bad=-0.3)
    study = made.study(arm("good"), arm("bad"))
    assert made.seeds_of("bad") == [0, 1]
    assert made.seeds_of("good")[:4] == [0, 1, 2, 3]
    assert of(study, "bad") in ("LOOKS_WORSE", "UNCLEAR") and of(study, "good") == "HELPS"
    assert "dropped after 2 seeds" in next(each.reason for each in study.evidence if each.place == "bad")


def test_the_best_of_three_rates_is_confirmed_and_no_other(tmp_path: Path) -> None:
    effects = {("a", 0.5): 0.05, ("a", 0.35): 0.25, ("a", 0.2): 0.1, ("a", 0.1): 9.0, ("b", 0.2): -0.05}
    made = World(tmp_path, effects)
    study = made.study(arm("a", (0.5, 0.35, 0.2, 0.1)), arm("b", (0.2,)))
    confirmed = [each for each in study.evidence if each.stage == "confirm"]
    assert [each.rate for each in confirmed] == [0.35]
    rates = Counter(spec.edits[0].chain[0].args["p"] for spec in made.trained if spec.edits)  # type: ignore[union-attr]
    assert 0.1 not in rates


def test_one_or_two_arms_that_are_named_are_confirmed_without_screening(tmp_path: Path) -> None:
    made = world(tmp_path, a=0.2, b=-0.2)
    study = made.study(arm("a"), arm("b"), named=True)
    assert set(made.seeds_of("a")) == set(range(CONFIRM_SEEDS, CONFIRM_SEEDS + 4))
    assert (of(study, "a"), of(study, "b")) == ("HELPS", "HURTS")


@pytest.mark.parametrize("effort", ["quick", "screen"])
def test_only_confirm_may_say_what_helps(tmp_path: Path, effort: str) -> None:
    made = world(tmp_path, a=0.3, b=-0.3)
    study = made.study(arm("a"), arm("b"), effort=effort)
    assert {each.verdict for each in study.evidence} <= {"LOOKS_BETTER", "LOOKS_WORSE", "UNCLEAR", "NOT_RUN"}
    assert max(spec.seed for spec in made.trained) < CONFIRM_SEEDS


def test_out_of_time_it_is_inconclusive_with_the_number_of_seeds_that_it_takes(tmp_path: Path) -> None:
    made = world(tmp_path, a=0.02)
    study = made.study(arm("a"), named=True, time_limit=12.5)
    assert study.stopped == "the time limit of 12.5 s was reached"
    (found,) = study.evidence
    assert found.verdict == "INCONCLUSIVE"
    assert found.seeds_needed is None or found.seeds_needed > found.seeds
    assert "the time limit" in found.reason


def test_out_of_time_before_an_arm_was_trained_it_was_not_run(tmp_path: Path) -> None:
    study = world(tmp_path, a=0.2).study(arm("a"), named=True, time_limit=5.5)
    assert study.baseline is not None
    assert [each.verdict for each in study.evidence] == ["NOT_RUN"]
    none = world(tmp_path / "none", a=0.2).study(arm("a"), named=True, time_limit=0.5)
    assert none.baseline is None and none.stopped


def test_more_time_goes_on_where_less_ended(tmp_path: Path) -> None:
    whole = world(tmp_path / "whole", a=0.2).study(arm("a"))
    for limit in (3.0, 6.0, 9.0):
        world(tmp_path / "parts", a=0.2).study(arm("a"), time_limit=limit)
    last = world(tmp_path / "parts", a=0.2)
    study = last.study(arm("a"))
    assert study.evidence == whole.evidence
    assert len(last.trained) < 8


def test_a_second_study_trains_nothing_and_says_the_same(tmp_path: Path) -> None:
    first, second = world(tmp_path, a=0.2, b=0.0), world(tmp_path, a=0.2, b=0.0)
    arms = (arm("a"), arm("b"))
    wanted = first.study(*arms)
    found = second.study(*arms)
    assert second.trained == []
    assert replace(found, spent=None, predicted=None) == replace(wanted, spent=None, predicted=None)


def test_an_arm_that_crashes_leaves_the_others_alone_and_is_told_once(tmp_path: Path) -> None:
    made = world(tmp_path, good=0.2, bad=Failure("out of memory: MemoryError", kind="memory"))
    study = made.study(arm("good"), arm("bad"))
    assert of(study, "good") == "HELPS"
    assert study.failures == ("out of memory: MemoryError (4 runs)",)
    assert len([progress for progress in made.told if "out of memory" in progress.note]) == 1


def test_nothing_is_confirmed_where_every_arm_crashes(tmp_path: Path) -> None:
    made = world(tmp_path, a=Failure("no"), b=Failure("never"))
    study = made.study(arm("a"), arm("b"))
    assert {each.stage for each in study.evidence} == {"screen"}
    assert max(spec.seed for spec in made.trained) < CONFIRM_SEEDS


def test_failed_runs_are_tried_again_by_the_next_study(tmp_path: Path) -> None:
    world(tmp_path, a=Failure("no")).study(arm("a"), named=True)
    again = world(tmp_path, a=0.2)
    assert of(again.study(arm("a"), named=True), "a") == "HELPS"
    assert all(spec.edits for spec in again.trained)


def test_a_full_disk_ends_it_in_one_error_that_says_how_to_go_on(tmp_path: Path) -> None:
    made = world(tmp_path, a=Failure("No space left on device: x", kind="disk"))
    with pytest.raises(UsageError, match=r"can no longer be kept in .*: No space left on device") as caught:
        made.study(arm("a"), named=True)
    assert "--resume" in caught.value.hint


def test_arms_that_diverge_are_judged_and_not_lost(tmp_path: Path) -> None:
    """Their results have numbers that are none."""
    made = world(tmp_path, a=0.2)

    class Diverging(World):
        def train(self, spec: RunSpec, tell: Callable[[int], None]) -> Failure | None:
            if not spec.edits:
                return super().train(spec, tell)
            ledger, nan = Ledger(self.folder, "key"), np.full(60, np.nan)
            ledger.begin(spec)
            point = Point(5, float("nan"), float("nan"), 0.0)
            numbers = Numbers(5, 5, "diverged", float("nan"), 0.1, 0.01, None, (point,))
            ledger.keep(spec, RunResult(numbers, nan, nan, nan, nan))
            return None

    study = Diverging(tmp_path, made.effects).study(arm("a"), named=True)
    (found,) = study.evidence
    assert "DIVERGED" in [gate.name for gate in found.gates]
    assert found.verdict in ("INCONCLUSIVE", "HURTS")
