"""Moving and mixing positions: what slices, windows and reductions over the dims of a tensor do to a Reach."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from netadvise.measure.layout import Factor, Layout, carried, lost, plain, size_of, stretch
from netadvise.measure.receptive_exact import Border, Pieces, inside
from netadvise.measure.receptive_reach import Axis, Reach, Track
from netadvise.measure.receptive_windows import grouped, shifted
from netadvise.measure.window import Span, Window, canonical
from netadvise.quantity import Unknown


def sliced(reach: Reach, dim: int, start: int, step: int, count: int, serial: int, place: str) -> Reach:
    """`count` elements of `dim` from `start`, every `step`-th; a negative step runs backwards."""
    if count == size_of(reach.layout.dims[dim]) and start == 0 and step == 1:
        return reach
    reach = reach.unravelled(dim)
    factors = reach.layout.dims[dim]
    if not carried(factors):
        kept = tuple(factor._replace(size=count) for factor in factors[:1]) if len(factors) == 1 else plain(count)
        return reach.laid(reach.layout.with_dim(dim, kept if count > 1 else ()))
    piece = stretch(factors, start, count) if step == 1 else None
    if piece is not None:
        return reach.laid(reach.layout.with_dim(dim, piece))
    if len(factors) > 1 or not factors[0].placed:
        layout = reach.layout.with_dim(dim, lost(count, carried(factors), serial))
        reason = f"part of a dim in which positions are interleaved is taken at {place}"
        return reach.on(carried(factors), lambda axis: axis.unknown(reason)).laid(layout)
    if step < 0:
        return _reversed(reach, dim, start, -step, count, serial, place)
    factor = factors[0]
    layout = reach.layout.with_dim(dim, (Factor(factor.axis, factor.stride * step, count),))
    extent = layout.extent(factor.axis)
    return reach.on((factor.axis,), lambda axis: axis.through(shifted(factor.stride * start), extent)).laid(layout)


def _reversed(reach: Reach, dim: int, start: int, step: int, count: int, serial: int, place: str) -> Reach:
    picked = sliced(reach, dim, start - step * (count - 1), step, count, serial, place).settled()
    return resampled(picked, dim, shifted(count - 1, step=-1), count, serial, place)


def constant_part(reach: Reach, dim: int, start: int, count: int) -> bool:
    """Whether that part of `dim` is a constant laid beside the positions, which nothing has reached yet."""
    piece = stretch(reach.layout.dims[dim], start, count)
    return piece is not None and not carried(piece) and not any(axis.saturated for axis in reach.axes)


def selected(reach: Reach, dim: int, index: int, serial: int, place: str) -> Reach:
    """One element of `dim`, which leaves the layout."""
    dim %= reach.layout.rank
    return _dropped(sliced(reach, dim, index, 1, 1, serial, place), (dim,))


def _dropped(reach: Reach, dims: Iterable[int]) -> Reach:
    return reach.laid(reach.layout.without(dims))


def resampled(
    reach: Reach,
    dim: int,
    window: Window,
    count: int,
    serial: int,
    place: str,
    border: Border = "drop",
    inner: Window | None = None,
) -> Reach:
    """`dim` read through `window` into `count` outputs: convolution, pooling, interpolation, padding, rolling."""
    factors = reach.layout.dims[dim]
    if not carried(factors):
        same = factors if count == size_of(factors) else plain(count)
        return reach.laid(reach.layout.with_dim(dim, same))
    if window == shifted(0) and count == size_of(factors):
        return reach
    straight = reach.unravelled(dim)
    factors = straight.layout.dims[dim]
    if len(factors) == 1 and factors[0].placed:
        found = _resampled_axis(straight, dim, factors[0], window, count, border, inner)
        if found is not None:
            return found
    layout = reach.layout.with_dim(dim, lost(count, carried(factors), serial))
    reason = f"a window slides over a dim in which positions are interleaved at {place}"
    return reach.on(carried(factors), lambda axis: axis.unknown(reason)).laid(layout)


def _resampled_axis(
    reach: Reach, dim: int, factor: Factor, window: Window, count: int, border: Border, inner: Window | None
) -> Reach | None:
    axis, size = factor.axis, factor.size
    others = [f for _, f in reach.layout.placement(axis) if f is not factor and f.size > 1]
    if not others:
        layout = reach.layout.with_dim(dim, (Factor(axis, 1, count),))
        return reach.on((axis,), lambda a: a.through(window, count, border, inner)).laid(layout)
    if factor.stride == 1 and all(other.stride % size == 0 for other in others):
        return _within_blocks(reach, dim, factor, window, count, border)
    if window.period == window.shift == 1 and count == size and border == "drop":
        spans = tuple(_scaled(span, factor.stride) for span in window.spans)
        extent = reach.layout.extent(axis)
        return reach.on((axis,), lambda a: a.through(Window(1, spans), extent))
    return None


def _within_blocks(reach: Reach, dim: int, factor: Factor, window: Window, count: int, border: Border) -> Reach:
    """Each block of positions is a map of its own, with its own borders."""
    axis, size = factor.axis, factor.size
    spans = tuple(_clipped(window.at(output), size, border) for output in range(count))
    dims = tuple(
        tuple(f._replace(stride=f.stride // size * count) if f.axis == axis else f for f in factors)
        for factors in reach.layout.dims
    )
    layout = Layout(dims).with_dim(dim, (Factor(axis, 1, count),))
    block, extent = canonical(size, spans), layout.extent(axis)
    return reach.on((axis,), lambda a: a.through(block, extent)).laid(layout)


def _clipped(span: Span | None, size: int, border: Border) -> Span | None:
    taps = inside(span, size, border) if span else ()
    return Span(taps[0], taps[-1], span.step if span and border == "drop" else 1) if taps else None


def _scaled(span: Span | None, by: int) -> Span | None:
    return span and Span(span.first * by, span.last * by, span.step * by)


def mixed(reach: Reach, dims: Iterable[int], culprit: str, *, keep: bool = False, strict_only: bool = False) -> Reach:
    """Every element of `dims` feeds each output; unless `keep`, the dims shrink to size 1."""
    chosen = {index % reach.layout.rank for index in dims}
    held = frozenset().union(*(carried(reach.layout.dims[index]) for index in chosen))
    result = reach
    for axis in sorted(held):
        result = _mixed_axis(result, axis, chosen, culprit, keep, strict_only)
    if keep or strict_only:
        return result
    return result.laid(Layout(tuple(() if i in chosen else dim for i, dim in enumerate(result.layout.dims))))


def _mixed_axis(reach: Reach, axis: int, chosen: set[int], culprit: str, keep: bool, strict_only: bool) -> Reach:
    placement = [(index % reach.layout.rank, factor) for index, factor in reach.layout.placement(axis)]
    inner = sorted((f for index, f in placement if index in chosen and f.size > 1), key=lambda f: f.stride)
    outer = [f for index, f in placement if index not in chosen and f.size > 1]
    alone = max((f.reach for f in outer), default=0) <= max((f.reach for f in inner), default=1)
    if not outer or (alone and inner and all(f.placed for f in (*inner, *outer))):
        return reach.on((axis,), lambda a: a.widened(culprit, strict_only=strict_only, keep=keep))
    if not all(f.placed for f in (*inner, *outer)):
        return reach.on((axis,), lambda a: a.unknown(f"positions partly mixed at {culprit}"))
    return _mixed_blocks(reach, axis, inner, strict_only)


def _mixed_blocks(reach: Reach, axis: int, factors: Sequence[Factor], strict_only: bool) -> Reach:
    extent = reach.layout.extent(axis)

    def change(found: Axis) -> Axis:
        for factor in factors:
            group = grouped(factor.stride, factor.size)
            if strict_only:
                found = replace(found, strict=found.strict.through(group, extent))
            else:
                found = replace(found.through(group, extent), grid=found.grid)
        return found

    return reach.on((axis,), change)


def pieced(parts: Sequence[tuple[int, int, Reach]], dim: int, total: int, place: str) -> Reach | None:
    """Parts (start, count, reach) laid end to end along the one axis of `dim`; None when that cannot be followed."""
    factors = parts[0][2].layout.dims[dim]
    if len(factors) != 1 or not factors[0].placed:
        return None
    axis = factors[0].axis
    for _, _, reach in parts:
        own = [f for _, f in reach.layout.placement(axis)]
        if len(reach.layout.dims[dim]) != 1 or len(own) != 1 or own[0] not in reach.layout.dims[dim]:
            return None
    first = parts[0][2]
    layout = first.layout.with_dim(dim, (Factor(axis, 1, total),))
    return first.on((axis,), lambda _: _pieced_axis([(s, n, r.axes[axis]) for s, n, r in parts], total, place)).laid(
        layout
    )


def _pieced_axis(parts: Sequence[tuple[int, int, Axis]], total: int, place: str) -> Axis:
    first = parts[0][2]
    path = _pieced_track([(s, n, a.path) for s, n, a in parts], total, place)
    strict = _pieced_track([(s, n, a.strict) for s, n, a in parts], total, place)
    narrowest = _pieced_rule([(s, a.narrowest) for s, _, a in parts], place, smallest=True)
    grid = _pieced_rule([(s, a.grid) for s, _, a in parts], place)
    culprit = next((a.culprit for _, _, a in parts if a.culprit), "")
    return Axis(first.length, path, strict, narrowest, grid, culprit)


def _pieced_track(parts: Sequence[tuple[int, int, Track]], total: int, place: str) -> Track:
    if any(track.exact is None for _, _, track in parts):
        return next(track for _, _, track in parts if track.exact is None)
    nodes = [(start, count, track.exact) for start, count, track in parts if track.exact is not None]
    rule = _pieced_rule([(start, track.window) for start, _, track in parts], place)
    return Track(rule, Pieces(total, nodes))


def _pieced_rule(parts: Sequence[tuple[int, Window | Unknown]], place: str, smallest: bool = False) -> Window | Unknown:
    """The piece whose field contains (or, for `smallest`, is contained in) all others', if there is one."""
    moved: list[Window] = []
    for start, rule in parts:
        if isinstance(rule, Unknown):
            return rule
        moved.append(rule if rule.shift == 0 else rule.moved(-start))
    ordered = sorted(moved, key=lambda window: window.size, reverse=not smallest)
    if smallest or all(window.union(ordered[0]) == ordered[0] or window == ordered[0] for window in ordered):
        return ordered[0]
    return Unknown(f"pieces with different fields are joined end to end at {place}")


def translated(reach: Reach, dim: int, by: int, count: int, serial: int, place: str) -> Reach:
    """Elements of `dim` put at index `by` of a dim of `count`: padding with constants."""
    return resampled(reach, dim, shifted(-by), count, serial, place)
