"""The course of a study, with runs whose effects are given: what is trained, when it ends, and what is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from netadvise.errors import UsageError
from netadvise.probe.director import CONFIRM_SEEDS, FUTILE
from netadvise.probe.ledger import Ledger
from netadvise.probe.spec import Failure, Numbers, Point, RunResult, RunSpec
from tests.probe.made_runs import run
from tests.probe.made_studies import SOUND, World, arm, of, result, world


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
    assert made.seeds_of("a") == [0, *range(CONFIRM_SEEDS, CONFIRM_SEEDS + 4)]
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


def test_an_arm_that_is_far_behind_is_out_after_one_seed_and_the_race_is_over(tmp_path: Path) -> None:
    made = world(tmp_path, good=0.2, bad=-0.5)
    study = made.study(arm("good"), arm("bad"))
    assert made.seeds_of("bad") == [0]
    assert made.seeds_of("good") == [0, *range(CONFIRM_SEEDS, CONFIRM_SEEDS + 4)]
    assert of(study, "bad") == "UNCLEAR" and of(study, "good") == "HELPS"
    (bad,) = [each for each in study.evidence if each.place == "bad"]
    assert bad.reason.endswith(
        "dropped after 1 seed: 95 % sure not to beat good 0.5, or no change, by what would matter"
    )


def test_of_arms_that_hardly_differ_one_is_taken_without_further_seeds(tmp_path: Path) -> None:
    made = world(tmp_path, a=0.2, b=0.201)
    study = made.study(arm("a"), arm("b"))
    assert len(made.seeds_of("a")) + len(made.seeds_of("b")) < 4 + 4 + 4
    assert study.winner is not None


def test_who_asks_for_screening_alone_gets_an_interval_of_every_arm_and_four_seeds_of_the_best(tmp_path: Path) -> None:
    made = world(tmp_path, good=0.2, bad=-0.5)
    study = made.study(arm("good"), arm("bad"), effort="screen")
    assert (made.seeds_of("good"), made.seeds_of("bad")) == ([0, 1, 2, 3], [0, 1])
    assert (of(study, "good"), of(study, "bad")) == ("LOOKS_BETTER", "LOOKS_WORSE")


def test_every_arm_counts_among_those_that_the_best_was_chosen_from(tmp_path: Path) -> None:
    """Also one that was out after a seed: the interval pays for all of them."""
    alone, among = world(tmp_path / "1", a=0.2), world(tmp_path / "2", a=0.2, b=-0.5, c=-0.5, d=-0.5)
    widths = []
    for study in (alone.study(arm("a")), among.study(*map(arm, "abcd"))):
        found = study.winner and study.winner.estimate("loss")
        assert found is not None
        widths.append(found.high - found.low)
    assert widths[1] > widths[0]


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
    assert study.failures == ("out of memory: MemoryError",)
    assert made.seeds_of("bad") == [0]
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


class Fortunate(World):
    """Arms help some examples and hurt others by more than any number of seeds can undo."""

    def train(self, spec: RunSpec, tell: Callable[[int], None]) -> Failure | None:
        if not spec.edits:
            return super().train(spec, tell)
        ledger, made = Ledger(self.folder, "key"), result(spec.seed, 0.02)
        ledger.begin(spec)
        fortune = 2.0 * np.random.default_rng(1).normal(size=len(made.losses))
        ledger.keep(spec, replace(made, losses=made.losses + fortune - fortune.mean()))
        return None


def test_a_confirmation_that_further_seeds_would_not_settle_ends_without_a_verdict(tmp_path: Path) -> None:
    made = Fortunate(tmp_path, world(tmp_path, a=0.02).effects)
    (found,) = made.study(arm("a"), named=True).evidence
    assert (found.verdict, found.rule, found.seeds) == ("INCONCLUSIVE", FUTILE, 4)
    assert "would settle it with a chance of" in found.reason


def test_what_is_left_of_a_study_shrinks_as_arms_are_out(tmp_path: Path) -> None:
    made = world(tmp_path, good=0.2, bad=-0.5)
    study = made.study(arm("good"), arm("bad"))
    left = [each.seconds_left for each in made.told if each.stage in ("screen", "confirm")]
    assert None not in left
    assert left == sorted(left, reverse=True, key=lambda seconds: seconds or 0.0)
    assert study.predicted is not None and study.spent is not None
    assert study.predicted.runs >= study.spent.runs
