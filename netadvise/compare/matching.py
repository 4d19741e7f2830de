"""Which layer of OLD is which layer of NEW.

    1  Names first. Below two modules that correspond, children of the same name do, too.
    2  Names that count (`0`, `conv2`, `/add_1`) move on when something is put in before them, so a name is only a bonus
       there: such children, and all that have no namesake, are aligned in order by what they hold. A block that was
       renamed as a whole is found here.
    3  Layers left over anywhere are aligned in order, if they agree in kind and nearly all arguments: this finds what
       moved below another module.

What stands around a layer in the data flow decides between partners that are otherwise equally good. Which network is
called OLD makes no difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from netadvise.compare.align import Scale, align
from netadvise.compare.likeness import neighbours_alike, nodes_alike, rows_alike
from netadvise.compare.tree import Neighbours, Node, Numbers, Row, tree
from netadvise.profiles import Profile

_NAMESAKE = 250
"""What the same counting name is worth, beside likeness of at most 1000."""
_LAYERS = 800
"""Below this, two layers of different names are two layers: nearly all that shapes them must agree."""
_MODULES = 500
"""The same for modules: half of their layers, or the kinds of all."""
_ELSEWHERE = 900
"""The same for layers of modules that do not correspond."""

Pair = tuple[int, int]


def matched(
    old: Profile, new: Profile, around_old: Mapping[int, Neighbours], around_new: Mapping[int, Neighbours]
) -> tuple[Pair, ...]:
    """The pairs of positions of layers that are the same layer, in the order of OLD."""
    numbers = Numbers()
    one, other = tree(old, around_old, numbers), tree(new, around_new, numbers)
    turned = _order(old) > _order(new)
    matching = _Matching()
    matching.run(*((other, one) if turned else (one, other)))
    return tuple(sorted((right, left) if turned else (left, right) for left, right in matching.pairs))


def _order(profile: Profile) -> str:
    """What tells two networks apart, to put them into an order that does not depend on which is called OLD."""
    return repr([(layer.name, layer.call, layer.kind, layer.attrs, layer.input_shapes) for layer in profile.layers])


@dataclass
class _Matching:
    """One matching of two trees in the making."""

    pairs: list[Pair] = field(default_factory=list)
    alike: dict[Pair, int] = field(default_factory=dict)
    """What was found out about two prints, or looks."""

    def run(self, old: Node, new: Node) -> None:
        """Match two whole networks."""
        self._below(old, new)
        matched_old = {left for left, _ in self.pairs}
        matched_new = {right for _, right in self.pairs}
        self._rows(
            [row for row in old.every if row.index not in matched_old],
            [row for row in new.every if row.index not in matched_new],
            _ELSEWHERE,
        )

    def _below(self, old: Node, new: Node) -> None:
        """Match what two nodes that correspond hold."""
        if old.print == new.print:
            self.pairs += [(one.index, other.index) for one, other in zip(old.every, new.every, strict=True)]
        elif old.leaf and new.leaf and len(old.rows) == len(new.rows):
            self.pairs += [(one.index, other.index) for one, other in zip(old.rows, new.rows, strict=True)]
        elif old.leaf or new.leaf:
            self._rows(old.every, new.every, 1)
        else:
            self._rows(old.rows, new.rows, 1)
            for one, other in self._partners(old, new):
                self._below(one, other)

    def _rows(self, old: Sequence[Row], new: Sequence[Row], least: int) -> None:
        """Align layers that are at least so alike."""

        def score(one: Row, other: Row) -> int:
            alike = self._rows_alike(one, other)
            return 0 if alike < least else alike + _NAMESAKE * (one.last == other.last)

        scale = Scale[Row](lambda row: row.look, lambda row: row.last, score, _same_row)
        self.pairs += [(old[left].index, new[right].index) for left, right in align(old, new, scale)]

    def _partners(self, old: Node, new: Node) -> Iterator[tuple[Node, Node]]:
        """The children of two nodes that correspond."""
        all_named = old.children.keys() == new.children.keys()
        sure = [
            name for name, node in old.children.items() if name in new.children and _is_sure(node, all_named=all_named)
        ]
        yield from ((old.children[name], new.children[name]) for name in sure)
        left = [node for name, node in old.children.items() if name not in sure]
        right = [node for name, node in new.children.items() if name not in sure]
        scale = Scale[Node](lambda node: node.look, lambda node: node.name, self._nodes_score, _same_node)
        yield from ((left[one], right[other]) for one, other in align(left, right, scale))

    def _nodes_score(self, old: Node, new: Node) -> int:
        """A namesake always counts as a partner, another node when it is like enough."""
        both_leaves = old.leaf and new.leaf
        alike = self._rows_alike(old.rows[0], new.rows[0]) if both_leaves else self._nodes_alike(old, new)
        if old.name == new.name:
            return alike + _NAMESAKE
        enough = old.leaf == new.leaf and alike >= (_LAYERS if old.leaf else _MODULES)
        return alike if enough else 0

    def _nodes_alike(self, old: Node, new: Node) -> int:
        key = (old.print, new.print)
        if key not in self.alike:
            self.alike[key] = nodes_alike(old, new)
        return self.alike[key]

    def _rows_alike(self, old: Row, new: Row) -> int:
        """With what stands around them; nothing for layers of two kinds, wherever they stand."""
        key = (old.look, new.look)
        if key not in self.alike:
            alike = rows_alike(old, new)
            self.alike[key] = alike + neighbours_alike(old.around, new.around) if alike else 0
        return self.alike[key]


def _is_sure(node: Node, *, all_named: bool) -> bool:
    """Whether the name alone tells: it does not count, or nothing came, went or was renamed beside it."""
    return not node.numbered or (all_named and not node.name.isdecimal())


def _same_node(old: Node, new: Node) -> bool:
    return old.print == new.print and (old.name == new.name or (old.name.isdecimal() and new.name.isdecimal()))


def _same_row(old: Row, new: Row) -> bool:
    return old.traits == new.traits and old.last == new.last
