"""What each op costs: parameters, MACs, elementary operations and memory."""

from __future__ import annotations

from netadvise.facts import Fact
from netadvise.graph import Graph, Op
from netadvise.measure.facts.survey import Survey
from netadvise.measure.flops import flops, macs
from netadvise.measure.memory import activation_bytes
from netadvise.measure.other_ops import other_ops
from netadvise.measure.params import count
from netadvise.quantity import Quantity, Unknown, total

Found = dict[str, Fact]
Read = frozenset[int]

_NONE: Read = frozenset()


def parameters(survey: Survey) -> None:
    """The parameters that every op reads, directly or through ops that work on parameters alone."""
    graph = survey.graph
    made: dict[int, Read] = {value.id: frozenset((value.id,)) for value in graph.values if value.origin == "parameter"}
    whole = count(graph).params
    for entry in survey.entries:
        read = _union([made[operand.value] for operand in entry.op.inputs if operand.value in made])
        if entry.op.outputs[0] not in survey.data:
            made.update(dict.fromkeys(entry.op.outputs, read) if read else {})
        else:
            entry.facts.update(_of_parameters(graph, read, whole))


def _union(sets: list[Read]) -> Read:
    return sets[0] if len(sets) == 1 else _NONE.union(*sets)


def _of_parameters(graph: Graph, read: Read, whole: int) -> Found:
    held = sum(graph.values[value].elements for value in read)
    trainable = sum(graph.values[value].elements for value in read if graph.values[value].requires_grad)
    return {
        "params": held,
        "trainable_params": trainable,
        "params_share": held / whole if whole else 0.0,
        "frozen": trainable == 0 if held else None,
    }


def costs(survey: Survey) -> None:
    """The work and the memory traffic of every op, where they are measured."""
    if survey.fields is None:
        return
    graph = survey.graph
    everything = total(macs(graph, op) for op in graph.ops)
    for entry in survey.entries:
        entry.facts.update(_of_work(graph, entry.op, everything))


def _of_work(graph: Graph, op: Op, everything: Quantity) -> Found:
    products, doubled, others, moved = macs(graph, op), flops(graph, op), other_ops(graph, op), memory_access(graph, op)
    return {
        "macs": products,
        "flops": doubled,
        "other_ops": others,
        "activation_elements": sum(graph.values[output].elements for output in op.outputs),
        "activation_bytes": activation_bytes(graph, op),
        "memory_access_bytes": moved,
        "arithmetic_intensity": share(total((doubled, others)), moved),
        "macs_share": share(products, everything),
    }


def share(part: Quantity, whole: Quantity) -> Fact:
    """A part of a whole; Unknown when either is, None of nothing."""
    if isinstance(part, Unknown) or isinstance(whole, Unknown):
        return part if isinstance(part, Unknown) else whole
    return part / whole if whole else None


def memory_access(graph: Graph, op: Op) -> int:
    """Bytes of the operands and results, each value once; a view moves nothing, a look-up reads the rows it takes."""
    if activation_bytes(graph, op) == 0:
        return 0
    written = sum(graph.values[output].bytes for output in op.outputs)
    operands = {operand.value for operand in op.inputs}
    if op.kind == "embedding":
        operands -= set(op.operands("weight"))
        written *= 2
    return written + sum(graph.values[value].bytes for value in operands)
