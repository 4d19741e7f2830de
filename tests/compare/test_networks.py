"""Whole networks: laws that hold for any two, and what is said when they were not recorded alike."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from netadvise.compare.changes import sizes_minus
from netadvise.comparison import Comparison, Deltas
from netadvise.profiles import InputInfo, Layer, Profile
from netadvise.quantity import Quantity, Unknown
from tests.compare.made import compare, conv, layer, net, norm, relu, seen

UNKNOWN = Unknown("no formula")
PATHS = ("stem", "a.0", "a.1", "a.0.conv", "b.conv1", "b.conv2", "b/add", "b/add_1", "c", "head")


@st.composite
def layers(draw: st.DrawFn) -> Layer:
    """A layer that may stand anywhere."""
    name, width = draw(st.sampled_from(PATHS)), draw(st.sampled_from((8, 16)))
    made: Layer = draw(
        st.sampled_from(
            (
                conv(name, 3, (8, width)),
                conv(name, 5, (width, 8)),
                norm(name, width),
                relu(name, width),
                layer(name, "Odd", macs=UNKNOWN),
            )
        )
    )
    return replace(made, receptive_field=draw(st.sampled_from((seen(3), seen(7), None))))


@st.composite
def networks(draw: st.DrawFn) -> Profile:
    """A network of a few layers, some of them called twice."""
    calls: Counter[str] = Counter()
    found = []
    for item in draw(st.lists(layers(), max_size=8)):
        found.append(replace(item, call=calls[item.name]))
        calls[item.name] += 1
    return net(*found)


def negated(deltas: Deltas) -> Deltas:
    def turned(quantity: Quantity) -> Quantity:
        return quantity if isinstance(quantity, Unknown) else -quantity

    field = deltas.receptive_field
    return Deltas(
        -deltas.params,
        turned(deltas.macs),
        turned(deltas.activation_bytes),
        field if isinstance(field, Unknown) else tuple(-axis for axis in field),
    )


def pairs(found: Comparison) -> set[tuple[object, object]]:
    return {
        (item.old and (item.old.name, item.old.call), item.new and (item.new.name, item.new.call))
        for item in found.layers
    }


@given(networks())
def test_a_network_does_not_differ_from_itself(profile: Profile) -> None:
    found = compare(profile, profile)
    assert found.identical
    assert found.renames == ()
    assert found.notes == ()
    assert {item.status for item in found.layers} <= {"same"}
    assert {item.deltas.params for item in found.layers} <= {0}
    assert all(item.delta == 0 for item in found.totals)


@given(networks(), networks())
def test_turning_old_and_new_around_negates_every_difference(old: Profile, new: Profile) -> None:
    there, back = compare(old, new), compare(new, old)
    assert {(left, right) for right, left in pairs(back)} == pairs(there)
    by_pair = {(item.old, item.new): item for item in map(_plain, back.layers)}
    for item in map(_plain, there.layers):
        other = by_pair[item.new, item.old]
        if not isinstance(item.deltas.receptive_field, Unknown):
            assert other.deltas == negated(item.deltas)
    for one, other in zip(there.totals, back.totals, strict=True):
        assert (one.old, one.new) == (other.new, other.old)
        if isinstance(one.delta, Unknown):
            assert isinstance(other.delta, Unknown)
        else:
            assert other.delta == -one.delta


def _plain(item):  # type: ignore[no-untyped-def]
    """A change whose layers can be looked up."""
    return replace(
        item,
        old=item.old and (item.old.name, item.old.call),
        new=item.new and (item.new.name, item.new.call),
    )


@given(networks(), networks())
def test_every_layer_is_told_of_once(old: Profile, new: Profile) -> None:
    found = compare(old, new)
    for profile, read in ((old, "old"), (new, "new")):
        told = [getattr(item, read) for item in found.layers]
        assert Counter((item.name, item.call) for item in told if item) == Counter(
            (item.name, item.call) for item in profile.layers
        )


@given(networks(), networks())
def test_the_layers_add_up_to_the_sum(old: Profile, new: Profile) -> None:
    found = compare(old, new)
    assert sum(item.deltas.params for item in found.layers) == found.total("params").delta
    if not isinstance(found.total("macs").delta, Unknown):
        assert sum(item.deltas.macs for item in found.layers) == found.total("macs").delta


def test_the_same_inputs_need_no_word() -> None:
    assert compare(net(conv("a")), net(conv("a"))).notes == ()


def test_other_shapes_are_said_and_compared_as_far_as_can_be() -> None:
    found = compare(net(conv("a")), net(conv("a", input_shapes=((1, 8, 16, 16),)), size=16))
    assert [item.status for item in found.layers] == ["follows"]
    (note,) = found.notes
    assert "1x8x8x8 float32 in OLD and 1x8x16x16 float32 in NEW" in note
    assert "parameters and receptive fields still compare" in note


def test_a_shape_that_netadvise_chose_is_to_be_given() -> None:
    old, new = net(conv("a")), net(conv("a"), size=16)
    guessed = replace(new, inputs=(replace(new.inputs[0], source="inferred"),))
    assert "-i" in compare(old, guessed).notes[0]


def test_an_input_that_only_one_of_them_has_is_named() -> None:
    new = net(conv("a"))
    new = replace(new, inputs=(*new.inputs, InputInfo("mask", (1, 4), "bool", "given")))
    assert "only NEW has an input mask (1x4 bool)" in compare(net(conv("a")), new).notes[0]


def test_modes_and_versions_that_differ_are_said() -> None:
    old = replace(net(conv("a"), mode="train"), version="0.0.9")
    notes = " ".join(compare(old, net(conv("a"))).notes)
    assert "OLD was recorded in train mode" in notes
    assert "0.0.9" in notes


def test_unknown_sizes_have_no_difference() -> None:
    assert sizes_minus(UNKNOWN, (3,)) == UNKNOWN
    assert sizes_minus((3,), UNKNOWN) == UNKNOWN
    assert sizes_minus((), ()) == ()
