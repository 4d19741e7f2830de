"""The tree of lowest common ancestors against a search, and what counts as a path."""

from __future__ import annotations

import random

import torch
from torch import Tensor, nn

from netadvise.measure.facts.paths import Tree, paths
from tests.measure.facts import networks as nets


def _parents(tree: Tree, node: int) -> list[int]:
    found = [node]
    while tree.parent[found[-1]] != found[-1]:
        found.append(tree.parent[found[-1]])
    return found


def test_random_trees_against_a_search() -> None:
    draw = random.Random(0)
    tree = Tree(400, 0)
    for node in range(1, 400):
        tree.hang(node, draw.sample(range(max(0, node - 5), node), min(node, draw.choice((1, 1, 2, 3)))))
    for _ in range(2000):
        one, other = draw.randrange(400), draw.randrange(400)
        above = _parents(tree, other)
        assert tree.common(one, other) == next(node for node in _parents(tree, one) if node in above)
        assert tree.above(one, other) == (one in above)


def test_a_node_hangs_below_what_all_its_parents_share() -> None:
    tree = Tree(5, 0)
    for node, parents in ((1, [0]), (2, [1]), (3, [1]), (4, [2, 3])):
        tree.hang(node, parents)
    assert tree.parent[4] == 1


def test_what_no_output_depends_on_is_in_no_path() -> None:
    def wasteful(self: nets.Through, x: Tensor) -> Tensor:
        self.dead(x)
        return self.live(x)

    survey = nets.placed(nets.Through(wasteful, dead=nn.Linear(4, 4), live=nn.Linear(4, 4)), (2, 4))
    flow = paths(survey)
    assert [survey.entries[entry].name for entry in flow.useful] == ["live"]


def test_every_path_passes_a_sum() -> None:
    survey = nets.placed(nn.Sequential(nets.conv(8, 8), nets.basic()), (2, 8, 8, 8))
    flow = paths(survey)
    add = next(entry.id for entry in survey.entries if entry.get("op") == "add")
    assert all(flow.exits.above(add, entry) for entry in flow.useful if entry < add)
    assert flow.entrances.parent[add] == 0


def test_ops_that_only_read_a_shape_carry_nothing() -> None:
    survey = nets.placed(nets.Through(lambda self, x: x.new_zeros(x.shape) + torch.zeros_like(x)), (2, 4))
    assert paths(survey).useful == frozenset()
