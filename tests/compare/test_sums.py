"""Sums side by side: complete, incomplete, and incomplete in the same way."""

from __future__ import annotations

from fractions import Fraction

from netadvise.quantity import Unknown
from tests.compare.made import compare, conv, layer, net

UNKNOWN = Unknown("no formula for natten.na2d")
ODD = layer("natten", "NeighborhoodAttention", macs=UNKNOWN)


def test_equal_sums_have_no_difference() -> None:
    found = compare(net(conv("a")), net(conv("a")))
    assert {change.delta for change in found.totals} == {0}
    assert found.total("macs").share == 0


def test_a_share_is_exact() -> None:
    assert compare(net(conv("a")), net(conv("a", 5))).total("params").share == Fraction(1600 - 576, 576)


def test_something_in_place_of_nothing_is_more_by_any_share() -> None:
    assert compare(net(layer("a", "ReLU")), net(conv("a"))).total("params").share == float("inf")


def test_a_layer_that_nobody_can_count_cancels_out_where_it_is_as_it_was() -> None:
    change = compare(net(ODD, conv("a")), net(ODD, conv("a", 5))).total("macs")
    assert change.delta == 64 * (1600 - 576)
    assert isinstance(change.old, Unknown)
    assert "natten.na2d" in change.old.reason
    assert change.known == (64 * 576, 64 * 1600)
    assert isinstance(change.share, Unknown)


def test_it_makes_the_difference_unknown_where_it_came_in() -> None:
    change = compare(net(conv("a")), net(conv("a"), ODD)).total("flops")
    assert change.old == 2 * 64 * 576
    assert isinstance(change.new, Unknown)
    assert isinstance(change.delta, Unknown)


def test_the_field_of_the_last_map_is_compared() -> None:
    assert compare(net(conv("a")), net(conv("a"))).receptive_field == ((3, 3), (3, 3), (0, 0))
