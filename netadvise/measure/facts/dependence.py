"""Whether an output depends on the content of the input: not through a softmax over one element, and the like."""

from __future__ import annotations

from math import prod

from netadvise.graph import Graph, Op
from netadvise.measure.other_ops import axes

_CONTENT_FREE = frozenset(("factory", "random", "shape_only"))


def output_depends_on_input(graph: Graph) -> bool:
    """Whether at least one output does."""
    depends = set(graph.inputs)
    for op in graph.ops:
        reads = op.kind not in _CONTENT_FREE and any(operand.value in depends for operand in op.inputs)
        if reads and not _is_constant(graph, op):
            depends.update(op.outputs)
    return not depends.isdisjoint(graph.outputs)


def _is_constant(graph: Graph, op: Op) -> bool:
    """Whether the results are the same whatever the operand holds."""
    shape = graph.values[op.inputs[0].value].shape
    if op.kind == "softmax":
        return all(shape[dim] == 1 for dim in axes(op.attrs.get("dim")) if dim < len(shape)) and bool(shape)
    if op.kind == "dropout":
        return bool(op.attrs.get("training")) and op.attrs.get("p") == 1
    if op.kind == "layer_norm":
        return prod(shape[len(shape) - len(axes(op.attrs.get("normalized_shape"))) :]) == 1
    if op.kind == "instance_norm":
        return bool(op.attrs.get("use_input_stats", True)) and prod(shape[2:]) == 1
    if op.kind == "group_norm":
        groups = op.attrs.get("num_groups")
        return isinstance(groups, int) and prod(shape[1:]) == groups
    return op.kind == "batch_norm" and bool(op.attrs.get("training")) and prod(shape) == shape[1]
