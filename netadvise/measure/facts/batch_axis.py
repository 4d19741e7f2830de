"""Which axis of which input holds the samples: axis 0 of the input that carries positions."""

from __future__ import annotations

from netadvise.graph import Graph, Value
from netadvise.measure.receptive import advance
from netadvise.measure.receptive_input import primary_input
from netadvise.quantity import Unknown


def primary(graph: Graph) -> Value | None:
    """The input that the receptive fields are measured on; None where there is no tensor input."""
    found = primary_input(graph, advance)
    return None if found is None else graph.values[found[0]]


def batch_size(graph: Graph) -> int | Unknown:
    """The number of samples of a recorded pass; Unknown where the input holds none, or one sample without an axis."""
    value = primary(graph)
    if value is None:
        return Unknown("the model has no tensor input")
    if len(value.shape) < 2 or 0 in value.shape:
        return Unknown("the input has no batch axis")
    if any(part.isdigit() for part in value.name.split(".")[1:]):
        return Unknown("the input is a list of samples")
    for op in graph.consumers.get(value.id, ()):
        kernel = op.attrs.get("kernel_size")
        if op.kind in ("conv", "conv_transpose") and isinstance(kernel, tuple) and len(kernel) + 1 == len(value.shape):
            return Unknown("the input has no batch axis")
    return value.shape[0]
