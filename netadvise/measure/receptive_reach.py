"""What the elements of one value see: a layout, and per axis of the network's input the tracks of its field.

    reach ::= layout axis*            axis ::= path narrowest strict grid culprit
    track ::= window exact            the field without borders, and the finite map with them

`path` leaves out gates and normalisation statistics, `strict` leaves out nothing, `narrowest` takes the smallest branch
at joins, `grid` is where the units themselves lie: a global op widens the field but moves no unit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import reduce
from math import prod

from netadvise.measure.layout import Dim, Factor, Layout, carried, lost, size_of
from netadvise.measure.receptive_exact import Border, Fixed, Node, Source, interval, meeting, through, whole
from netadvise.measure.window import IDENTITY, Span, Window, canonical, constant
from netadvise.quantity import Unknown

Rule = Window | Unknown

FEW_PHASES = range(2, 17)
"""So many channels folded into a dim behind the first two are taken for shuffled pixels at once, else when needed."""


@dataclass(frozen=True, slots=True)
class Track:
    """One field: `window` without borders, `exact` with them; None where positions cannot be followed."""

    window: Rule
    exact: Node | None

    def through(self, window: Window, extent: int, border: Border = "drop", inner: Window | None = None) -> Track:
        """The field after an op; `inner` is its window away from the borders where that differs."""
        exact = None if self.exact is None else through(window, self.exact, extent, border)
        return Track(follow(inner or window, self.window), exact)

    def widened(self, length: int) -> Track:
        """The whole axis, unless positions could not be followed up to here."""
        if self.exact is None:
            return self
        known = None if isinstance(self.window, Unknown) else self.window
        seen = whole(self.exact, known)
        if seen == "too many":
            return Track(Unknown("the whole of a map too long and irregular to ask position by position"), None)
        return Track(constant(0, length - 1), Fixed(seen))

    def covers(self, length: int) -> bool:
        return self.window == constant(0, length - 1)


@dataclass(frozen=True, slots=True)
class Axis:
    """The fields of one value along one axis of the network's input, `length` positions long."""

    length: int
    path: Track
    strict: Track
    narrowest: Rule
    grid: Rule
    culprit: str = ""

    @staticmethod
    def source(source: Source) -> Axis:
        length, track = source.extent, Track(IDENTITY, source)
        return Axis(length, track, track, IDENTITY, IDENTITY)

    @property
    def saturated(self) -> bool:
        """Whether every unit sees the whole axis, wherever it lies."""
        return self.path.covers(self.length) and self.strict.covers(self.length)

    def on_tracks(self, change: Callable[[Track], Track]) -> Axis:
        path = change(self.path)
        strict = path if self.strict is self.path else change(self.strict)
        return replace(self, path=path, strict=strict)

    def through(self, window: Window, extent: int, border: Border = "drop", inner: Window | None = None) -> Axis:
        moved = self.on_tracks(lambda track: track.through(window, extent, border, inner))
        rule = inner or window
        return replace(moved, narrowest=follow(rule, self.narrowest), grid=follow(rule, self.grid))

    def widened(self, culprit: str, *, strict_only: bool = False, keep: bool = False) -> Axis:
        """The whole axis on every track, or on the strict one; unless `keep`, its units merge into one."""
        strict = self.strict.widened(self.length)
        blamed = self.culprit or (culprit if strict.covers(self.length) else "")
        if strict_only:
            return replace(self, strict=strict, culprit=blamed)
        path = strict if self.strict is self.path else self.path.widened(self.length)
        grid = self.grid if keep else Window(self.length, constant(0, self.length - 1).spans)
        return replace(self, path=path, strict=strict, narrowest=path.window, grid=grid, culprit=blamed)

    def unknown(self, reason: str, *, whole_too: bool = False) -> Axis:
        """No field from here on; a field known to be the whole axis stays so unless `whole_too`."""

        def dropped(track: Track) -> Track:
            kept = isinstance(track.window, Unknown) and track.exact is None
            spared = track.covers(self.length) and not whole_too
            return track if kept or spared else Track(Unknown(reason), None)

        changed = self.on_tracks(dropped)
        window = changed.path.window
        return replace(changed, narrowest=window, grid=window if isinstance(window, Unknown) else self.grid)

    def fixed(self) -> Axis:
        """The field of the one unit left when the axis is gone."""
        rule = _at_zero(self.narrowest)
        return replace(self.on_tracks(_fixed), narrowest=rule)


@dataclass(frozen=True, slots=True)
class Reach:
    """What the elements of one value see of the network's primary input."""

    layout: Layout
    axes: tuple[Axis, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        return self.layout.shape

    def laid(self, layout: Layout) -> Reach:
        return Reach(layout, self.axes)

    def on(self, axes: Iterable[int], change: Callable[[Axis], Axis]) -> Reach:
        chosen = frozenset(axes)
        return replace(self, axes=tuple(change(a) if i in chosen else a for i, a in enumerate(self.axes)))

    def settled(self) -> Reach:
        """The same with positions counted in ones, and axes that have left the layout fixed."""
        reach = self
        for axis in range(len(self.axes)):
            if not reach.layout.placement(axis):
                reach = reach.on((axis,), Axis.fixed)
            elif (step := reach.layout.step(axis)) > 1:
                reach = reach._counted_in(step, axis)
        for dim in range(2, reach.layout.rank):
            if prod(factor.size for factor in reach.layout.dims[dim][1:]) in FEW_PHASES:
                reach = reach.unravelled(dim)
        return reach

    def unravelled(self, dim: int) -> Reach:
        """The same with one factor on `dim`, if all of an axis lies there among channels: pixels shuffled by views."""
        factors = self.layout.dims[dim]
        axes = carried(factors)
        if len(factors) < 2 or len(axes) != 1 or not factors[0].placed or any(factor.axes for factor in factors):
            return self
        (axis,) = axes
        if len(self.layout.placement(axis)) != sum(factor.placed for factor in factors):
            return self
        places = [_digits(phase, factors[1:]) for phase in range(prod(factor.size for factor in factors[1:]))]
        window = canonical(factors[0].stride, tuple(Span(place, place) for place in places))
        layout = self.layout.with_dim(dim, (Factor(axis, 1, size_of(factors)),))
        return self.on((axis,), lambda found: found.through(window, layout.extent(axis))).laid(layout)

    def _counted_in(self, step: int, axis: int) -> Reach:
        layout = self.layout.divided(axis, step)
        extent, window = layout.extent(axis), Window(step, IDENTITY.spans)
        return self.on((axis,), lambda found: found.through(window, extent)).laid(layout)

    def scattered(self, shape: tuple[int, ...], dims: Iterable[int], serial: int, reason: str) -> Reach:
        """A value whose `dims` hold all positions in unknown order: what is not the whole axis is Unknown."""
        held = self.layout.axes()
        chosen = {index % len(shape) for index in dims} if shape else set()
        layout = Layout(tuple(lost(size, held if i in chosen else frozenset(), serial) for i, size in enumerate(shape)))
        return self.on(range(len(self.axes)), lambda axis: axis.unknown(reason)).laid(layout)

    def unknown(self, shape: tuple[int, ...], reason: str) -> Reach:
        """A value about which nothing can be said."""
        layout = Layout(tuple(lost(size, frozenset(), 0) for size in shape))
        return self.on(range(len(self.axes)), lambda axis: axis.unknown(reason, whole_too=True)).laid(layout)


def _digits(index: int, factors: Dim) -> int:
    place = 0
    for factor in reversed(factors):
        index, digit = divmod(index, factor.size)
        place += digit * factor.stride if factor.placed else 0
    return place


def follow(window: Window, earlier: Rule) -> Rule:
    """The composed window, or the Unknown that was there before."""
    if isinstance(earlier, Unknown) or window is IDENTITY:
        return earlier
    return earlier if earlier.shift == 0 else window.after(earlier)


def united(tracks: list[Track], length: int, place: str) -> Track:
    """The field of a value that reads units of all these tracks at the same position."""
    first = tracks[0]
    if all(track is first for track in tracks):
        return first
    blind = next((track for track in tracks if track.exact is None), None)
    if blind is not None:
        return blind
    exact = meeting([track.exact for track in tracks if track.exact is not None])
    if any(track.covers(length) for track in tracks):
        everything = Fixed(interval(exact, 0)) if all(isinstance(t.exact, Fixed) for t in tracks) else exact
        return Track(constant(0, length - 1), everything)
    return Track(reduce(lambda one, other: _union(one, other, place), (t.window for t in tracks)), exact)


def smallest(rules: list[Rule]) -> Rule:
    """The narrowest of the branches' windows; Unknown when one of them is."""
    for rule in rules:
        if isinstance(rule, Unknown):
            return rule
    return min((rule for rule in rules if isinstance(rule, Window)), key=lambda rule: rule.size)


def _union(one: Rule, other: Rule, place: str) -> Rule:
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        return one if isinstance(one, Unknown) else other
    if (one.shift == 0) != (other.shift == 0):
        return Unknown(f"one position meets all positions of the axis at {place}")
    result = one.union(other)
    return Unknown(f"{result.reason} at {place}") if isinstance(result, Unknown) else result


def _fixed(track: Track) -> Track:
    exact = track.exact
    if exact is not None and not isinstance(exact, Fixed):
        exact = Fixed(interval(exact, 0))
    return Track(_at_zero(track.window), exact)


def _at_zero(rule: Rule) -> Rule:
    if isinstance(rule, Unknown) or rule.shift == 0:
        return rule
    span = rule.at(0)
    return constant(span.first, span.last) if span else constant(0, -1)
