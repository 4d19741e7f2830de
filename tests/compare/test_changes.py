"""What changed about a layer, and who changed it: nothing, its surroundings, or somebody."""

from __future__ import annotations

from dataclasses import replace

from netadvise.comparison import Comparison, LayerChange
from netadvise.graph import Attr
from netadvise.profiles import Layer
from netadvise.quantity import Unknown
from tests.compare.made import compare, conv, layer, net, norm, relu, seen

UNKNOWN = Unknown("no formula for natten.na2d")


def only(old: Layer, new: Layer) -> LayerChange:
    (found,) = compare(net(old), net(new)).layers
    return found


def of(found: Comparison, name: str) -> LayerChange:
    return next(item for item in found.layers if item.layer.name == name)


def test_a_layer_that_is_as_it_was_has_no_deltas_even_where_it_is_unknown() -> None:
    odd = layer("natten", "NeighborhoodAttention", macs=UNKNOWN)
    found = only(odd, odd)
    assert (found.status, found.deltas.macs, found.deltas.params) == ("same", 0, 0)


def test_another_place_in_the_source_is_no_change() -> None:
    assert only(conv("a"), conv("a", location=None, called_at=None)).status == "same"


def test_another_argument_is_an_edit() -> None:
    found = only(conv("a"), conv("a", 5))
    assert found.status == "edited"
    assert [(item.name, item.old, item.new) for item in found.own] == [
        ("kernel_size", (3, 3), (5, 5)),
        ("padding", (1, 1), (2, 2)),
    ]
    assert found.deltas.params == 64 * 16
    assert found.deltas.macs == 64 * 64 * 16


def test_a_larger_field_alone_follows() -> None:
    found = only(relu("a"), relu("a", receptive_field=seen(9)))
    assert (found.status, found.deltas.receptive_field) == ("follows", (6, 6))


def test_width_that_was_chosen_is_an_edit_and_width_that_was_forced_follows() -> None:
    old = net(conv("a"), norm("b"), relu("c"), conv("d", 1))
    new = net(conv("a", 3, (8, 16)), norm("b", 16), relu("c", 16), conv("d", 1, (16, 8)))
    found = compare(old, new)
    assert [item.status for item in found.layers] == ["edited", "follows", "follows", "follows"]
    assert [item.forced for item in of(found, "d").attributes] == [True]
    assert of(found, "a").reshaped
    assert not of(found, "a").reread


def test_a_depthwise_convolution_follows_in_width() -> None:
    def depthwise(channels: int) -> Layer:
        attrs: dict[str, Attr] = {**conv("a", 3, (channels, channels)).attrs, "groups": channels}
        return replace(conv("a", 3, (channels, channels)), attrs=attrs)

    assert only(depthwise(8), depthwise(16)).status == "follows"


def test_a_width_that_changed_although_the_input_did_not_is_an_edit() -> None:
    found = only(norm("a"), replace(norm("a"), attrs={"num_features": 16}))
    assert found.status == "edited"


def test_numbers_that_nothing_explains_are_an_edit() -> None:
    found = only(layer("own", "Scale", params=8), layer("own", "Scale", params=16))
    assert (found.status, found.own, found.deltas.params) == ("edited", (), 8)


def test_frozen_parameters_are_an_edit() -> None:
    assert only(conv("a"), conv("a", trainable_params=0)).status == "edited"


def test_what_cannot_be_told_stays_unknown() -> None:
    found = only(conv("a"), conv("a", 5, macs=UNKNOWN, flops=UNKNOWN))
    assert found.deltas.macs == UNKNOWN
    assert found.deltas.params == 1024


def test_another_kind_is_compared_in_what_both_have() -> None:
    found = only(relu("act"), replace(relu("act"), kind="LeakyReLU", attrs={"inplace": False, "negative_slope": 0.1}))
    assert [(item.name, item.old, item.new) for item in found.attributes] == [("kind", "ReLU", "LeakyReLU")]


def test_true_is_not_one() -> None:
    found = only(replace(relu("a"), attrs={"dim": 1}), replace(relu("a"), attrs={"dim": True}))
    assert found.status == "edited"


def test_what_was_removed_stands_where_it_was() -> None:
    found = compare(net(conv("a"), relu("b"), norm("c")), net(conv("a"), norm("c")))
    assert [(item.status, item.layer.name) for item in found.layers] == [("same", "a"), ("removed", "b"), ("same", "c")]


def test_what_was_removed_first_stands_first() -> None:
    found = compare(net(relu("b"), conv("a")), net(conv("a")))
    assert [item.status for item in found.layers] == ["removed", "same"]
    assert found.layers[0].deltas.activation_bytes == -4 * 8 * 64


def test_axes_that_do_not_correspond_have_no_difference() -> None:
    found = only(conv("a"), conv("a", receptive_field=replace(seen(3), size=(3,))))
    assert isinstance(found.deltas.receptive_field, Unknown)
