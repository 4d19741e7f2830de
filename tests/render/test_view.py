"""Filtering, folding and sorting of rows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from netadvise.profiles import Profile
from netadvise.quantity import Unknown
from netadvise.render.view import SORT_KEYS, View, rows
from tests.render.sample import conv, field, layer, sample


def names(profile: Profile, view: View) -> list[str]:
    """The names of the rows."""
    return [row.name for row in rows(profile, view)]


def blocks(*parts: str, params: int = 3) -> Profile:
    """One layer `x` below each path."""
    return replace(sample(), blocks=(), layers=tuple(layer(f"{part}.x", "Linear", params=params) for part in parts))


@pytest.mark.parametrize(
    ("parts", "expected", "why"),
    [
        (("a.0", "a.2"), ["a.0", "a.2"], "a gap between the indices"),
        (("a.1", "a.0"), ["a.1", "a.0"], "executed in another order"),
        (("a.0", "b.1"), ["a.0", "b.1"], "different parents"),
        (("a.x", "a.y"), ["a.x", "a.y"], "names, not indices"),
        (("a.0", "a.1", "a.2"), ["a.0-2"], "three in a row"),
        (("a.9", "a.10"), ["a.9-10"], "indices count as numbers"),
    ],
)
def test_neighbours_fold_only_when_they_are_a_sequence(parts: tuple[str, ...], expected: list[str], why: str) -> None:
    assert names(blocks(*parts), View(depth=2)) == expected, why


@pytest.mark.parametrize(
    "change", [{"params": 4}, {"kind": "Conv1d"}, {"output_shapes": ((1, 2),)}, {"attrs": {"p": 1}}]
)
def test_blocks_that_differ_stay_apart(change: dict[str, object]) -> None:
    first, second = blocks("a.0", "a.1").layers
    profile = replace(sample(), layers=(first, replace(second, **change)))  # type: ignore[arg-type]
    assert names(profile, View(depth=2)) == ["a.0", "a.1"]


def test_a_folded_row_sums_over_its_blocks_and_shows_the_last_field() -> None:
    row = next(row for row in rows(sample(), View(depth=2)) if row.times > 1)
    assert (row.name, row.kind, row.times) == ("stage.0-2", "Residual", 3)
    assert row.params == 3 * 576
    assert row.receptive_field == (11, 11)


@pytest.mark.parametrize("depth", [1, 2, 3, 9])
def test_folding_loses_no_layer(depth: int) -> None:
    folded = rows(sample(), View(depth=depth))
    assert sorted(id(item) for row in folded for item in row.layers) != []
    assert sum(row.params for row in folded) == sample().totals.params
    assert sum(len(row.layers) for row in folded) == len(sample().layers)


def test_two_calls_of_one_layer_are_two_rows() -> None:
    assert names(sample(), View(depth=1))[:2] == ["stem", "stem (call 1)"]


def test_a_depth_beyond_the_tree_changes_nothing() -> None:
    assert names(sample(), View(depth=9)) == names(sample(), View())


def test_kinds_are_matched_in_any_case_and_names_exactly() -> None:
    assert names(sample(), View(kinds=("CONV*",), names=("stage.*",))) == [f"stage.{index}.conv" for index in range(3)]
    assert names(sample(), View(names=("STAGE.*",))) == []


@pytest.mark.parametrize("key", SORT_KEYS)
def test_every_sort_key_sorts(key: str) -> None:
    assert len(rows(sample(), View(sort=key))) == len(sample().layers)  # type: ignore[arg-type]


def test_unknown_numbers_stand_last() -> None:
    lost = layer("lost", "Custom", macs=Unknown("no formula"))
    profile = replace(sample(), layers=(lost, conv("a", field(3)), layer("b", "Linear", macs=1)))
    assert names(profile, View(sort="macs")) == ["a", "b", "lost"]


def test_top_without_a_key_shows_the_most_macs() -> None:
    profile = replace(sample(), layers=(layer("few", "Linear", macs=1), layer("many", "Linear", macs=9)))
    assert names(profile, View(top=1)) == ["many"]
