"""Which trainable parameters a gradient of the outputs reaches in the training pass, and what keeps it from the others.

A gradient passes every op with a derivative that is not zero almost everywhere, and every op inside a
`torch.autograd.Function`, whose author says what passes. It does not pass `detach`, ops under `torch.no_grad`, and
results that are whole numbers or truth values. An op is to blame only where some parameter is reached by no other way:
`x + (q - x).detach()` blames nothing.
"""

from __future__ import annotations

from netadvise.graph import Graph, Op
from netadvise.measure.facts.survey import Entry, Survey
from netadvise.measure.keeps import is_floating
from netadvise.measure.other_ops import plain_name

_NO_CONTENT = frozenset(("factory", "random", "shape_only", "item"))
_FLAT = frozenset(
    "sign sgn round floor ceil trunc floor_divide heaviside argmax argmin argsort one_hot bucketize searchsorted "
    "eq ne lt le gt ge logical_and logical_or logical_not logical_xor isnan isinf isfinite isposinf isneginf signbit "
    "count_nonzero nonzero argwhere histc bincount".split()
)
"""Functions without a derivative, or whose derivative is zero wherever it exists."""


def gradient(survey: Survey) -> None:
    """`non_differentiable` of every layer; of a training pass, who cuts the gradient and who blocks training."""
    graph = survey.graph
    training = graph.mode == "train"
    blocked = _descendants(graph, frozenset(_without_gradient(graph))) if training else frozenset()
    useful = _ancestors(graph, frozenset(graph.outputs)) if training else frozenset()
    for entry in survey.entries:
        flat = _is_flat(entry.op) and not _is_custom(entry.op)
        entry.facts["non_differentiable"] = flat
        if training:
            stops = any(operand.value in blocked for operand in entry.op.inputs) and not passes(graph, entry.op)
            to_blame = stops and any(output in useful for output in entry.op.outputs)
            entry.facts["cuts_gradient"] = to_blame and _cuts(entry)
            entry.facts["blocks_training"] = to_blame


def _cuts(entry: Entry) -> bool:
    return entry.op.attrs.get("no_grad") is True or plain_name(entry.op) == "detach"


def params_without_grad(graph: Graph) -> tuple[str, ...]:
    """Trainable parameters that some op of a training pass reads and no gradient of an output reaches."""
    return tuple(graph.values[value].name for value in _without_gradient(graph))


def _without_gradient(graph: Graph) -> tuple[int, ...]:
    reached = _reached(graph)
    read = {operand.value for op in graph.ops for operand in op.inputs}
    return tuple(
        value.id
        for value in graph.values
        if value.origin == "parameter" and value.requires_grad and value.id in read and value.id not in reached
    )


def _reached(graph: Graph) -> set[int]:
    """Values that a gradient of the outputs reaches."""
    found = {value for value in graph.outputs if is_floating(graph.values[value])}
    for op in reversed(graph.ops):
        if not found.isdisjoint(op.outputs) and passes(graph, op):
            found.update(operand.value for operand in op.inputs if is_floating(graph.values[operand.value]))
    return found


def passes(graph: Graph, op: Op) -> bool:
    """Whether a gradient passes from a result of the op to its operands."""
    if _is_custom(op):
        return True
    if op.kind in _NO_CONTENT or _is_flat(op) or plain_name(op) == "detach" or op.attrs.get("no_grad") is True:
        return False
    return any(is_floating(graph.values[output]) for output in op.outputs)


def _is_flat(op: Op) -> bool:
    return plain_name(op).lstrip("_") in _FLAT


def _is_custom(op: Op) -> bool:
    return op.attrs.get("custom_gradient") is True


def _descendants(graph: Graph, values: frozenset[int]) -> frozenset[int]:
    """Values through which a gradient would flow to those, as far as it passes."""
    found = set(values)
    for op in graph.ops:
        if passes(graph, op) and any(operand.value in found for operand in op.inputs):
            found.update(output for output in op.outputs if is_floating(graph.values[output]))
    return frozenset(found)


def _ancestors(graph: Graph, values: frozenset[int]) -> frozenset[int]:
    """Values that those depend on in any way."""
    found = set(values)
    for op in reversed(graph.ops):
        if not found.isdisjoint(op.outputs):
            found.update(operand.value for operand in op.inputs)
    return frozenset(found)
