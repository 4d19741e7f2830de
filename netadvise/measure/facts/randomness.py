"""Random numbers: which layers draw them, and whether one reaches an output in evaluation mode."""

from __future__ import annotations

from collections.abc import Iterator

from netadvise.graph import Graph, Op
from netadvise.measure.facts.survey import Entry, Survey
from netadvise.measure.other_ops import plain_name
from netadvise.quantity import Unknown

_DRAWING = frozenset(
    "rand randn randint randperm normal bernoulli multinomial poisson native_dropout rrelu_with_noise".split()
)
_MASKED = frozenset(("dropout", "drop_path", "attention"))


def draws(op: Op) -> bool:
    """Whether the op takes random numbers from the generator, in the mode in which it ran."""
    attrs = op.attrs
    if op.kind == "dropout":
        return bool(attrs.get("training")) and bool(attrs.get("p"))
    if op.kind == "attention":
        return bool(attrs.get("dropout_p"))
    if op.kind == "rnn":
        return bool(attrs.get("training")) and bool(attrs.get("dropout")) and _layers(op) > 1
    if plain_name(op) in ("rrelu", "rrelu_with_noise"):
        return bool(attrs.get("training"))
    return op.kind == "random" or plain_name(op).lstrip("_") in _DRAWING


def _layers(op: Op) -> int:
    count = op.attrs.get("num_layers")
    return count if isinstance(count, int) else 1


def stochastic(graph: Graph) -> tuple[Op, ...]:
    """The ops that draw random numbers on which an output depends by content, in order."""
    needed = set(graph.outputs)
    found = []
    for op in reversed(graph.ops):
        if needed.isdisjoint(op.outputs):
            continue
        if draws(op):
            found.append(op)
        if op.kind not in ("random", "shape_only", "factory"):
            needed.update(operand.value for operand in op.inputs)
    return tuple(reversed(found))


def active_in_eval(evaluation: Survey, training: Survey | Unknown) -> None:
    """Of everything with a mask: whether the same call draws one in evaluation mode."""
    drawing = {}
    for entry in _masked(evaluation):
        drawing[_place(entry)] = entry.facts["active_in_eval"] = draws(entry.op)
    if not isinstance(training, Unknown):
        for entry in _masked(training):
            entry.facts["active_in_eval"] = drawing.get(_place(entry), False)


def _masked(survey: Survey) -> Iterator[Entry]:
    return (entry for entry in survey.entries if entry.get("op") in _MASKED)


def _place(entry: Entry) -> tuple[str, object]:
    return entry.name, entry.get("call_index")
