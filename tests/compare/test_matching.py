"""Which layer is which: names that tell, names that count, blocks that were renamed, layers that moved."""

from __future__ import annotations

from dataclasses import replace

from netadvise.profiles import Layer
from tests.compare.made import compare, conv, layer, names, net, norm, relu


def block(name: str, channels: int = 8) -> tuple[Layer, ...]:
    return (
        conv(f"{name}.conv", channels=(channels, channels)),
        norm(f"{name}.norm", channels),
        relu(f"{name}.act", channels),
    )


def test_the_same_network_matches_itself() -> None:
    profile = net(conv("stem"), *block("a.0"), *block("a.1"), relu("a.1/relu"))
    found = compare(profile, profile)
    assert names(found) == []
    assert found.identical
    assert found.renames == ()


def test_an_empty_network_has_nothing_to_match() -> None:
    found = compare(net(), net(conv("a")))
    assert names(found) == [("added", None, "a")]
    assert not found.identical


def test_a_name_that_tells_goes_before_likeness() -> None:
    old = net(conv("wide", 5), conv("narrow", 1))
    new = net(conv("narrow", 5), conv("wide", 1))
    assert {item[1:] for item in names(compare(old, new))} == {("wide", "wide"), ("narrow", "narrow")}


def test_layers_that_only_changed_places_keep_their_names() -> None:
    old, new = net(conv("conv1"), conv("conv2")), net(conv("conv2"), conv("conv1"))
    assert names(compare(old, new)) == []


def test_a_block_put_in_moves_the_numbers_on() -> None:
    old = net(*block("s.0"), *block("s.1", 16), *block("s.2", 32))
    new = net(*block("s.0"), *block("s.1", 64), *block("s.2", 16), *block("s.3", 32))
    found = compare(old, new)
    assert [item for item in names(found) if item[0] == "added"] == [
        ("added", None, f"s.1.{leaf}") for leaf in ("conv", "norm", "act")
    ]
    assert {item[0] for item in names(found)} == {"added", "same"}
    assert [(item.old, item.new, item.layers) for item in found.renames] == [("s.1-2", "s.2-3", 6)]


def test_norms_put_into_a_sequence_are_what_is_added() -> None:
    old = net(conv("0"), relu("1"), conv("2"), relu("3"), conv("4"), relu("5"))
    new = net(conv("0"), norm("1"), relu("2"), conv("3"), norm("4"), relu("5"), conv("6"), norm("7"), relu("8"))
    assert [item[2] for item in names(compare(old, new)) if item[0] != "same"] == ["1", "4", "7"]


def test_an_edited_layer_of_a_sequence_is_no_other_layer() -> None:
    old = net(conv("0"), relu("1"), conv("2"), relu("3"))
    new = net(conv("0"), relu("1"), conv("2", 5), replace(relu("3"), kind="GELU", attrs={}))
    assert names(compare(old, new)) == [("edited", "2", "2"), ("edited", "3", "3")]


def test_a_block_renamed_as_a_whole_is_found() -> None:
    old = net(conv("stem"), *block("layer1.0"), *block("layer1.1"), *block("layer2.0", 16))
    new = net(conv("stem"), *block("stage1.0"), *block("stage1.1"), *block("stage2.0", 16))
    found = compare(old, new)
    assert {item.status for item in found.layers} == {"same"}
    assert [(item.old, item.new, item.layers) for item in found.renames] == [
        ("layer1", "stage1", 6),
        ("layer2", "stage2", 3),
    ]


def test_an_edit_inside_a_renamed_block_is_found() -> None:
    old = net(*block("layer1.0"), *block("layer1.1"))
    new = net(*block("stage1.0"), conv("stage1.1.conv", 5), *block("stage1.1")[1:])
    assert [item for item in names(compare(old, new)) if item[0] != "same"] == [
        ("edited", "layer1.1.conv", "stage1.1.conv")
    ]


def test_a_network_put_into_a_wrapper_keeps_its_layers() -> None:
    inner = (conv("stem"), *block("a.0"), conv("head", 1))
    old, new = net(*inner), net(*(replace(item, name=f"backbone.{item.name}") for item in inner))
    found = compare(old, new)
    assert {item.status for item in found.layers} == {"same"}
    assert sum(item.layers for item in found.renames) == len(inner)


def test_a_layer_that_became_several_is_matched_with_the_one_of_its_kind() -> None:
    new = net(conv("conv.0", 3), relu("conv.1"), conv("conv.2", 3))
    found = names(compare(net(conv("conv", 5)), new))
    assert sorted(item[0] for item in found) == ["added", "added", "edited"]


def test_kinds_that_have_nothing_in_common_are_no_rename() -> None:
    old, new = net(conv("a"), relu("b")), net(layer("x", "Upsample"), layer("y", "MaxPool2d"))
    assert sorted(item[0] for item in names(compare(old, new))) == ["added", "added", "removed", "removed"]


def test_a_function_in_place_of_a_module_is_an_edit() -> None:
    old, new = net(conv("a"), relu("act")), net(conv("a"), replace(relu("x"), name="/relu", kind="relu"))
    assert names(compare(old, new)) == [("edited", "act", "/relu")]


def test_a_sum_that_is_no_longer_in_place_is_the_same_sum() -> None:
    old, new = net(conv("a"), layer("/add_", "add_")), net(conv("a"), layer("/add", "add"))
    assert names(compare(old, new)) == [("edited", "/add_", "/add")]


def test_calls_of_one_module_are_matched_in_order() -> None:
    old = net(conv("a"), relu("act"), conv("b"), relu("act", call=1))
    new = net(conv("a"), relu("act"), conv("b"), relu("act", call=1), conv("c"), relu("act", call=2))
    added = [item.new for item in compare(old, new).of("added")]
    assert [(item.name, item.call) for item in added if item] == [("c", 0), ("act", 2)]


def test_what_stands_around_decides_between_equals() -> None:
    old = net(conv("s.0"), layer("s.1", "Dropout"), norm("s.2"), layer("s.3", "Dropout"), relu("s.4"))
    new = net(conv("s.0"), norm("s.1"), layer("s.2", "Dropout"), relu("s.3"))
    found = compare(old, new)
    assert [item.old.name for item in found.of("removed") if item.old] == ["s.1"]
