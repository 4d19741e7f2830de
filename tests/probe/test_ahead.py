"""Runs that are begun ahead: they change nothing but when a study is over, and what is not needed is stopped."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netadvise.evidence import ProbeProgress, Study
from netadvise.probe.ahead import WORTH_STOPPING, Ahead
from netadvise.probe.director import CONFIRM_SEEDS
from netadvise.probe.execute import Done, Group, Trained, one_by_one, over, unwanted
from netadvise.probe.spec import Failure, RunSpec
from netadvise.study import Arm
from tests.probe.made_studies import World, arm, world

RATES = (0.5, 0.35, 0.2)


@dataclass
class Crowd:
    """Many processes, which finish in any order."""

    trained: Trained
    workers: int
    choice: random.Random
    running: list[Group] = field(default_factory=list)
    submitted: list[RunSpec] = field(default_factory=list)
    cancelled: list[RunSpec] = field(default_factory=list)
    most: int = 0

    @property
    def room(self) -> int:
        return max(0, self.workers - len(self.running))

    def submit(self, group: Group) -> None:
        self.running.append(group)
        self.submitted += group
        self.most = max(self.most, len(self.running))

    def poll(self, seconds: float) -> list[Done]:
        if not self.running:
            return []
        under_way = self.running[: self.workers]
        group = self.choice.choice(under_way)
        self.running.remove(group)
        return over(group, self.trained(group, lambda _: None))

    def cancel(self, runs: Collection[RunSpec] | None = None) -> None:
        self.cancelled += [spec for group in self.running if unwanted(group, runs) for spec in group]
        self.running = [group for group in self.running if not unwanted(group, runs)]

    def close(self) -> None:
        self.cancel()


def crowd(made: World, workers: int, seed: int = 0) -> Crowd:
    return Crowd(one_by_one(made.train), workers, random.Random(seed))


def effects(folder: Path, **given: float | Failure) -> World:
    """Places with the same effect at every rate."""
    return World(folder, {(name, rate): effect for name, effect in given.items() for rate in RATES})


def same(study: Study) -> Study:
    return replace(study, spent=None, predicted=None, notes=(), ledger="")


ARMS: tuple[Arm, ...] = tuple(arm(name, RATES) for name in "abc")


@given(
    workers=st.integers(2, 60),
    seed=st.integers(0, 10_000),
    values=st.tuples(*[st.sampled_from([-0.4, -0.02, 0.0, 0.02, 0.03, 0.2])] * 3),
    effort=st.sampled_from(["quick", "screen", "confirm"]),
)
@settings(deadline=None, max_examples=12)
def test_a_study_says_the_same_whatever_was_begun_ahead(
    workers: int, seed: int, values: tuple[float, ...], effort: str
) -> None:
    given_effects = dict(zip("abc", values, strict=True))
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        made = effects(Path(one), **given_effects)
        wanted = made.study(*ARMS, effort=effort)
        again = effects(Path(other), **given_effects)
        executor = crowd(again, workers, seed)
        found = again.study_by(executor, workers, *ARMS, effort=effort)
    assert same(found) == same(wanted)
    names = [spec.id("key") for spec in again.trained]
    assert len(names) == len(set(names))
    assert {spec.id("key") for spec in made.trained if not spec.checks} <= set(names)


def test_one_process_begins_nothing_ahead(tmp_path: Path) -> None:
    made = world(tmp_path, a=0.2, b=0.0)
    executor = crowd(made, 1)
    study = made.study_by(executor, 1, arm("a"), arm("b"))
    assert study.notes == ()
    assert study.spent is not None
    assert len(made.trained) == study.spent.runs + 1  # and the checks


def test_the_confirmation_has_begun_before_the_race_is_over(tmp_path: Path) -> None:
    made = effects(tmp_path, a=0.2, b=-0.4, c=-0.4)
    executor = crowd(made, 40)
    made.study_by(executor, 40, *ARMS)
    first_fresh = next(place for place, spec in enumerate(executor.submitted) if spec.seed >= CONFIRM_SEEDS)
    screened = [place for place, spec in enumerate(executor.submitted) if spec.edits and spec.seed < CONFIRM_SEEDS]
    assert first_fresh < screened[-1]


def test_what_was_not_needed_is_stopped_and_told(tmp_path: Path) -> None:
    made = effects(tmp_path, a=0.2, b=-0.4, c=-0.4)
    executor = crowd(made, 40)
    study = made.study_by(executor, 40, *ARMS)
    assert executor.cancelled
    assert executor.running == []
    (note,) = study.notes
    assert "begun ahead" in note and "not needed" in note


def begun(executor: Crowd, seconds: float | None) -> tuple[Ahead, list[RunSpec]]:
    """Four runs begun ahead, which fill the executor."""
    specs = [RunSpec((), seed, 10, 20) for seed in range(6)]
    ahead = Ahead(executor, lambda: 0.0, lambda spec: spec.id(""), lambda _: seconds)
    ahead.next = deque((spec,) for spec in specs)
    ahead.begin()
    assert [group[0] for group in executor.running] == specs[:4]
    return ahead, specs


@pytest.mark.parametrize("seconds", [None, 100.0])
def test_what_is_least_likely_makes_room_for_what_is_asked_for(tmp_path: Path, seconds: float | None) -> None:
    executor = crowd(world(tmp_path), 4)
    ahead, specs = begun(executor, seconds)
    ahead.make_room(2, specs)
    assert executor.cancelled == [specs[3], specs[2]]
    assert executor.room == 2
    assert ahead.stopped == 2


def test_what_has_become_unlikely_is_stopped_though_there_is_room(tmp_path: Path) -> None:
    executor = crowd(world(tmp_path), 4)
    ahead, specs = begun(executor, 100.0)
    ahead.make_room(0, specs[1:])
    assert executor.cancelled == specs[:1]


def test_what_was_asked_for_meanwhile_is_not_in_the_way(tmp_path: Path) -> None:
    executor = crowd(world(tmp_path), 4)
    ahead, specs = begun(executor, 100.0)
    assert ahead.under_way([spec.id("") for spec in specs]) == {spec.id("") for spec in specs[:4]}
    ahead.make_room(4, [])
    assert executor.cancelled == []


def test_a_short_run_goes_on(tmp_path: Path) -> None:
    """A process that is stopped takes longer to start anew."""
    executor = crowd(world(tmp_path), 4)
    ahead, _ = begun(executor, WORTH_STOPPING / 2)
    ahead.make_room(4, [])
    assert executor.cancelled == []
    ahead.end()
    assert len(executor.cancelled) == 4


def test_a_group_is_stopped_only_as_a_whole(tmp_path: Path) -> None:
    executor = crowd(world(tmp_path), 4)
    specs = [RunSpec((), seed, 10, 20) for seed in range(2)]
    ahead = Ahead(executor, lambda: 0.0, lambda spec: spec.id(""), lambda _: None)
    ahead.next = deque([tuple(specs)])
    ahead.begin()
    ahead.under_way([specs[0].id("")])
    ahead.make_room(4, [])
    assert executor.cancelled == []
    ahead.over(specs[0].id(""))
    ahead.make_room(4, [])
    assert executor.cancelled == specs


def test_a_run_that_fails_ahead_is_told_when_it_is_asked_for(tmp_path: Path) -> None:
    failing = Failure("out of memory: MemoryError", kind="memory")
    alone = effects(tmp_path / "1", a=0.2, b=failing)
    wanted = alone.study(*ARMS[:2])
    made = effects(tmp_path / "2", a=0.2, b=failing)
    found = made.study_by(crowd(made, 30), 30, *ARMS[:2])
    assert same(found) == same(wanted)
    assert len(_told(made.told)) == len(_told(alone.told)) == 1


def _told(progress: list[ProbeProgress]) -> list[str]:
    return [each.note for each in progress if "out of memory" in each.note]


@pytest.mark.parametrize("limit", [3.0, 9.0, 15.0])
def test_out_of_time_everything_is_stopped_and_a_second_study_goes_on(tmp_path: Path, limit: float) -> None:
    whole = effects(tmp_path / "whole", a=0.1, b=0.0, c=-0.1).study(*ARMS)
    made = effects(tmp_path / "parts", a=0.1, b=0.0, c=-0.1)
    executor = crowd(made, 20)
    assert made.study_by(executor, 20, *ARMS, time_limit=limit).stopped
    assert executor.running == []
    again = effects(tmp_path / "parts", a=0.1, b=0.0, c=-0.1)
    assert same(again.study_by(crowd(again, 20), 20, *ARMS)) == same(whole)
