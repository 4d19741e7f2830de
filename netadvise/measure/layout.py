"""Where the axes of the network's input lie in a tensor: each dim is a product of factors, outermost first.

    layout ::= dim*
    dim    ::= factor*            size of the dim = product of its factors' sizes; () is a dim of size 1
    factor ::= axis stride size   moving one step along it moves `stride` positions along that input axis' feature map
             | PLAIN size         channels, batch: no position
             | COPIES size        a size-1 dim broadcast: every element the same
             | LOST size axes     holds those axes in an order that cannot be followed; `stride` is a serial number
             | LOST size pieces   dims laid end to end, a class token before flattened positions; a slice finds them

Flattening, window partition, patch merging and their inverses only regroup factors, so positions stay exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import gcd, prod
from typing import NamedTuple

PLAIN, COPIES, LOST = -1, -2, -3


class Factor(NamedTuple):
    """One factor of a dim; see the module's grammar."""

    axis: int
    stride: int
    size: int
    axes: frozenset[int] = frozenset()
    pieces: tuple[tuple[int, tuple[Factor, ...]], ...] = ()
    """Sizes and dims of the stretches."""

    @property
    def placed(self) -> bool:
        return self.axis >= 0

    @property
    def reach(self) -> int:
        """Positions from this factor's first element to one past its block."""
        return self.stride * self.size

    def carries(self) -> frozenset[int]:
        """The input axes whose positions this factor holds."""
        return frozenset((self.axis,)) if self.axis >= 0 else self.axes


Dim = tuple[Factor, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """The factors of every dim of one tensor."""

    dims: tuple[Dim, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(size_of(dim) for dim in self.dims)

    @property
    def rank(self) -> int:
        return len(self.dims)

    def placement(self, axis: int) -> tuple[tuple[int, Factor], ...]:
        """The dims, counted from the last (-1), and the factors that hold positions of `axis`."""
        return tuple(
            (index - len(self.dims), factor)
            for index, dim in enumerate(self.dims)
            for factor in dim
            if axis in factor.carries()
        )

    def axes(self) -> frozenset[int]:
        """Every input axis that has positions here."""
        return frozenset().union(*(factor.carries() for dim in self.dims for factor in dim))

    def step(self, axis: int) -> int:
        """Greatest common stride of the placed factors of `axis`: 1 when every position is there."""
        strides = [f.stride for _, f in self.placement(axis) if f.placed and f.size > 1]
        return gcd(*strides) or 1

    def extent(self, axis: int) -> int:
        """One more than the largest position of `axis` in this tensor."""
        return 1 + sum(f.stride * (f.size - 1) for _, f in self.placement(axis) if f.placed)

    def divided(self, axis: int, by: int) -> Layout:
        """The same places, counted in steps of `by` positions."""
        return Layout(tuple(tuple(_divided(f, axis, by) for f in dim) for dim in self.dims))

    def multiplied(self, axis: int, by: int) -> Layout:
        """The same places, every position now a block of `by`."""
        return Layout(
            tuple(tuple(f._replace(stride=f.stride * by) if f.axis == axis else f for f in d) for d in self.dims)
        )

    def with_dim(self, index: int, dim: Dim) -> Layout:
        dims = list(self.dims)
        dims[index] = dim
        return Layout(tuple(dims))

    def without(self, indices: Iterable[int]) -> Layout:
        gone = {index % len(self.dims) for index in indices}
        return Layout(tuple(dim for index, dim in enumerate(self.dims) if index not in gone))

    def permuted(self, order: Sequence[int]) -> Layout:
        return Layout(tuple(self.dims[index] for index in order))

    def viewed(self, shape: Sequence[int], serial: int) -> Layout:
        """The layout after a reshape to `shape`, element order unchanged.

        Where the new dims cut across factors, the dims of that stretch are LOST under the number `serial`.
        """
        if tuple(shape) == self.shape:
            return self
        if prod(shape) == 0:
            return Layout(tuple(plain(size) for size in shape))
        return Layout(tuple(_regrouped(self.dims, tuple(shape), serial)))


def size_of(dim: Dim) -> int:
    """Number of elements along the dim."""
    return prod(factor.size for factor in dim)


def plain(size: int) -> Dim:
    """A dim without positions."""
    return () if size == 1 else (Factor(PLAIN, 0, size),)


def copies(size: int) -> Dim:
    """A dim of equal elements."""
    return () if size == 1 else (Factor(COPIES, 0, size),)


def lost(size: int, axes: frozenset[int], serial: int) -> Dim:
    """A dim that holds positions of `axes` in unknown order; PLAIN when there are none."""
    return (Factor(LOST, serial, size, axes),) if axes else plain(size)


def laid_end_to_end(pieces: tuple[tuple[int, Dim], ...]) -> Dim:
    """One dim of several stretches, of which those with positions can be found again."""
    axes = frozenset[int]().union(*(carried(dim) for _, dim in pieces))
    return (Factor(LOST, 0, sum(size for size, _ in pieces), axes, pieces),)


def stretch(dim: Dim, start: int, count: int) -> Dim | None:
    """The dim of that part of a dim laid end to end; without axes if it holds no position, None if it is unclear."""
    if len(dim) != 1 or not dim[0].pieces:
        return None
    met, at = [], 0
    for size, piece in dim[0].pieces:
        if at < start + count and start < at + size:
            met.append((at, size, piece))
        at += size
    if not any(carried(piece) for _, _, piece in met):
        return plain(count)
    return met[0][2] if [(at, size) for at, size, _ in met] == [(start, count)] else None


def carried(dim: Dim) -> frozenset[int]:
    """The input axes with positions in this dim."""
    return frozenset().union(*(factor.carries() for factor in dim))


def merged(factors: Iterable[Factor]) -> Dim:
    """The same dim with neighbours joined that count on from each other, and stray size-1 factors dropped."""
    result: list[Factor] = []
    kept = list(factors)
    if len(kept) > 1:
        kept = [factor for factor in kept if factor.size > 1] or kept[:1]
    for factor in kept:
        joined = _joined(result[-1], factor) if result else None
        result[-1:] = [joined] if joined else [*result[-1:], factor]
    return tuple(result)


def _joined(outer: Factor, inner: Factor) -> Factor | None:
    if outer.axis != inner.axis or outer.axis == LOST:
        return None
    if outer.placed and outer.stride != inner.reach:
        return None
    return Factor(inner.axis, inner.stride, outer.size * inner.size)


def _divided(factor: Factor, axis: int, by: int) -> Factor:
    if factor.axis != axis:
        return factor
    return factor._replace(stride=1 if factor.size == 1 else factor.stride // by)


def _regrouped(dims: tuple[Dim, ...], shape: tuple[int, ...], serial: int) -> list[Dim]:
    """Walks old and new dims together, cutting both into the smallest stretches of equal product."""
    result: list[Dim] = []
    old, new = 0, 0
    while new < len(shape) or old < len(dims):
        taken, given = dims[old : old + 1], shape[new : new + 1]
        old, new = old + 1, new + 1
        while (had := prod(map(size_of, taken))) != (wanted := prod(given)):
            if (had < wanted and old < len(dims)) or new >= len(shape):
                taken, old = dims[old - len(taken) : old + 1], old + 1
            else:
                given, new = shape[new - len(given) : new + 1], new + 1
        result.extend(_stretch(taken, given, serial))
    return result


def _stretch(taken: Sequence[Dim], given: Sequence[int], serial: int) -> list[Dim]:
    factors = merged(factor for dim in taken for factor in dim)
    pieces = _dealt(list(factors), given)
    if pieces is not None:
        return [merged(piece) for piece in pieces]
    axes = carried(factors)
    return [lost(size, axes, serial) if size > 1 else () for size in given]


def _dealt(factors: list[Factor], sizes: Sequence[int]) -> list[list[Factor]] | None:
    """Deals the factors, cut where needed, to dims of `sizes`; None when a cut would not be whole."""
    if len(factors) == 1 and factors[0].size == 1:
        return [[factors[0]] if index == 0 else [] for index in range(len(sizes))]
    pieces: list[list[Factor]] = []
    for size in sizes:
        piece: list[Factor] = []
        while size > 1:
            head = factors.pop(0)
            cut = gcd(size, head.size)
            if (head.axis == LOST and cut != head.size) or cut not in (size, head.size):
                return None
            if cut < head.size:
                inner = head.size // cut
                factors.insert(0, head._replace(size=inner))
                head = head._replace(size=cut, stride=head.stride * inner)
            piece.append(head)
            size //= cut
        pieces.append(piece)
    return pieces
