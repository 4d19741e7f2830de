"""Hits as alternatives: what stands together, what is left out."""

from __future__ import annotations

from dataclasses import replace

from netadvise.edit import Part, Replace, SetArgs
from netadvise.finding import Hit
from netadvise.suggest.alternatives import Alternative, Built, alternatives
from tests.suggest.made import hit, kernel, rule

TWO = rule("KER901")
ONE = rule("KER902")
THUMB = rule("KER903", "C")
RULES = {of.id: of for of in (TWO, ONE, THUMB)}


def grouped(*hits: Hit, built: Built | None = None, whole: bool = False) -> tuple[Alternative, ...]:
    return alternatives(hits, RULES, built or {}, whole=whole)


def test_a_hit_without_edits_is_no_alternative() -> None:
    assert grouped(hit(TWO, "conv")) == ()


def test_an_edit_that_changes_nothing_is_no_alternative() -> None:
    built: Built = {"conv": ("Conv2d", {"kernel_size": (3, 3), "padding": (1, 1)})}
    assert grouped(hit(TWO, "conv", SetArgs("conv", {"kernel_size": 3, "padding": 1})), built=built) == ()


def test_arguments_that_stay_are_left_out_of_an_edit() -> None:
    built: Built = {"conv": ("Conv2d", {"kernel_size": (5, 5), "dilation": (1, 1)})}
    (found,) = grouped(hit(TWO, "conv", SetArgs("conv", {"kernel_size": 3, "dilation": 1})), built=built)
    assert found.edits == (SetArgs("conv", {"kernel_size": 3}),)


def test_padding_that_is_no_zeros_was_done_before_the_layer() -> None:
    built: Built = {"conv": ("Conv2d", {"padding": (0, 0), "padding_mode": "reflect"})}
    (found,) = grouped(hit(TWO, "conv", SetArgs("conv", {"padding": 0})), built=built)
    assert found.edits == (SetArgs("conv", {"padding": 0}),)


def test_layers_of_one_line_that_change_alike_stand_together() -> None:
    (found,) = grouped(*(hit(TWO, f"stage.{index}.conv", kernel(f"stage.{index}.conv")) for index in range(3)))
    assert found.layers == ("stage.0.conv", "stage.1.conv", "stage.2.conv")
    assert [edit.module for edit in found.edits if isinstance(edit, SetArgs)] == list(found.layers)
    assert [of.layers for of in found.alone()] == [(layer,) for layer in found.layers]


def test_copies_of_other_layers_count_as_alike() -> None:
    hits = [hit(TWO, name, Replace(name, (Part(f"like:{name}", {"groups": 8}),))) for name in ("a.conv", "b.conv")]
    assert len(grouped(*hits)) == 1


def test_layers_of_other_lines_and_other_edits_stand_apart() -> None:
    hits = (
        hit(TWO, "a", kernel("a")),
        hit(TWO, "b", kernel("b"), line=10),
        hit(TWO, "c", kernel("c", 5)),
        hit(TWO, "d", kernel("d"), line=None),
        hit(TWO, "e", kernel("e"), line=None),
    )
    assert [of.layers for of in grouped(*hits)] == [("a",), ("b",), ("c",), ("d",), ("e",)]


def test_two_alternatives_share_all_their_layers_or_none() -> None:
    hits = (hit(TWO, "a", kernel("a")), hit(TWO, "b", kernel("b")), hit(ONE, "b", kernel("b", 1)))
    assert [(of.rule.id, of.layers) for of in grouped(*hits)] == [
        ("KER901", ("a",)),
        ("KER901", ("b",)),
        ("KER902", ("b",)),
    ]


def test_a_rule_of_thumb_parts_layers_only_when_everything_is_asked_for() -> None:
    hits = (hit(TWO, "a", kernel("a")), hit(TWO, "b", kernel("b")), hit(THUMB, "b", kernel("b", 1)))
    assert [of.layers for of in grouped(*hits)] == [("a", "b"), ("b",)]
    assert [of.layers for of in grouped(*hits, whole=True)] == [("a",), ("b",), ("b",)]


def test_of_two_rules_with_the_same_edit_the_better_grade_speaks() -> None:
    (found,) = grouped(hit(THUMB, "a", kernel("a")), hit(TWO, "a", kernel("a")))
    assert found.rule is TWO


def test_a_module_that_runs_twice_is_changed_once() -> None:
    first = hit(TWO, "a", kernel("a"))
    (found,) = grouped(first, replace(first, call=1))
    assert found.edits == (kernel("a"),)
