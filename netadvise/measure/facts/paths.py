"""The data flow between entries, and which entry every path must pass.

Only entries on a way from an input to an output are in it: what no output depends on has no place in the structure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from netadvise.measure.facts.survey import Survey
from netadvise.measure.facts.walk import has_weights


class Tree:
    """A growing rooted tree that answers "lowest common ancestor" and "is above" in logarithmic time.

    Besides its parent every node knows one ancestor farther up, spaced so that climbing takes logarithmic time
    (Myers' skew-binary ancestor pointers). The root is its own parent.
    """

    def __init__(self, size: int, root: int) -> None:
        self.parent = [root] * size
        self.depth = [0] * size
        self._far = [root] * size

    def hang(self, node: int, parents: Iterable[int]) -> None:
        """Put `node` below the lowest common ancestor of `parents`, of which there is at least one."""
        nodes = iter(parents)
        parent = next(nodes)
        for other in nodes:
            parent = self.common(parent, other)
        far = self._far[parent]
        alike = self.depth[parent] - self.depth[far] == self.depth[far] - self.depth[self._far[far]]
        self.parent[node] = parent
        self.depth[node] = self.depth[parent] + 1
        self._far[node] = self._far[far] if alike else parent

    def above(self, top: int, node: int) -> bool:
        """Whether `top` is `node` or one of its ancestors."""
        return self._lifted(node, self.depth[top]) == top

    def common(self, one: int, other: int) -> int:
        """The lowest common ancestor."""
        depth = min(self.depth[one], self.depth[other])
        one, other = self._lifted(one, depth), self._lifted(other, depth)
        while one != other:
            apart = self._far[one] != self._far[other]
            one, other = (self._far[one], self._far[other]) if apart else (self.parent[one], self.parent[other])
        return one

    def _lifted(self, node: int, depth: int) -> int:
        while self.depth[node] > depth:
            far = self._far[node]
            node = far if self.depth[far] >= depth else self.parent[node]
        return node


@dataclass(frozen=True)
class Paths:
    """The paths through a survey."""

    survey: Survey
    reads: tuple[tuple[int, ...], ...]
    """Per entry: the values that it reads and that depend on an input, each once."""
    useful: frozenset[int]
    """Entries between an input and an output."""
    readers: tuple[tuple[int, ...], ...]
    """Per entry: the useful entries that read its results."""
    fan_out: Mapping[int, int]
    """By value: how many useful entries read it."""
    exits: Tree
    """What is above an entry here lies on every path from it to an output."""
    entrances: Tree
    """What is above an entry here lies on every path from an input to it. Input k is node `len(entries) + 1 + k`."""

    def maker(self, value: int) -> int | None:
        """The entry that makes a value; None for an input of the model."""
        entry = self.survey.maker(value)
        return None if entry is None else entry.id

    def only(self, entry: int) -> int | None:
        """The value it reads, if that is the only one that depends on an input."""
        return self.reads[entry][0] if len(self.reads[entry]) == 1 else None

    def op(self, entry: int) -> str:
        return str(self.survey.entries[entry].get("op"))

    def weighted(self, entry: int) -> bool:
        """Whether it is a layer with weights."""
        return has_weights(self.survey.entries[entry], self.survey)

    def text(self, entry: int, name: str) -> str:
        """A fact that is a text; empty where it does not apply."""
        found = self.survey.entries[entry].get(name)
        return found if isinstance(found, str) else ""

    def number(self, entry: int, name: str) -> int:
        """A fact that is a whole number; 0 where it does not apply or cannot be told."""
        found = self.survey.entries[entry].get(name)
        return found if isinstance(found, int) else 0

    def holds(self, entry: int, name: str) -> bool:
        """Whether a fact is known to be true."""
        return self.survey.entries[entry].get(name) is True

    def weights(self, entries: Iterable[int]) -> int:
        """How many of them are layers with weights."""
        return sum(self.weighted(entry) for entry in entries)

    def shape(self, value: int) -> tuple[int, ...]:
        return self.survey.graph.values[value].shape

    def result(self, entry: int) -> int:
        """Its first result."""
        return self.survey.entries[entry].op.outputs[0]


def paths(survey: Survey) -> Paths:
    """The paths of a survey."""
    reads = tuple(tuple(dict.fromkeys(survey.data_operands(entry))) for entry in survey.entries)
    useful = _useful(survey, reads)
    readers: list[list[int]] = [[] for _ in survey.entries]
    for entry in sorted(useful):
        makers = (survey.maker(value) for value in reads[entry])
        for maker in {maker.id for maker in makers if maker is not None}:
            readers[maker].append(entry)
    frozen = tuple(map(tuple, readers))
    fan_out = Counter(value for entry in useful for value in reads[entry])
    exits, entrances = _exits(survey, useful, frozen), _entrances(survey, useful, reads)
    return Paths(survey, reads, useful, frozen, fan_out, exits, entrances)


_NO_CONTENT = frozenset({"constant", "random"})


def _useful(survey: Survey, reads: tuple[tuple[int, ...], ...]) -> frozenset[int]:
    wanted = set(survey.graph.outputs)
    found: set[int] = set()
    for entry in reversed(survey.entries):
        carries = entry.get("op") not in _NO_CONTENT and not wanted.isdisjoint(entry.op.outputs)
        if carries and reads[entry.id] and not survey.data.isdisjoint(entry.op.outputs):
            found.add(entry.id)
            wanted.update(reads[entry.id])
    return frozenset(found)


def _exits(survey: Survey, useful: frozenset[int], readers: tuple[tuple[int, ...], ...]) -> Tree:
    outside = len(survey.entries)
    tree = Tree(outside + 1, outside)
    outputs = set(survey.graph.outputs)
    for entry in sorted(useful, reverse=True):
        ends = [] if outputs.isdisjoint(survey.entries[entry].op.outputs) else [outside]
        tree.hang(entry, [*ends, *readers[entry]])
    return tree


def _entrances(survey: Survey, useful: frozenset[int], reads: tuple[tuple[int, ...], ...]) -> Tree:
    outside = len(survey.entries)
    inputs = {value: outside + 1 + index for index, value in enumerate(survey.graph.inputs)}
    tree = Tree(outside + 1 + len(inputs), outside)
    for node in inputs.values():
        tree.hang(node, [outside])
    for entry in sorted(useful):
        makers = ((value, survey.maker(value)) for value in reads[entry])
        tree.hang(entry, [inputs.get(value, outside) if maker is None else maker.id for value, maker in makers])
    return tree
