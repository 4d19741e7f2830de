"""The ops for which a quantity has no formula, counted by reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from netadvise.graph import Graph, Location, Op
from netadvise.kinds import KINDS
from netadvise.measure.flops import macs
from netadvise.measure.other_ops import other_ops
from netadvise.measure.saved import kept_by_op
from netadvise.profiles import Gap, ReceptiveField
from netadvise.quantity import Unknown


def gaps(graph: Graph, fields: Mapping[int, ReceptiveField]) -> tuple[Gap, ...]:
    """One Gap per quantity, operator and reason, with the place of its first op; `macs` stands for `flops` too."""
    found: dict[tuple[str, str, str], tuple[int, Location | None]] = {}
    for quantity, op, unknown in (*_unknowns(graph), *_lost_fields(graph, fields)):
        key = (quantity, op.function if op.kind in KINDS else op.kind, unknown.reason)
        count, location = found.get(key, (0, _place(graph, op)))
        found[key] = (count + 1, location)
    return tuple(Gap(*key[:2], count, key[2], location) for key, (count, location) in found.items())


def _unknowns(graph: Graph) -> Iterator[tuple[str, Op, Unknown]]:
    for quantity, formula in (("macs", macs), ("other_ops", other_ops)):
        for op in graph.ops:
            value = formula(graph, op)
            if isinstance(value, Unknown):
                yield quantity, op, value
    for op, kept in kept_by_op(graph):
        if isinstance(kept, Unknown):
            yield "saved_activation_bytes", op, kept


def _lost_fields(graph: Graph, fields: Mapping[int, ReceptiveField]) -> Iterator[tuple[str, Op, Unknown]]:
    """The ops at which a receptive field becomes unknown; what follows them is not listed."""
    for op in graph.ops:
        before = {fields[operand.value].size for operand in op.inputs if operand.value in fields}
        after = [fields[output].size for output in op.outputs if output in fields]
        for size in after[:1]:
            if isinstance(size, Unknown) and size not in before:
                yield "receptive_field", op, size


def _place(graph: Graph, op: Op) -> Location | None:
    """The op's line, or that of the innermost call around it that has one."""
    lines = (call.location for call in graph.ancestry(op.call))
    return op.location or next((line for line in lines if line), None)
