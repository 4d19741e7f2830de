"""One model recorded at two batch sizes, op by op."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from netadvise.graph import Graph, Op


@dataclass(frozen=True)
class Pair:
    """The pass that is under survey, `base`, of `old` samples, and `other`, of `new` samples."""

    base: Graph
    other: Graph
    old: int
    new: int

    @cached_property
    def partner(self) -> dict[int, Op]:
        """The op of `other` that each op of `base` corresponds to, by id.

        A call corresponds when it ran the same kinds of ops; copies do not count, since whether `contiguous` copies
        depends on sizes of 1.
        """
        theirs = _by_call(self.other)
        found: dict[int, Op] = {}
        for key, ops in _by_call(self.base).items():
            others = theirs.get(key, [])
            if [op.kind for op in ops] == [op.kind for op in others]:
                found.update((op.id, other) for op, other in zip(ops, others, strict=True))
        return found

    @cached_property
    def origin(self) -> dict[int, int]:
        """The id of the op of `base` that an op of `other` corresponds to, by id."""
        return {other.id: own for own, other in self.partner.items()}

    @cached_property
    def outputs(self) -> tuple[tuple[int, int], ...]:
        """The outputs of both passes that have axes: a single number is a loss, made of all samples on purpose."""
        pairs = zip(self.base.outputs, self.other.outputs, strict=False)
        return tuple((own, other) for own, other in pairs if self.base.values[own].shape)

    def samples(self, value: int, other: int) -> tuple[int, ...]:
        """The axes of a value of `base` whose length follows the batch size, alone or merged with another axis."""
        sizes, others = self.base.values[value].shape, self.other.values[other].shape
        if len(sizes) != len(others):
            return ()
        pairs = enumerate(zip(sizes, others, strict=True))
        return tuple(axis for axis, (size, its) in pairs if size != its and size * self.new == its * self.old)

    def alone(self, value: int, other: int) -> bool:
        """Whether one axis of a value is the batch axis, not merged with another."""
        sizes = self.base.values[value].shape
        return any(sizes[axis] == self.old for axis in self.samples(value, other))


def _by_call(graph: Graph) -> dict[tuple[str, int], list[Op]]:
    found: dict[tuple[str, int], list[Op]] = {}
    for op in _counted(graph.ops):
        call = graph.calls[op.call]
        found.setdefault((call.module, call.index), []).append(op)
    return found


def _counted(ops: Iterable[Op]) -> Iterable[Op]:
    return (op for op in ops if op.kind != "copy")
