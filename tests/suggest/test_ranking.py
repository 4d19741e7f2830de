"""Which suggestion comes first, what is shown, and what goes together."""

from __future__ import annotations

import pytest

from netadvise.edit import Affected, Effect
from netadvise.quantity import Unknown
from netadvise.suggest.ranking import gains, going_together, ranked
from netadvise.suggestion import Suggestion
from tests.suggest.made import effect, kernel, rule, suggestion, totals

A, B, C = rule("KER901", "A"), rule("KER902", "B"), rule("KER903", "C")
WRONG = rule("KER904", "B", "warning")


def order(*items: Suggestion, everything: bool = False) -> list[tuple[str, str, bool]]:
    found = ranked(items, totals(), everything=everything)
    return [(item.rule, item.layer, item.best) for item in found.shown]


def test_without_suggestions_there_is_nothing_to_rank() -> None:
    found = ranked((), totals())
    assert (found.shown, found.hidden) == ((), ())


def test_the_grade_counts_first_then_the_field_then_the_saving() -> None:
    items = (
        suggestion("a", B, effect(params=-900)),
        suggestion("b", B, effect(params=-10)),
        suggestion("c", B, effect(params=-900, field=(-2, 0))),
        suggestion("d", B, effect(params=-900, field=Unknown("why"))),
        suggestion("e", A, effect(params=-1)),
    )
    assert [layer for _, layer, _ in order(*items)] == ["e", "a", "b", "c", "d"]


def test_other_alternatives_of_a_layer_stand_behind_its_first_choice() -> None:
    items = (
        suggestion("a", B, effect(params=-10)),
        suggestion("b", A),
        suggestion("a", A, effect(params=-500)),
    )
    assert order(*items) == [("KER901", "a", True), ("KER902", "a", False), ("KER901", "b", True)]


def test_rules_of_thumb_and_what_gains_nothing_are_hidden() -> None:
    items = (suggestion("a", C), suggestion("b", B, effect(params=10, macs=10)), suggestion("c", B))
    found = ranked(items, totals())
    assert [item.layer for item in found.shown] == ["c"]
    assert {item.layer for item in found.hidden} == {"a", "b"}
    assert len(order(*items, everything=True)) == 3


def test_what_mends_a_fault_is_shown_at_any_cost() -> None:
    assert order(suggestion("stem", WRONG, effect(params=10, macs=10**9))) == [("KER904", "stem", True)]


@pytest.mark.parametrize(
    ("change", "is_gain"),
    [
        (effect(0, 0), False),
        (effect(5, 5, field=(-2, -2)), False),
        (effect(5, 5, -100), False),
        (effect(Unknown("?"), Unknown("?")), False),
        (effect(-1, 10), True),
        (effect(10, -1), True),
        (effect(5, 5, field=(2, 0)), True),
        (effect(0, 0, -100), True),
    ],
)
def test_what_a_gain_is(change: Effect, is_gain: bool) -> None:
    assert gains(change) is is_gain


def test_first_choices_of_grade_a_and_b_go_together() -> None:
    items = (suggestion("a", A), suggestion("b", B), suggestion("b", B, best=False), suggestion("c", C))
    chosen, excluded = going_together(items)
    assert [item.layer for item in chosen] == ["a", "b"]
    assert excluded == ()


def test_a_suggestion_that_changes_what_an_earlier_one_changes_stays_apart() -> None:
    items = (suggestion("a", A), suggestion("b", B, edits=(kernel("b"), kernel("a"))))
    chosen, (excluded,) = going_together(items)
    assert [item.layer for item in chosen] == ["a"]
    assert (excluded.layer, excluded.rule) == ("b", "KER902")
    assert excluded.reason == "KER902 at b changes a, which KER901 at a changes, too"


def test_a_suggestion_that_changes_the_maps_of_another_stays_apart() -> None:
    stem = suggestion("stem", B, affected=(Affected("late", "output 1x8x8x8 -> 1x8x32x32; MACs 1 k -> 16 k"),))
    chosen, (excluded,) = going_together((suggestion("late", A), stem))
    assert [item.layer for item in chosen] == ["late"]
    assert "run again" in excluded.reason


def test_a_change_of_cost_alone_keeps_nothing_apart() -> None:
    stem = suggestion("stem", B, affected=(Affected("late", "receptive field 7x7 -> 9x9"),))
    chosen, excluded = going_together((suggestion("late", A), stem))
    assert len(chosen) == 2
    assert excluded == ()
