"""Exact receptive fields on the finite map: what one position of a value sees of one input axis, borders included.

A chain of nodes, one per op that moves along the axis, is asked lazily for single positions and remembers its answers.
Taps outside a tensor read nothing, or the replicated, reflected or wrapped content, as the op does at borders.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal

from netadvise.measure.window import Span, Window

Interval = tuple[int, int] | None
"""First and last input position seen; None: no input at all (padding only)."""
Border = Literal["drop", "replicate", "reflect", "circular"]

MOST_POSITIONS = 2048
"""How many positions of an irregular map are asked one by one before its whole is given up."""


class Node:
    """Positions 0 ... extent - 1 of one value along one axis.

    `regular`: every position sees something, and both ends of what it sees only grow with the position; then
    the two outermost of some positions tell what all of them see.
    """

    __slots__ = ("children", "extent", "memo", "regular")

    def __init__(self, extent: int, regular: bool) -> None:
        self.extent, self.regular = extent, regular
        self.memo: dict[int, Interval] = {}
        self.children: dict[object, Node] = {}

    def reads(self, position: int) -> Iterable[tuple[Node, int]]:
        """The positions of other nodes whose hull this position sees."""
        return ()

    def known(self, position: int) -> bool:
        return position in self.memo

    def recall(self, position: int) -> Interval:
        return self.memo[position]


class Source(Node):
    """The axis of the network's input: every position sees itself."""

    __slots__ = ()

    def __init__(self, extent: int) -> None:
        super().__init__(extent, regular=True)

    def known(self, position: int) -> bool:
        return True

    def recall(self, position: int) -> Interval:
        return (position, position)


class Fixed(Node):
    """Every position sees the same."""

    __slots__ = ("interval",)

    def __init__(self, interval: Interval) -> None:
        super().__init__(1, regular=interval is not None)
        self.interval = interval

    def known(self, position: int) -> bool:
        return True

    def recall(self, position: int) -> Interval:
        return self.interval


class Map(Node):
    """What an op reads through a window from the positions of `parent`; equal spans are answered once."""

    __slots__ = ("border", "first_with", "parent", "window")

    def __init__(self, window: Window, parent: Node, extent: int, border: Border = "drop") -> None:
        super().__init__(extent, parent.regular and _regular(window, parent.extent, extent, border))
        self.window, self.parent, self.border = window, parent, border
        self.first_with: dict[Span, int] = {}

    def reads(self, position: int) -> Iterable[tuple[Node, int]]:
        span = self.window.at(position)
        if span is None:
            return ()
        twin = self.first_with.setdefault(span, position)
        if twin != position:
            return [(self, twin)]
        taps = inside(span, self.parent.extent, self.border)
        if self.parent.regular and len(taps) > 2:
            taps = (taps[0], taps[-1])
        return [(self.parent, tap) for tap in taps]


class Union(Node):
    """A join of branches that share their positions."""

    __slots__ = ("parents",)

    def __init__(self, parents: Sequence[Node]) -> None:
        extent = max(parent.extent for parent in parents)
        shared = all(isinstance(parent, Fixed) or parent.extent == extent for parent in parents)
        super().__init__(extent, shared and all(parent.regular for parent in parents))
        self.parents = tuple(parents)

    def reads(self, position: int) -> Iterable[tuple[Node, int]]:
        return [(parent, position) for parent in self.parents]


class Pieces(Node):
    """Stretches of positions, each taken from another node; a later piece covers an earlier one."""

    __slots__ = ("parts",)

    def __init__(self, extent: int, parts: Sequence[tuple[int, int, Node]]) -> None:
        """`parts`: first position, number of positions, and the node whose position 0 comes first."""
        super().__init__(extent, regular=False)
        self.parts = tuple(parts)

    def reads(self, position: int) -> Iterable[tuple[Node, int]]:
        for start, count, node in reversed(self.parts):
            if start <= position < start + count:
                return [(node, position - start)]
        return ()


def interval(node: Node, position: int) -> Interval:
    """The first and last input position that `position` sees."""
    stack = [(node, position)]
    while stack:
        current, at = stack[-1]
        if current.known(at):
            stack.pop()
            continue
        reads = list(current.reads(at))
        missing = [(parent, tap) for parent, tap in reads if not parent.known(tap)]
        if missing:
            stack.extend(missing)
        else:
            current.memo[at] = _hull(parent.recall(tap) for parent, tap in reads)
            stack.pop()
    return node.recall(position)


def whole(node: Node, window: Window | None) -> Interval | Literal["too many"]:
    """What all positions of `node` see together; `window` bounds what positions far from the ends can add."""
    if node.regular:
        return _hull((interval(node, 0), interval(node, node.extent - 1)))
    if node.extent <= MOST_POSITIONS:
        return _hull(interval(node, position) for position in range(node.extent))
    half = MOST_POSITIONS // 2
    found = _hull(interval(node, o) for o in (*range(half), *range(node.extent - half, node.extent)))
    inner = window.hull(Span(half, node.extent - half - 1)) if window else None
    settled = inner is not None and found is not None and found[0] <= inner.first and inner.last <= found[1]
    return found if settled else "too many"


def through(window: Window, parent: Node, extent: int, border: Border = "drop") -> Node:
    """The node after an op; zero padding is folded into what reads it, a constant stays constant."""
    if isinstance(parent, Fixed):
        return parent
    if isinstance(parent, Map) and border == "drop" and _is_zero_padding(parent):
        span = parent.window.spans[0]
        assert span is not None
        spans = tuple(s.shifted(span.first) if s else None for s in window.spans)
        return through(Window(window.shift, spans), parent.parent, extent)
    key = (window, extent, border)
    if key not in parent.children:
        parent.children[key] = Map(window, parent, extent, border)
    return parent.children[key]


def meeting(parents: Sequence[Node]) -> Node:
    """The node of a join; the same parents make the same node, so that axes of equal length share their answers."""
    first, key = parents[0], tuple(map(id, parents))
    if key not in first.children:
        first.children[key] = Union(parents)
    return first.children[key]


def _is_zero_padding(node: Map) -> bool:
    first, last = node.window.at(0), node.window.at(node.extent - 1)
    plain = node.border == "drop" and node.window.period == 1 and node.window.shift == 1
    return (
        plain
        and first is not None
        and last is not None
        and first.size == 1
        and (first.first <= 0 and last.last >= node.parent.extent - 1)
    )


def inside(span: Span, extent: int, border: Border) -> Sequence[int]:
    """The positions 0 ... extent - 1 that the taps of `span` really read, in ascending order."""
    if span.first >= 0 and span.last < extent:
        return span.taps
    if border == "drop":
        first = span.first if span.first >= 0 else span.first % span.step
        return range(first, min(span.last, extent - 1) + 1, span.step)
    return sorted({_folded(tap, extent, border) for tap in span.taps})


def _folded(tap: int, extent: int, border: Border) -> int:
    if border == "circular":
        return tap % extent
    if border == "replicate":
        return min(max(tap, 0), extent - 1)
    turned = tap % (2 * extent - 2) if extent > 1 else 0
    return turned if turned < extent else 2 * extent - 2 - turned


def _regular(window: Window, parent: int, extent: int, border: Border) -> bool:
    if extent < 1 or parent < 1:
        return False
    spans = [window.at(position) for position in range(window.period + 1)]
    first, last = window.at(0), window.at(extent - 1)
    if None in spans or first is None or last is None or window.shift < 0:
        return False
    known = [span for span in spans if span]
    grows = all(a.first <= b.first and a.last <= b.last for a, b in pairwise(known))
    lowest = min(span.first for span in known)
    highest = max(s.last for s in map(window.at, range(extent - min(extent, window.period), extent)) if s)
    if lowest >= 0 and highest < parent:
        return grows
    dense = all(span.step == 1 or span.size == 1 for span in known)
    if border == "replicate":
        return grows and dense
    return border == "drop" and grows and dense and first.last >= 0 and last.first < parent


def _hull(intervals: Iterable[Interval]) -> Interval:
    known = [found for found in intervals if found]
    return (min(lo for lo, _ in known), max(hi for _, hi in known)) if known else None
