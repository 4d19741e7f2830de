"""Which input the fields are measured on, and which of its dims are spatial axes.

The first op with weights that reads the input decides: a convolution slides over its axes; what a linear map, an
attention or a recurrent layer takes as features is none, what it keeps beside the batch is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from netadvise.graph import Graph, Op, Value
from netadvise.measure.layout import Dim, Factor, Layout, carried, plain
from netadvise.measure.receptive_exact import Source
from netadvise.measure.receptive_reach import Axis, Reach
from netadvise.table import Table

Advance = Callable[[Graph, Op, dict[int, Reach]], dict[int, Reach]]
Chosen = Callable[[Op, Reach], Iterator[int]]

SPATIAL: Table[Chosen] = Table("spatial axes of the input, by the first op with weights")

_FLOATS = ("float16", "bfloat16", "float32", "float64", "complex64", "complex128")


def primary_input(graph: Graph, advance: Advance) -> tuple[int, Reach] | None:
    """The value id and the reach of the input that carries positions; None when the network has no tensor input."""
    candidates = sorted((graph.values[value] for value in graph.inputs), key=_preference)
    plain_choice = None
    for value in candidates:
        dims = _spatial_dims(graph, value, advance)
        if dims:
            return value.id, source(value, dims)
        plain_choice = plain_choice or (value.id, source(value, ()))
    return plain_choice


def _preference(value: Value) -> tuple[bool, bool]:
    """Images and signals before tables and ids."""
    return (value.dtype not in _FLOATS, len(value.shape) < 3)


def source(value: Value, dims: tuple[int, ...]) -> Reach:
    """An input as it is: every position of `dims` sees itself."""
    order = {dim: axis for axis, dim in enumerate(dims)}
    layout: list[Dim] = [
        (Factor(order[dim], 1, size),) if dim in order else plain(size) for dim, size in enumerate(value.shape)
    ]
    sources = {size: Source(size) for size in value.shape}
    return Reach(Layout(tuple(layout)), tuple(Axis.source(sources[value.shape[dim]]) for dim in dims))


def _spatial_dims(graph: Graph, value: Value, advance: Advance) -> tuple[int, ...]:
    """Follows every dim of `value` as if it were spatial, up to the first op with weights."""
    rank = len(value.shape)
    known = {value.id: source(value, tuple(range(rank)))}
    for op in graph.ops:
        choose = SPATIAL.get(op.kind)
        main = op.inputs[0].value if op.inputs else None
        if choose is not None and main in known and not _among(op, known):
            found = sorted(set(choose(op, known[main])))
            return _accepted(value, op.kind, tuple(found))
        known.update(advance(graph, op, known))
    return _by_rank(rank) if value.dtype in _FLOATS else ()


def _among(op: Op, known: dict[int, Reach]) -> bool:
    """Whether a product multiplies two things that both come from the input: then it has no weights."""
    return op.kind == "matmul" and all(operand.value in known for operand in op.inputs)


def _accepted(value: Value, kind: str, found: tuple[int, ...]) -> tuple[int, ...]:
    rank, floating = len(value.shape), value.dtype in _FLOATS
    if rank < 3:
        return found if (floating and kind == "conv") or (not floating and kind == "embedding") else ()
    return found or (_by_rank(rank) if floating else ())


def _by_rank(rank: int) -> tuple[int, ...]:
    return tuple(range(2, rank)) if 3 <= rank <= 5 else ()


def _axes(dims: tuple[Dim, ...], *, batch: bool = True) -> Iterator[int]:
    for dim in dims:
        yield from (axis for axis in carried(dim) if axis or batch)


@SPATIAL("conv", "conv_transpose")
def _slid_over(op: Op, reach: Reach) -> Iterator[int]:
    kernel = op.attrs.get("kernel_size")
    rank = len(kernel) if isinstance(kernel, tuple) else 1
    found = set(_axes(tuple(dim[:1] for dim in reach.layout.dims[-rank:])))
    return iter(found if len(found) <= rank else found - {0, 1})


@SPATIAL("linear", "matmul")
def _kept(op: Op, reach: Reach) -> Iterator[int]:
    features = carried(reach.layout.dims[-1]) if reach.layout.rank else frozenset()
    whole = {axis for axis in features if len(reach.layout.placement(axis)) == 1}
    return (axis for axis in _axes(reach.layout.dims[:-1], batch=False) if axis not in whole)


@SPATIAL("rnn")
def _time(op: Op, reach: Reach) -> Iterator[int]:
    time = 1 if op.attrs.get("batch_first") and reach.layout.rank == 3 else 0
    return _axes(reach.layout.dims[time : time + 1])


@SPATIAL("attention")
def _queries(op: Op, reach: Reach) -> Iterator[int]:
    return _axes(reach.layout.dims[-2:-1], batch=False)


@SPATIAL("embedding")
def _ids(op: Op, reach: Reach) -> Iterator[int]:
    return _axes(reach.layout.dims, batch=reach.layout.rank == 1)
