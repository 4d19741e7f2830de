"""The plot of the receptive fields of both networks: what it says, and when there is none."""

from __future__ import annotations

from dataclasses import replace

from netadvise.compare import compared
from netadvise.comparison import Comparison, Side
from netadvise.profiles import Layer
from netadvise.quantity import Unknown
from netadvise.render.html.diffs.fields import fields
from netadvise.render.html.parts import Figure
from tests.compare.made import conv, net, relu, seen
from tests.render import diff_sample as sample


def two(old: tuple[Layer, ...], new: tuple[Layer, ...]) -> Comparison:
    return compared(Side("OLD", net(*old)), Side("NEW", net(*new)))


def plot(found: Comparison) -> Figure:
    drawn = fields(found)
    assert drawn is not None
    return drawn


def test_there_is_none_where_every_layer_sees_what_it_saw() -> None:
    assert fields(sample.same()) is None
    assert fields(two((conv("a"),), (conv("a"), relu("b")))) is None


def test_there_is_none_where_no_image_goes_in() -> None:
    old, new = (replace(conv("a", kernel), receptive_field=None) for kernel in (3, 5))
    assert fields(two((old,), (new,))) is None


def test_the_first_and_the_largest_change_are_named() -> None:
    old = (conv("a", receptive_field=seen(3)), conv("b", receptive_field=seen(5)), relu("c"))
    new = (conv("a", 5, receptive_field=seen(5)), conv("b", 7, receptive_field=seen(11)), relu("c"))
    drawn = plot(two(old, new))
    assert "a is the first of 2 layers whose field changed." in drawn.sentence
    assert "The largest change is at b: 5 to 11." in drawn.sentence
    assert drawn.grid.rows == (("a", "a", "3", "5", "+2"), ("b", "b", "5", "11", "+6"), ("c", "c", "3", "3", "0"))


def test_a_layer_of_one_side_has_one_number() -> None:
    old = (conv("a", receptive_field=seen(3)),)
    new = (conv("a", 5, receptive_field=seen(5)), relu("b", receptive_field=seen(5)))
    assert plot(two(old, new)).grid.rows[-1] == ("b", "b", "-", "5", "")


def test_what_the_plot_leaves_out_is_counted() -> None:
    lost = replace(seen(3), size=Unknown("no formula"))
    old = (conv("a", receptive_field=seen(3)), relu("b", receptive_field=lost))
    new = (conv("a", 5, receptive_field=seen(5)), relu("b", receptive_field=lost))
    assert "It is unknown for 2 layers, which the plot leaves out." in plot(two(old, new)).sentence


def test_axes_that_differ_are_told_apart_and_inputs_too() -> None:
    wide = replace(seen(5), size=(3, 5), strict=(3, 5), clipped=(3, 5))
    found = two((conv("a", receptive_field=seen(3)),), (conv("a", 5, receptive_field=wide),))
    drawn = str(plot(found).wide)
    assert all(name in drawn for name in ("OLD, axis 1", "OLD, axis 2", "NEW, axis 1", "NEW, axis 2"))
    assert "3 to 3x5" in plot(found).sentence
    assert "the input of NEW: 16" in str(plot(sample.plain()).wide)
