"""Which axis of every value holds the channels, followed from layer to layer.

Convolutions, pools and batch norms say that it is the axis in front of the positions; linear layers, embeddings and
recurrent layers that it is the last one. Reshapes, permutations and joins carry it along. The layout of an input is
asked of the layers that read it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod

from netadvise.graph import Graph, Op, Value
from netadvise.measure.other_ops import axes
from netadvise.quantity import Unknown
from netadvise.table import Table

Axis = int | None | Unknown
"""The channel axis; None where the value has none (it was reduced or selected away)."""

Carry = Callable[["Sweep", Op], Axis]

_carry: Table[Carry] = Table("channel axis of an op's result")

LOST = Unknown("which axis holds the channels cannot be followed through the reshapes before it")
UNSAID = Unknown("no layer says which axis of the input holds the channels")


class Sweep:
    """The axes found so far, by value id."""

    def __init__(self, graph: Graph, known: dict[int, Axis]) -> None:
        self.graph, self.known = graph, known

    def first(self, op: Op) -> Value:
        return self.graph.values[op.inputs[0].value]

    def axis(self, value: Value) -> Axis:
        return self.known.get(value.id, LOST)


def channel_axes(graph: Graph, data: frozenset[int]) -> Mapping[int, Axis]:
    """The channel axis of every value that depends on an input."""
    wanted = _wanted(graph)
    known: dict[int, Axis] = {value: wanted.get(value, UNSAID) for value in graph.inputs}
    sweep = Sweep(graph, known)
    for op in graph.ops:
        if not op.outputs or op.outputs[0] not in data:
            continue
        said = demanded(op, graph.result(op))
        known.update(dict.fromkeys(op.outputs, _carried(sweep, op) if said is None else said))
    return known


def _carried(sweep: Sweep, op: Op) -> Axis:
    carry = _carry.get(op.kind)
    return Unknown(f"{op.function} has no known effect on the axes") if carry is None else carry(sweep, op)


_BEFORE_POSITIONS = frozenset(
    ("conv", "conv_transpose", "max_pool", "avg_pool", "lp_pool", "adaptive_avg_pool", "adaptive_max_pool")
)
_SECOND = frozenset(
    ("batch_norm", "instance_norm", "group_norm", "local_response_norm", "interpolate", "grid_sample", "max_unpool")
    + ("unfold", "fold", "channel_shuffle"),
)
_LAST = frozenset(("linear", "bilinear", "embedding", "rnn", "rnn_cell"))


def demanded(op: Op, value: Value) -> int | None:
    """The channel axis that the kind of op demands of its operand and gives its result; None where it takes any."""
    rank = len(value.shape)
    if op.kind in _BEFORE_POSITIONS:
        return max(0, rank - 1 - _positions(op))
    if op.kind in _SECOND:
        return min(1, rank - 1)
    if op.kind in _LAST:
        return rank - 1
    return rank - 3 if op.kind in ("pixel_shuffle", "pixel_unshuffle") else None


def _positions(op: Op) -> int:
    return len(axes(op.attrs.get("kernel_size", op.attrs.get("output_size"))))


def _wanted(graph: Graph) -> dict[int, Axis]:
    """What the readers of each value say of its channel axis, carried back to the inputs."""
    wanted: dict[int, Axis] = {}
    for op in reversed(graph.ops):
        if not op.inputs or not op.outputs or op.kind == "embedding":
            continue
        source = graph.values[op.inputs[0].value]
        axis: Axis = demanded(op, source)
        asked = wanted.get(op.outputs[0])
        if axis is None and isinstance(asked, int):
            axis = _asked_back(op, source, graph.result(op), asked)
        if isinstance(axis, int):
            wanted[source.id] = axis
    return wanted


def _asked_back(op: Op, source: Value, result: Value, asked: int) -> int | None:
    if op.kind == "permute":
        return axes(op.attrs["dims"])[asked]
    if op.kind == "view":
        found = _regrouped(result.shape, source.shape, asked)
        return found if isinstance(found, int) else None
    return asked if op.kind in _KEEPS_AXES and len(source.shape) == len(result.shape) else None


_ELEMENTWISE = frozenset(
    ("activation", "softmax", "add", "sub", "mul", "div", "pointwise", "dropout", "copy", "layer_norm", "rms_norm")
    + ("scan", "fft", "flip", "roll", "setitem", "write_through"),
)


_KEEPS_AXES = _ELEMENTWISE | {"pad", "slice", "cat"}


@_carry(*_ELEMENTWISE)
def _joined(sweep: Sweep, op: Op) -> Axis:
    """That of an operand, counted from the last axis as broadcasting does; one that is known wins."""
    rank = len(sweep.graph.result(op).shape)
    found: Axis = LOST
    for operand in op.inputs:
        value = sweep.graph.values[operand.value]
        axis = sweep.known.get(value.id, LOST)
        if isinstance(axis, int):
            return axis + rank - len(value.shape)
        found = found if axis is LOST else axis
    return found


@_carry("pad", "cat")
def _kept(sweep: Sweep, op: Op) -> Axis:
    return next((axis for axis in _axes_of(sweep, op) if isinstance(axis, int)), sweep.axis(sweep.first(op)))


def _axes_of(sweep: Sweep, op: Op) -> list[Axis]:
    return [sweep.axis(sweep.graph.values[operand.value]) for operand in op.inputs]


@_carry("view")
def _view(sweep: Sweep, op: Op) -> Axis:
    axis, source = sweep.axis(sweep.first(op)), sweep.first(op)
    return _regrouped(source.shape, sweep.graph.result(op).shape, axis) if isinstance(axis, int) else axis


def _regrouped(old: tuple[int, ...], new: tuple[int, ...], axis: int) -> Axis:
    """Where an axis is after a reshape: as long as before, with as many elements in front of it."""
    size, before, front = old[axis], prod(old[:axis]), 1
    found: list[int] = []
    for index, length in enumerate(new):
        if front == before and length == size:
            found.append(index)
        front *= length
    return LOST if not found else axis if axis in found else found[-1]


@_carry("permute")
def _permute(sweep: Sweep, op: Op) -> Axis:
    axis = sweep.axis(sweep.first(op))
    return axes(op.attrs["dims"]).index(axis) if isinstance(axis, int) else axis


@_carry("expand", "repeat")
def _expanded(sweep: Sweep, op: Op) -> Axis:
    source = sweep.first(op)
    axis = sweep.axis(source)
    return axis + len(sweep.graph.result(op).shape) - len(source.shape) if isinstance(axis, int) else axis


@_carry("slice")
def _slice(sweep: Sweep, op: Op) -> Axis:
    return sweep.axis(sweep.first(op))


@_carry("select", "split")
def _select(sweep: Sweep, op: Op) -> Axis:
    """An index takes its axis away; so does unbind."""
    source = sweep.first(op)
    if len(source.shape) == len(sweep.graph.result(op).shape):
        return sweep.axis(source)
    return _without(sweep.axis(source), axes(op.attrs.get("dim")))


@_carry("reduce")
def _reduce(sweep: Sweep, op: Op) -> Axis:
    axis = sweep.axis(sweep.first(op))
    return axis if op.attrs.get("keepdim") else _without(axis, axes(op.attrs.get("dim")))


def _without(axis: Axis, gone: tuple[int, ...]) -> Axis:
    if not isinstance(axis, int):
        return axis
    return None if axis in gone else axis - sum(other < axis for other in gone)


@_carry("stack")
def _stack(sweep: Sweep, op: Op) -> Axis:
    axis = _kept(sweep, op)
    return axis + sum(dim <= axis for dim in axes(op.attrs.get("dim"))) if isinstance(axis, int) else axis


@_carry("matmul", "grouped_matmul")
def _matmul(sweep: Sweep, op: Op) -> Axis:
    """The last axis of the right operand, or the rows of the left one; a weight on the right acts as a linear layer."""
    left, right = (sweep.graph.values[operand.value] for operand in op.inputs[:2])
    rank = len(sweep.graph.result(op).shape)
    if right.id not in sweep.known or sweep.known[right.id] == len(right.shape) - 1:
        return rank - 1
    return rank - 2 if sweep.known.get(left.id) == len(left.shape) - 2 and rank > 1 else LOST


@_carry("index", "as_strided")
def _indexed(sweep: Sweep, op: Op) -> Axis:
    """Kept where the result has the same axes; a sliding window over one axis stands behind the others."""
    source, result = sweep.first(op), sweep.graph.result(op)
    same = len(source.shape) == len(result.shape) or op.attrs.get("dimension") is not None
    return sweep.axis(source) if same else LOST


@_carry("attention", "loss", "weight_norm", "random", "factory", "shape_only")
def _nothing(sweep: Sweep, op: Op) -> Axis:
    return LOST
