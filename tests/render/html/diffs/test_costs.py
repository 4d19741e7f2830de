"""The bars of a comparison: where parameters, multiply-accumulates and memory moved."""

from __future__ import annotations

from netadvise.compare import compared
from netadvise.comparison import Comparison, Side
from netadvise.profiles import Layer
from netadvise.quantity import Unknown
from netadvise.render.html.diffs.costs import by_kind, by_stage
from tests.compare.made import conv, layer, net, relu
from tests.render import diff_sample as sample


def two(old: tuple[Layer, ...], new: tuple[Layer, ...]) -> Comparison:
    return compared(Side("OLD", net(*old)), Side("NEW", net(*new)))


def test_there_are_none_where_nothing_moved() -> None:
    assert by_stage(sample.same()) is None
    assert by_kind(two((conv("a"), relu("b")), (conv("x"), relu("b")))) is None


def test_stages_are_those_of_new_and_their_changes_add_up() -> None:
    found = sample.plain()
    plot = by_stage(found)
    assert plot is not None
    assert [row[:2] for row in plot.grid.rows] == [
        ("stage1", "+3.07 k"),
        ("neck", "+128"),
        ("head", "+80"),
        ("/softmax", "0"),
        ("gone (removed)", "0"),
    ]
    assert found.total("params").delta == 3072 + 128 + 80
    assert "Parameters: +3.28 k in all, most at stage1, +3.07 k." in plot.sentence
    assert "At 2 other stages nothing moved." in plot.sentence


def test_what_went_from_a_stage_that_is_still_there_is_counted_in_it() -> None:
    kept, rest = conv("body.0"), tuple(conv(f"tail{index}") for index in range(4))
    plot = by_stage(two((kept, conv("body.1", 5), *rest), (kept, *rest)))
    assert plot is not None
    assert plot.grid.rows == (("body", "-1.60 k", "-102 k", "-2.05 kB"),)


def test_another_kind_takes_its_cost_from_one_and_brings_it_to_the_other() -> None:
    plot = by_kind(two((conv("a"), relu("b")), (conv("a"), layer("b", "PReLU", params=8))))
    assert plot is not None
    rows = {row[0]: row[1:] for row in plot.grid.rows}
    assert rows == {"ReLU": ("0", "0", "-2.05 kB"), "PReLU": ("+8", "0", "+2.05 kB")}


def test_what_is_unknown_is_no_zero() -> None:
    lost = layer("b", "Attention", macs=Unknown("no formula"))
    plot = by_kind(two((conv("a"),), (conv("a"), lost)))
    assert plot is not None
    assert plot.grid.rows == (("Attention", "0", "?", "+2.05 kB"),)


def test_many_kinds_become_a_few_and_the_rest() -> None:
    added = tuple(layer(f"n{index}", f"Kind{index}", params=index + 1) for index in range(40))
    plot = by_kind(two((conv("a"),), (conv("a"), *added)))
    assert plot is not None
    assert len(plot.grid.rows) == 16
    assert plot.grid.rows[-1][0] == "25 others"
    assert plot.grid.rows[-1][1] == f"+{sum(range(1, 26))}"
