"""Rules of products: linear maps, matrix products, attention, recurrent layers."""

from __future__ import annotations

from collections.abc import Sequence

from netadvise.measure.layout import Layout, carried, plain
from netadvise.measure.receptive_moves import mixed
from netadvise.measure.receptive_reach import Reach
from netadvise.measure.receptive_reading import RULES, Outcome, Reading


@RULES("linear", "grouped_matmul")
def _linear(reading: Reading) -> Outcome:
    """The last dim is mixed; the others keep their positions, also where each row has a matrix of its own."""
    found = reading.reach("input")
    if found is None:
        return reading.unplaced(f"the weight of {reading.place} is computed from the input")
    return _features(found, reading)


def _features(found: Reach, reading: Reading) -> Reach:
    outer = mixed(found, (-1,), reading.place)
    return outer.laid(outer.layout.with_dim(-1, plain(reading.shape[-1])))


@RULES("bilinear")
def _bilinear(reading: Reading) -> Outcome:
    return reading.joined(*(_features(reach, reading).settled() for reach in reading.reached("input1", "input2")))


@RULES("rnn_cell")
def _rnn_cell(reading: Reading) -> Outcome:
    """One time step: the new state sees the input and the old state."""
    reaches = [mixed(reach, (-1,), reading.place) for reach in reading.reached("input", "hx")]
    return reading.joined(*(r.laid(r.layout.with_dim(-1, plain(reading.shape[-1]))).settled() for r in reaches))


@RULES("rnn")
def _rnn(reading: Reading) -> Outcome:
    """Every step may see every other; the final states have no time dim."""
    found = reading.reach("input")
    if found is None:
        return reading.unplaced(f"only the initial state of {reading.place} depends on the input")
    if "batch_sizes" in reading.op.attrs:
        return reading.unplaced(f"a packed sequence enters {reading.place}")
    time = 1 if found.layout.rank == 3 and reading.integer("batch_first") else 0
    features = _features(found, reading)
    output = mixed(features, (time,), reading.place, keep=True)
    ended = mixed(features, (time,), reading.place)
    states = [_state(ended, time, shape) for shape in reading.shapes()[1:]]
    return (output, *states)


def _state(ended: Reach, time: int, shape: tuple[int, ...]) -> Reach:
    batch = ended.layout.without((time, -1)).dims
    return ended.laid(Layout((plain(shape[0]), *batch, plain(shape[-1]))))


@RULES("attention")
def _attention(reading: Reading) -> Outcome:
    """Each query sees itself and every key and value of its group."""
    query = _heads(reading.reached("query"), reading)
    context = _heads(reading.reached("key", "value"), reading)
    masks = reading.reached("attn_mask")
    reaches = [_fitted(reach, reading, -1) for reach in query]
    if masks:
        context = [*context, *(mixed(mask, (-1,), reading.place) for mask in masks)]
    for reach in context:
        alike = bool(query) and reach.layout.dims[-2] == query[0].layout.dims[-2]
        met = mixed(reach, (-2,), reading.place, keep=alike)
        reaches.append(_fitted(met, reading, -1) if alike else _fitted(met, reading, -1, -2))
    return reading.joined(*(reach.settled() for reach in reaches))


def _heads(reaches: Sequence[Reach], reading: Reading) -> list[Reach]:
    """With grouped queries there are fewer key heads: as many as the output's, where they hold no positions."""
    shape = reading.shape
    result = []
    for reach in reaches:
        layout = reach.layout
        if (
            layout.rank == len(shape) > 3
            and layout.shape[-3] != shape[-3]
            and not any(f.placed for f in layout.dims[-3])
        ):
            layout = layout.with_dim(-3, plain(shape[-3]))
        result.append(reach.laid(layout))
    return result


def _fitted(reach: Reach, reading: Reading, *dims: int) -> Reach:
    """`dims` as the output has them, without positions."""
    layout = reach.layout
    for dim in dims:
        layout = layout.with_dim(dim, plain(reading.shape[dim]))
    return reach.laid(layout)


@RULES("matmul")
def _matmul(reading: Reading) -> Outcome:
    """Rows of the first meet columns of the second; where both hold an axis, the columns see all of it."""
    left, right = reading.reach("input"), reading.reach("other")
    reaches = []
    if left is not None:
        rows = mixed(left, (-1,), reading.place)
        single = len(reading.operand_shape("other")) == 1
        reaches.append(_dropped(rows, -1) if single else _fitted(rows, reading, -1))
    if right is not None:
        reaches.append(_columns(right, left, reading))
    return reading.joined(*(reach.settled() for reach in reaches), *reading.reached("bias"))


def _columns(right: Reach, left: Reach | None, reading: Reading) -> Reach:
    """What the second factor adds; mixed positions are laid where the rows of the first hold the same ones."""
    if right.layout.rank == 1:
        return _dropped(mixed(right, (-1,), reading.place), -1)
    if left is None or left.layout.rank < 2:
        columns = mixed(right, (-2,), reading.place)
        vector = len(reading.operand_shape("input")) == 1
        return _dropped(columns, -2) if vector else _fitted(columns, reading, -2)
    shared = left.layout.without((-1,)).axes()
    clash = any(f.axis in shared for f in right.layout.dims[-1] if f.placed)
    rows, sources = left.layout.dims[-2], right.layout.dims[-2:] if clash else right.layout.dims[-2:-1]
    if carried(rows) and rows in sources:
        columns = mixed(right, (-2, -1) if clash else (-2,), reading.place, keep=True)
        columns = columns.laid(columns.layout.with_dim(-2, rows))
    else:
        columns = _fitted(mixed(right, (-2, -1) if clash else (-2,), reading.place), reading, -2)
    return _fitted(columns, reading, -1) if clash else columns


def _dropped(reach: Reach, dim: int) -> Reach:
    return reach.laid(reach.layout.without((dim,)))
