"""Groups: which runs share a stack, and that every run is in one group."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netadvise.edit import Edit, Insert, Part, Place, Replace, SetArgs
from netadvise.probe.execute import Group, alone
from netadvise.probe.grouping import Grouping, asked, united
from netadvise.probe.spec import RunSpec, Stacked

FAST = Stacked("", 4, 0.001, 0.002, 32)


def dropout(place: str, p: float, kind: str = "Dropout", **others: int) -> Insert:
    return Insert(Place("after", place), (Part(kind, {"p": p, **others}),))


def spec(*edits: Edit, seed: int = 0) -> RunSpec:
    return RunSpec(edits, seed, 10, 20)


def sizes(groups: list[Group]) -> list[int]:
    return [len(group) for group in groups]


@pytest.mark.parametrize(
    "stacked", [Stacked(), Stacked("the optimizer"), replace(FAST, step_seconds=0.0017)], ids=["default", "not", "slow"]
)
def test_without_a_gain_every_run_is_alone(stacked: Stacked) -> None:
    specs = [spec(seed=seed) for seed in range(5)]
    assert Grouping(stacked, 1)(specs) == alone(specs)
    assert not any(each.stack for group in Grouping(stacked, 1)(specs) for each in group)


def test_never_is_never_and_always_wherever_it_can_be() -> None:
    specs = [spec(seed=seed) for seed in range(4)]
    slow = replace(FAST, step_seconds=0.004)
    assert Grouping(FAST, 1, "never")(specs) == alone(specs)
    assert sizes(Grouping(slow, 1, "always")(specs)) == [4]
    assert sizes(Grouping(FAST, 1)(specs)) == [4]
    refused = Grouping(Stacked("of the optimizer"), 1, "always")
    assert refused(specs) == alone(specs)
    assert refused.note == "--stack always: not done, because of the optimizer"
    assert Grouping(FAST, 1, "never").note == Grouping(slow, 1).note == ""
    assert Grouping(FAST, 1).note == "runs that differ in dropouts and seeds alone were trained together, in stacks"


def test_no_run_is_no_group() -> None:
    assert Grouping(FAST, 2)([]) == []


def test_arms_rates_and_seeds_share_a_stack() -> None:
    arms: list[tuple[Edit, ...]] = [
        (),
        (dropout("a", 0.1),),
        (dropout("a", 0.5),),
        (dropout("b", 0.2, "DropBlock2d", block_size=3),),
        (dropout("a", 0.05), dropout("b", 0.1, "DropBlock2d", block_size=3)),
    ]
    specs = [spec(*edits, seed=seed) for seed in range(2) for edits in arms]
    groups = Grouping(FAST, 2)(specs)
    assert sizes(groups) == [5, 5]
    assert {each.seed for each in groups[0]} == {0}
    assert united(groups[0]) == (dropout("a", 0.05), dropout("b", 0.1, "DropBlock2d", block_size=3))


@pytest.mark.parametrize(
    "edit",
    [
        SetArgs("lstm", {"dropout": 0.3}),
        Replace("act", (Part("GELU"),)),
        dropout("a", 1.0),
        Insert(Place("after", "a"), (Part("LayerNorm", {"normalized_shape": 3}),)),
        Insert(Place("after", "a"), (Part("Dropout", {"p": 0.1}), Part("Dropout", {"p": 0.1}))),
        Insert(Place("after", "a"), (Part("Dropout", {}),)),
    ],
    ids=str,
)
def test_what_changes_more_than_rates_is_trained_by_itself(edit: Edit) -> None:
    groups = Grouping(FAST, 1)([spec(), spec(edit), spec(seed=1), spec(edit, seed=1)])
    assert sizes(groups) == [2, 1, 1]
    assert [each.stack for group in groups for each in group] == [2, 2, 0, 0]


def test_two_kinds_of_dropout_at_one_place_are_two_stacks() -> None:
    edits = [dropout("a", 0.1), dropout("a", 0.1, "AlphaDropout"), dropout("b", 0.1, "DropBlock2d", block_size=3)]
    specs = [*map(spec, edits), spec(dropout("b", 0.2, "DropBlock2d", block_size=5))]
    assert sizes(Grouping(FAST, 1)(specs)) == [2, 2]


def test_checks_are_not_stacked_and_try_the_width_of_a_small_round() -> None:
    checks = [RunSpec((), 0, 0, 0, checks=True)]
    assert Grouping(FAST, 1)(checks) == alone(checks)
    assert [asked(checks, workers)[0].stack for workers in (1, 2, 3, 8, 100)] == [8, 4, 3, 1, 1]
    assert asked(checks, 2) == checks
    assert [asked(checks, workers, "always")[0].stack for workers in (1, 2, 100)] == [8, 4, 2]
    assert asked(checks, 2, "never")[0].stack == 0


def test_how_a_run_is_trained_is_no_part_of_what_it_is() -> None:
    one = spec(dropout("a", 0.1))
    other = replace(one, stack=7)
    assert one == other
    assert one.id("key") == other.id("key")


@given(st.integers(0, 60), st.integers(1, 9), st.integers(1, 40))
def test_groups_are_equal_and_no_wider_than_may_be(count: int, workers: int, most: int) -> None:
    specs = [spec(seed=seed) for seed in range(count)]
    groups = Grouping(replace(FAST, most=most), workers)(specs)
    assert [each for group in groups for each in group] == specs
    assert all(1 <= len(group) <= most for group in groups)
    assert max(sizes(groups), default=0) - min(sizes(groups), default=0) <= 1
    assert max(sizes(groups), default=0) <= -(-count // workers)
