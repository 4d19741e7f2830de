"""The tree of blocks that a page folds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from netadvise.profiles import Layer, Profile
from netadvise.render.html.flow import Flow
from netadvise.render.html.network import OPEN, Node, picture
from tests.render.html.samples import long_profile
from tests.render.sample import layer, sample

PATHS = st.lists(
    st.sampled_from(["a", "b", "a.b", "a.b.c", "a/add", "a.b/add", "b.c", "relu"]), min_size=1, max_size=30
)


def profile_of(names: list[str]) -> Profile:
    calls: dict[str, int] = {}
    layers: list[Layer] = []
    for name in names:
        layers.append(layer(name, "Linear", params=1, macs=2, call=calls.get(name, 0)))
        calls[name] = calls.get(name, 0) + 1
    return replace(sample(), layers=tuple(layers), blocks=())


def tree(profile: Profile) -> Node:
    return picture(profile, Flow(), {}).root


def nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from nodes(child)


def shown(node: Node) -> int:
    return sum(1 + (shown(child) if child.open else 0) for child in node.children)


@given(PATHS)
def test_every_row_stands_in_the_tree_once_in_the_order_in_which_it_ran(names: list[str]) -> None:
    root = tree(profile_of(names))
    leaves = [node for node in nodes(root) if not node.children]
    assert [node.id for node in leaves] == list(range(len(names)))
    assert [node.path for node in leaves] == names
    ids = [node.id for node in nodes(root)]
    assert len(ids) == len(set(ids))


@given(PATHS)
def test_a_block_holds_what_its_children_hold(names: list[str]) -> None:
    for node in nodes(tree(profile_of(names))):
        if node.children:
            assert node.layers == [index for child in node.children for index in child.layers]


def test_names_are_those_inside_the_block() -> None:
    root = tree(profile_of(["stem", "a.b.conv", "a.b/add", "a.b.conv", "head"]))
    assert [node.name for node in nodes(root)] == ["", "stem", "a", "b", "conv", "/add", "conv (call 1)", "head"]


def test_amounts_add_up_and_findings_are_counted() -> None:
    found = picture(sample(), Flow(), {"stage.0.conv": 2, "stage.1.conv": 1})
    assert [label for _, label in found.quantities] == [
        "MACs",
        "parameters",
        "activations",
        "receptive field",
        "findings",
    ]
    (stage,) = [node for node in found.root.children if node.path == "stage"]
    assert [amount.text for amount in stage.amounts] == ["111 k", "1.73 k", "12.3 kB", "11", "3"]
    assert stage.kind == "Sequential, 6 layers"


def test_an_unknown_amount_is_no_zero() -> None:
    (natten,) = [node for node in nodes(picture(sample(), Flow(), {}).root) if node.path == "natten"]
    assert [amount.text for amount in natten.amounts] == ["?", "0", "2.05 kB", "?"]


def test_a_large_network_is_folded_and_a_small_one_is_not() -> None:
    assert shown(tree(long_profile(2000))) <= OPEN
    small = tree(sample())
    assert all(node.open for node in nodes(small) if node.children)


def test_long_runs_without_blocks_become_folds() -> None:
    root = tree(profile_of([f"layer{index}" for index in range(1234)]))
    assert len(root.children) == 13
    assert root.children[0].name == "layer0 … layer99"
    assert shown(root) <= OPEN


def test_what_is_read_from_afar_is_said() -> None:
    flowing = Flow({0: (-1,), 1: (0,), 2: (1, 0)}, (2,))
    found = picture(profile_of(["a", "b", "c"]), flowing, {})
    a, b, c = found.root.children
    assert (a.reads, b.reads, c.reads) == ((found.inputs,), (0,), (1, 0))
    assert (a.aside, b.aside, c.aside) == ("", "", "a")
    assert found.outputs == (2,)
