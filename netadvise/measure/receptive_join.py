"""Where values meet: broadcasting, gates, and the union of fields at a join."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod

from netadvise.measure.layout import COPIES, Dim, Factor, Layout, carried, copies, lost, plain, size_of
from netadvise.measure.receptive_reach import Axis, Reach, Rule, Track, smallest, united
from netadvise.measure.receptive_windows import spread
from netadvise.quantity import Unknown


def joined(reaches: Sequence[Reach], shape: tuple[int, ...], serial: int, place: str, *, gates: bool = False) -> Reach:
    """The union over operands that broadcast to `shape`.

    With `gates` (a product), an operand that holds one value for the whole of an axis, read from all of it, and
    meets another that has positions there, is a gate: it counts on the strict track only.
    """
    if len(reaches) == 1 and reaches[0].shape == shape:
        return reaches[0]
    layout, count = reaches[0].layout, range(len(reaches[0].axes))
    if layout.shape == shape and all(reach.layout == layout for reach in reaches):
        return Reach(
            layout, tuple(_alike([reach.axes[axis] for reach in reaches], layout, axis, place) for axis in count)
        )
    aligned = _refined([_aligned(reach, len(shape)) for reach in reaches])
    dims = tuple(_dim([r.layout.dims[i] for r in aligned], shape[i], serial) for i in range(len(shape)))
    layout = Layout(dims)
    axes = tuple(_axis([(r.layout, r.axes[axis]) for r in aligned], layout, axis, place, gates) for axis in count)
    return Reach(layout, axes)


def _aligned(reach: Reach, rank: int) -> Reach:
    missing = rank - reach.layout.rank
    return reach.laid(Layout(((),) * missing + reach.layout.dims)) if missing > 0 else reach


def _refined(reaches: list[Reach]) -> list[Reach]:
    """All operands counted in the positions of the finest: one value per block is spread over the block."""
    for axis in range(len(reaches[0].axes)):
        finest = max((r.layout.placement(axis) for r in reaches), key=lambda found: prod(f.size for _, f in found))
        reaches = [_spread_over_blocks(reach, axis, finest) for reach in reaches]
    for dim in range(reaches[0].layout.rank):
        if len({reach.layout.dims[dim] for reach in reaches if carried(reach.layout.dims[dim])}) > 1:
            reaches = [reach.unravelled(dim) for reach in reaches]
    return reaches


def _spread_over_blocks(reach: Reach, axis: int, finest: Placement) -> Reach:
    own = reach.layout.placement(axis)
    matches = [next((g for j, g in finest if (j, g.size) == (i, f.size) and g.placed), None) for i, f in own]
    found = [(f, g) for (_, f), g in zip(own, matches, strict=True) if g is not None and f.placed]
    if not found or len(found) < len(own) or len(own) == len(finest):
        return reach
    block = found[0][1].stride // found[0][0].stride
    inner = [g for _, g in finest if g not in matches]
    scaled = all(g.stride == f.stride * block for f, g in found)
    if block < 2 or not scaled or any(not g.placed or g.reach > block for g in inner):
        return reach
    layout = reach.layout.multiplied(axis, block)
    return reach.on((axis,), lambda a: a.through(spread(block), layout.extent(axis) + block - 1)).laid(layout)


def _dim(candidates: Sequence[Dim], size: int, serial: int) -> Dim:
    fitting = [dim for dim in candidates if size_of(dim) == size]
    holding = [dim for dim in fitting if carried(dim)]
    if holding:
        same = all(dim == holding[0] for dim in holding)
        return holding[0] if same else lost(size, frozenset().union(*map(carried, holding)), serial)
    alike = fitting and all(factor.axis == COPIES for dim in fitting for factor in dim)
    return copies(size) if alike or not fitting else plain(size)


Placement = tuple[tuple[int, Factor], ...]


def _axis(operands: Sequence[tuple[Layout, Axis]], layout: Layout, axis: int, place: str, gates: bool) -> Axis:
    places = [() if found.saturated else _spread(own.placement(axis)) for own, found in operands]
    placed = [found for (_, found), where in zip(operands, places, strict=True) if where]
    if not placed:
        return _units([found for _, found in operands], place)
    target = _spread(layout.placement(axis))
    if any(where and not _lines_up(where, target) for where in places):
        return placed[0].unknown(f"positions of the operands do not line up at {place}")
    path, strict = list(placed), list(placed)
    for (own, found), where in zip(operands, places, strict=True):
        if not where:
            single = found.fixed()
            gate = gates and _is_gate(own, single, target, placed[0])
            met = _spanning(single, placed[0])
            strict.append(met)
            path.extend(() if gate else (met,))
    return _meet(path, strict, place, [found for own, found in operands if _spread(own.placement(axis))])


def _lines_up(where: Placement, target: Placement) -> bool:
    """Whether both hold the same positions, or `where` one value for each block of the others'."""
    missing = [factor for index, factor in target if (index, factor) not in where]
    finest = min(factor.stride for _, factor in where)
    return set(where) <= set(target) and all(factor.placed and factor.reach <= finest for factor in missing)


def _alike(found: Sequence[Axis], layout: Layout, axis: int, place: str) -> Axis:
    """A meeting of operands whose positions are laid out alike."""
    return _meet(found, found, place, found) if _spread(layout.placement(axis)) else _units(found, place)


def _units(found: Sequence[Axis], place: str) -> Axis:
    """A meeting of single units: none of them has a second position."""
    still = [axis.path.window for axis in found if isinstance(axis.path.window, Unknown) or axis.path.window.shift == 0]
    alike = [axis.fixed() for axis in found] if 0 < len(still) < len(found) else found
    return _meet(alike, alike, place)


def _spread(placement: Placement) -> Placement:
    return tuple((index, factor) for index, factor in placement if factor.size > 1)


def _meet(path: Sequence[Axis], strict: Sequence[Axis], place: str, placed: Sequence[Axis] = ()) -> Axis:
    first = path[0]
    culprit = next((axis.culprit for axis in strict if axis.culprit), "")
    if all(axis is first for axis in strict):
        return first
    tracks, full = [axis.path for axis in path], [axis.strict for axis in strict]
    on_path = united(tracks, first.length, place)
    same = [id(track) for track in tracks] == [id(track) for track in full]
    return replace(
        first,
        path=on_path,
        strict=on_path if same else united(full, first.length, place),
        narrowest=smallest([axis.narrowest for axis in placed or path]),
        grid=_common_grid([axis.grid for axis in placed or path], place),
        culprit=culprit,
    )


def _common_grid(grids: Sequence[Rule], place: str) -> Rule:
    first = grids[0]
    for grid in grids:
        if isinstance(grid, Unknown):
            return grid
        if isinstance(first, Unknown) or not grid.keeps_pace_with(first):
            return Unknown(f"branches of different jump meet at {place}")
    return first


def _is_gate(layout: Layout, axis: Axis, target: Placement, other: Axis) -> bool:
    """Whether it broadcasts over the dims that hold the axis, and was read from all of the axis."""
    broadcast = all(all(f.axis == COPIES or f.size == 1 for f in layout.dims[index]) for index, _ in target)
    return broadcast and _reads_all(axis.path, other)


def _reads_all(track: Track, other: Axis) -> bool:
    """Whether a fixed field leaves out no more than what the other's stride never reads."""
    if track.covers(other.length):
        return True
    seen = track.exact.recall(0) if track.exact is not None else None
    slack = 1 if isinstance(other.grid, Unknown) else abs(other.grid.jump)
    return seen is not None and seen[0] < slack and other.length - 1 - seen[1] < slack


def _spanning(axis: Axis, other: Axis) -> Axis:
    """A fixed field that is met by every position: the whole axis where it reads all of it."""

    def change(track: Track) -> Track:
        return track.widened(other.length) if _reads_all(track, other) else track

    return axis.on_tracks(change)
