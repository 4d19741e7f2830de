"""Rules of ops that move elements without arithmetic."""

from __future__ import annotations

from netadvise.measure.layout import Dim, Layout, carried, copies, laid_end_to_end, lost, merged, plain, size_of
from netadvise.measure.receptive_join import joined
from netadvise.measure.receptive_moves import constant_part, pieced, resampled, selected, sliced, translated
from netadvise.measure.receptive_reach import Reach
from netadvise.measure.receptive_reading import RULES, Outcome, Reading
from netadvise.measure.receptive_windows import shifted


@RULES("view")
def _view(reading: Reading) -> Outcome:
    found = reading.reached()[0]
    return found.laid(found.layout.viewed(reading.shape, reading.serial))


@RULES("permute")
def _permute(reading: Reading) -> Outcome:
    found = reading.reached()[0]
    dims = reading.integers("dims")
    return found.laid(found.layout.permuted(dims)) if len(dims) == found.layout.rank else found


@RULES("expand")
def _expand(reading: Reading) -> Outcome:
    return _broadcast(reading.reached()[0], reading.shape)


def _broadcast(found: Reach, shape: tuple[int, ...]) -> Reach:
    missing = len(shape) - found.layout.rank
    dims = (((),) * missing) + found.layout.dims
    return found.laid(Layout(tuple(d if size_of(d) == n else copies(n) for d, n in zip(dims, shape, strict=True))))


@RULES("repeat")
def _repeat(reading: Reading) -> Outcome:
    """Each dim laid end to end several times: an outer factor of copies."""
    found = reading.reached()[0]
    repeats = reading.integers("repeats") or reading.integers("dims")
    missing = len(reading.shape) - found.layout.rank
    repeats = (1,) * (len(reading.shape) - len(repeats)) + repeats
    dims = ((),) * missing + found.layout.dims
    return found.laid(Layout(tuple(merged((*copies(times), *dim)) for times, dim in zip(repeats, dims, strict=True))))


@RULES("copy")
def _copy(reading: Reading) -> Outcome:
    """The same elements; `copy_` takes those of its source."""
    if reading.op.operand("value") is None:
        return reading.reached()[0]
    source = reading.reach("value")
    return None if source is None else _broadcast(source, reading.shape)


@RULES("slice")
def _slice(reading: Reading) -> Outcome:
    found = reading.reached()[0]
    dim = reading.integer("dim")
    start, step = reading.integer("start"), reading.integer("step", 1)
    if constant_part(found, dim, start, reading.shape[dim]):
        return None
    return sliced(found, dim, start, step, reading.shape[dim], reading.serial, reading.place)


@RULES("select")
def _select(reading: Reading) -> Outcome:
    found, dim, index = reading.reached()[0], reading.integer("dim"), reading.integer("index")
    if constant_part(found, dim, index, 1):
        return None
    return selected(found, dim, index, reading.serial, reading.place)


@RULES("split")
def _split(reading: Reading) -> Outcome:
    found = reading.reached()[0]
    dim, start = reading.integer("dim"), 0
    pieces: list[Reach | None] = []
    for size in reading.integers("sizes"):
        if constant_part(found, dim, start, size):
            pieces.append(None)
        elif reading.integer("squeeze"):
            pieces.append(selected(found, dim, start, reading.serial, reading.place))
        else:
            pieces.append(sliced(found, dim, start, 1, size, reading.serial, reading.place))
        start += size
    return tuple(pieces)


@RULES("flip")
def _flip(reading: Reading) -> Outcome:
    found = reading.reached()[0]
    for dim in reading.integers("dims"):
        size = found.shape[dim]
        found = resampled(found, dim, shifted(size - 1, step=-1), size, reading.serial, reading.place)
    return found


@RULES("roll")
def _roll(reading: Reading) -> Outcome:
    """A cyclic shift: away from the seam, units only move."""
    found = reading.reached()[0]
    if not reading.integers("dims"):
        return found.scattered(
            reading.shape, range(len(reading.shape)), reading.serial, f"rolled flat at {reading.place}"
        )
    for shift, dim in zip(reading.integers("shifts"), reading.integers("dims"), strict=True):
        found = resampled(found, dim, shifted(-shift), found.shape[dim], reading.serial, reading.place, "circular")
    return found


@RULES("stack")
def _stack(reading: Reading) -> Outcome:
    dim = reading.integer("dim")
    shape = (*reading.shape[:dim], *reading.shape[dim + 1 :])
    found = joined(reading.reached(), shape, reading.serial, reading.place)
    dims = found.layout.dims
    return found.laid(Layout((*dims[:dim], plain(reading.shape[dim]), *dims[dim:])))


@RULES("cat")
def _cat(reading: Reading) -> Outcome:
    """Along channels a join; along the axis itself, pieces laid end to end; among interleaved positions, lost."""
    dim, reaches = reading.integer("dim"), reading.reached()
    held = frozenset().union(*(carried(reach.layout.dims[dim]) for reach in reaches))
    if not held:
        total = reading.shape[dim]
        ready = [reach.laid(reach.layout.with_dim(dim, plain(total))) for reach in reaches]
        return joined(ready, reading.shape, reading.serial, reading.place)
    parts, pieces, start = [], [], 0
    for operand in reading.op.inputs:
        shape, own = reading.graph.values[operand.value].shape, reading.reaches.get(operand.value)
        count = shape[dim] if len(shape) > dim else 0
        if own is not None:
            parts.append((start, count, own.unravelled(dim)))
        pieces.append((count, plain(count) if own is None else own.layout.dims[dim]))
        start += count
    single = len(parts) == 1 or all(axis.saturated for _, _, reach in parts for axis in reach.axes)
    return _end_to_end(
        parts, dim, laid_end_to_end(tuple(pieces)) if single else lost(start, held, reading.serial), reading
    )


def _end_to_end(parts: list[tuple[int, int, Reach]], dim: int, mixture: Dim, reading: Reading) -> Reach:
    total = reading.shape[dim]
    if all(carried(reach.layout.dims[dim]) for _, _, reach in parts):
        found = pieced(parts, dim, total, reading.place)
        if found is not None:
            return found
    ready = [reach.laid(reach.layout.with_dim(dim, mixture)) for _, _, reach in parts]
    return joined(ready, reading.shape, reading.serial, reading.place)


@RULES("index")
def _index(reading: Reading) -> Outcome:
    """Indexing a dim without positions changes nothing; elsewhere positions are lost."""
    found = reading.reach("input") or reading.reached()[0]
    if reading.op.function in ("tril", "triu"):
        return found
    reason = f"positions are picked by index at {reading.place}"
    dims = reading.integers("dims") or reading.integers("dim")
    if dims and found.layout.rank == len(reading.shape):
        chosen = {dim % found.layout.rank for dim in dims}
        if all(i in chosen or n == reading.shape[i] for i, n in enumerate(found.shape)):
            return _picked(found, chosen, reading, reason)
    return found.scattered(reading.shape, range(len(reading.shape)), reading.serial, reason)


def _picked(found: Reach, chosen: set[int], reading: Reading, reason: str) -> Reach:
    for dim in chosen:
        axes, size = carried(found.layout.dims[dim]), reading.shape[dim]
        layout = found.layout.with_dim(dim, lost(size, axes, reading.serial))
        found = found.on(axes, lambda axis: axis.unknown(reason)).laid(layout)
    return found


@RULES("embedding")
def _embedding(reading: Reading) -> Outcome:
    """One vector per id; a bag sums the ids of its row."""
    found = reading.reached()[0]
    if len(reading.shape) == found.layout.rank + 1:
        return found.laid(Layout((*found.layout.dims, plain(reading.shape[-1]))))
    return reading.unplaced(f"no receptive-field rule for {reading.op.function} in {reading.place}")


@RULES("setitem")
def _setitem(reading: Reading) -> Outcome:
    """Old content and what is written over part of it; constants on either side count for nothing."""
    old, new = reading.reach("input"), reading.reach("value")
    if new is None:
        return old
    if "dim" not in reading.op.attrs:
        if old is not None and _saturated(old, new):
            return old
        return reading.unplaced(f"part of a tensor is written by index at {reading.place}")
    dim, start, end = reading.integer("dim"), reading.integer("start"), reading.integer("end")
    if end - start == reading.shape[dim]:
        return _broadcast(new, reading.shape)
    if reading.integer("step", 1) != 1 or new.layout.rank > len(reading.shape):
        return reading.unplaced(f"every second element is written at {reading.place}")
    shape = tuple(end - start if i == dim else n for i, n in enumerate(reading.shape))
    if new.layout.rank < len(shape) and end - start == 1:
        new = new.laid(Layout((*new.layout.dims[:dim], (), *new.layout.dims[dim:])))
    return _written(old, _broadcast(new, shape), dim, start, reading)


def _saturated(*reaches: Reach) -> bool:
    """Whether every element of all of them sees everything."""
    return all(axis.saturated for reach in reaches for axis in reach.axes)


def _written(old: Reach | None, new: Reach, dim: int, start: int, reading: Reading) -> Reach:
    total = reading.shape[dim]
    along = bool(carried(new.layout.dims[dim]))
    if along and old is not None and carried(old.layout.dims[dim]):
        found = pieced([(0, total, old), (start, new.shape[dim], new)], dim, total, reading.place)
        return found or reading.unplaced(f"part of a dim with interleaved positions is written at {reading.place}")
    moved = translated(new, dim, start, total, reading.serial, reading.place) if along else new
    if not along:
        moved = new.laid(new.layout.with_dim(dim, plain(total)))
    return reading.joined(*([old] if old is not None else []), moved.settled())


@RULES("write_through")
def _write_through(reading: Reading) -> Outcome:
    """A tensor of which a view was written: as far as both hold the same positions, the union of both."""
    old, view = reading.reach("input"), reading.reach("view")
    if view is None:
        return old
    if view.shape == reading.shape:
        return view
    if old is None:
        return reading.unplaced(f"part of a tensor is written through a view at {reading.place}")
    same = all(
        sorted(f for _, f in old.layout.placement(axis)) == sorted(f for _, f in view.layout.placement(axis))
        for axis in range(len(old.axes))
    )
    if not same:
        if _saturated(old, view):
            return old
        return reading.unplaced(f"part of a tensor is written through a view at {reading.place}")
    return joined([old, view.laid(old.layout)], reading.shape, reading.serial, reading.place)
