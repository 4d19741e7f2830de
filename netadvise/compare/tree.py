"""The layers of a profile as a tree of names: `layer1.0.conv1` stands below `layer1.0`, below `layer1`.

A functional op (`layer1.0/add`) is a child of its module. A node's children stand in the order in which they first ran.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from netadvise.profiles import Layer, Profile

_NUMBERED = re.compile(r"\d+$")

Neighbours = tuple[frozenset[str], frozenset[str]]
"""The kinds of the layers that a layer reads from, and of those that read from it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One layer, its position in the profile, and what stands around it in the data flow."""

    index: int
    layer: Layer
    traits: int
    """Equal for layers of the same kind and arguments, whatever their names and inputs."""
    around: Neighbours
    look: int
    """Equal for layers of the same traits among the same neighbours."""
    last: str
    """The last part of its name."""


@dataclass(slots=True)
class Node:
    """A module, or a functional op."""

    name: str
    """Its last part: "conv1", "0", "/add"."""
    rows: list[Row] = field(default_factory=list)
    """The calls of this very node: of a leaf module or a functional op."""
    children: dict[str, Node] = field(default_factory=dict)
    every: list[Row] = field(default_factory=list)
    """Its own rows and those below it, in order."""
    print: int = 0
    """Equal for nodes that hold the same layers under the same names; their own names aside."""
    strong: Counter[Hashable] = field(default_factory=Counter)
    """The layers below it by name, kind and arguments."""
    weak: Counter[Hashable] = field(default_factory=Counter)
    """The layers below it by kind alone."""

    @property
    def leaf(self) -> bool:
        return not self.children

    @property
    def look(self) -> int:
        """Equal for nodes that are alike in all but name, and for leaves in what stands around them."""
        return self.rows[0].look if self.leaf else self.print

    @property
    def numbered(self) -> bool:
        """Whether the name counts (`0`, `conv2`, `/add_1`): it moves on when something is put in before it."""
        return self.name.startswith("/") or _NUMBERED.search(self.name) is not None


class Numbers:
    """A number for each thing that was seen, the same one for equal things: the trees of two networks share one."""

    def __init__(self) -> None:
        self._known: dict[Hashable, int] = {}

    def __call__(self, thing: Hashable) -> int:
        return self._known.setdefault(thing, len(self._known))


def tree(profile: Profile, around: Mapping[int, Neighbours], numbers: Numbers) -> Node:
    """The tree of a profile; `around` has the neighbours of each layer by its position."""
    root = Node("")
    for index, layer in enumerate(profile.layers):
        traits, beside = numbers(_traits(layer)), around.get(index, (frozenset(), frozenset()))
        path = parts(layer.name)
        row = Row(index, layer, traits, beside, numbers((traits, beside)), path[-1] if path else "")
        node = root
        node.every.append(row)
        for part in path:
            node = node.children.setdefault(part, Node(part))
            node.every.append(row)
        node.rows.append(row)
    _describe(root, (), numbers)
    return root


def parts(name: str) -> list[str]:
    """ "layer1.0/add" -> layer1, 0, /add."""
    path, slash, op = name.partition("/")
    return [*(part for part in path.split(".") if part), *([slash + op] if slash else [])]


def plain_kind(kind: str) -> str:
    """The same for a class, a function and one that works in place: ReLU, relu and relu_."""
    return kind.lower().rstrip("_")


def _describe(node: Node, path: tuple[str, ...], numbers: Numbers) -> None:
    found: list[Hashable] = []
    for row in node.every:
        below = tuple(parts(row.layer.name)[len(path) :])
        found.append((below, row.traits))
        node.strong[below, row.traits] += 1
        node.weak[plain_kind(row.layer.kind)] += 1
    node.print = numbers(tuple(found))
    for child in node.children.values():
        _describe(child, (*path, child.name), numbers)


def _traits(layer: Layer) -> tuple[Hashable, ...]:
    return (layer.kind, *sorted((name, repr(value)) for name, value in layer.attrs.items()))
