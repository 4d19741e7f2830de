"""Bytes that autograd keeps from the forward pass for the backward pass.

An op keeps something only when a result of it needs a gradient: when it depends on a trainable parameter or on an input
that requires one. So a dropout in eval mode and the layers before the first trainable one keep nothing.
A recording does not tell which ops ran under `torch.no_grad`; they count as if they had not.
"""

from __future__ import annotations

from collections.abc import Iterator

from netadvise.graph import Graph, Op
from netadvise.measure.keeps import Kept, is_floating, unheard
from netadvise.measure.keeps_functions import RULES
from netadvise.measure.memory import storage_bytes
from netadvise.measure.other_ops import plain_name
from netadvise.quantity import Quantity, Unknown


def saved_activation_bytes(graph: Graph) -> Quantity:
    """Bytes that autograd keeps after the forward pass, each storage once.

    Parameters, buffers and constants are left out, and so are views of them. Unknown as soon as one op's are.
    """
    sizes = storage_bytes(graph)
    storages: set[int] = set()
    extra = 0
    for _, kept in kept_by_op(graph):
        if isinstance(kept, Unknown):
            return kept
        storages.update(graph.values[value].storage for value in kept.values)
        extra += kept.extra_bytes
    return extra + sum(sizes.get(storage, 0) for storage in storages)


def kept_by_op(graph: Graph) -> Iterator[tuple[Op, Kept | Unknown]]:
    """Every op with a result that needs a gradient, with what it keeps."""
    needing = needs_gradient(graph)
    for op in graph.ops:
        if not needing.isdisjoint(op.outputs):
            rule = RULES.get(op.kind)
            yield op, unheard(op) if rule is None else rule(graph, op, needing)


def needs_gradient(graph: Graph) -> set[int]:
    """Values through which a gradient flows: trainable leaves, and floating-point results that depend on one."""
    found = {value.id for value in graph.values if value.origin != "result" and value.requires_grad}
    for op in graph.ops:
        differentiable = op.kind not in _CUTS and plain_name(op) != "detach"
        if differentiable and any(operand.value in found for operand in op.inputs):
            found.update(output for output in op.outputs if is_floating(graph.values[output]))
    return found


_CUTS = frozenset(("factory", "random", "shape_only", "item"))
"""Kinds whose results do not depend on the elements of their operands."""
