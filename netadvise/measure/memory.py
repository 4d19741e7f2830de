"""Bytes of activations: what each op writes, and the most that is alive at once in inference.

Storages are the unit: an in-place result, a view and their base occupy one. A storage is as large as the first value
that was defined on it; those of parameters, buffers and constants are no activations. What autograd keeps is in
`saved.py`. Workspace inside an op (im2col buffers, the scores of unfused attention) is not counted.
"""

from __future__ import annotations

from itertools import accumulate

from netadvise.graph import Graph, Op, Value
from netadvise.quantity import Quantity


def activation_bytes(graph: Graph, op: Op) -> Quantity:
    """Bytes that the op writes: those of its outputs, in-place ones too; a view of an operand writes nothing."""
    read: set[int] = set()
    if op.kind in _VIEWS or _passes_on(op):
        read = {graph.values[operand.value].storage for operand in op.inputs}
    outputs = [graph.values[output] for output in op.outputs]
    return sum(value.bytes for value in outputs if value.storage not in read)


_VIEWS = frozenset(("view", "permute", "expand", "slice", "select", "split", "copy", "as_strided", "write_through"))
"""Kinds whose output may be another view of the memory of an operand, with nothing written."""


def _passes_on(op: Op) -> bool:
    """Whether the op is a dropout that does nothing."""
    return op.kind == "dropout" and not (op.attrs.get("training") and op.attrs.get("p"))


def storage_bytes(graph: Graph) -> dict[int, int]:
    """Bytes of each storage that holds activations: of the model's inputs and of results."""
    held = {value.storage for value in graph.values if value.origin in ("parameter", "buffer", "constant")}
    sizes: dict[int, int] = {}
    for value in _definitions(graph):
        if value.storage not in held:
            sizes.setdefault(value.storage, value.bytes)
    return sizes


def _definitions(graph: Graph) -> list[Value]:
    """Inputs, then results in execution order."""
    results = (graph.values[output] for op in graph.ops for output in op.outputs)
    return [*(value for value in graph.values if value.origin == "input"), *results]


def peak_activation_bytes(graph: Graph) -> int:
    """The most bytes alive at once in inference.

    A storage lives from the op that defines its first value through the last op that reads or defines a value on it;
    the model's inputs live from the start, its outputs to the end. Each op needs its operands and results at once.
    """
    sizes = storage_bytes(graph)
    born, dead = _lifetimes(graph)
    change = [0] * (len(graph.ops) + 2)
    for storage, size in sizes.items():
        change[born[storage]] += size
        change[dead[storage] + 1] -= size
    return max(accumulate(change))


def _lifetimes(graph: Graph) -> tuple[dict[int, int], dict[int, int]]:
    """First and last step of each storage: step 0 is the start, step n + 1 the op of id n."""
    born: dict[int, int] = {}
    dead: dict[int, int] = {}
    steps = [[value.id for value in graph.values if value.origin == "input"]]
    steps += [[*(operand.value for operand in op.inputs), *op.outputs] for op in graph.ops]
    for step, values in enumerate([*steps, list(graph.outputs)]):
        for value in values:
            storage = graph.values[value].storage
            born.setdefault(storage, step)
            dead[storage] = min(step, len(graph.ops))
    return born, dead
