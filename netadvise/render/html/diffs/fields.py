"""The plot of receptive fields along the depth of both networks, a layer of OLD above the same layer of NEW."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from netadvise.comparison import Comparison, LayerChange
from netadvise.profiles import Layer
from netadvise.quantity import Unknown
from netadvise.render.columns import field as pixels
from netadvise.render.diffs import wording
from netadvise.render.diffs.view import DiffView, called, groups
from netadvise.render.html.drawing import COLORS, DASHES, NARROW, Spec, figure
from netadvise.render.html.fields import input_size, marked_depths, marked_input
from netadvise.render.html.parts import Figure, grid
from netadvise.render.html.stages import stages
from netadvise.render.text import counted, plain

_SIDES = ("OLD", "NEW")


@dataclass(frozen=True, slots=True)
class _Point:
    number: int
    change: LayerChange
    sizes: tuple[tuple[int, ...], tuple[int, ...]]
    """Of OLD and NEW; empty where the layer is not there, or sees no image, or it is unknown what it sees."""

    @property
    def differs(self) -> bool:
        return all(self.sizes) and self.sizes[0] != self.sizes[1]

    @property
    def growth(self) -> int:
        """Along the axis where it is largest, whether more or less."""
        return max(abs(new - old) for old, new in zip(*self.sizes, strict=False)) if self.differs else 0


def fields(comparison: Comparison) -> Figure | None:
    """The plot; None where every layer of both networks sees what it saw."""
    points = [_point(number, change) for number, change in enumerate(comparison.layers, 1)]
    if not any(point.differs for point in points):
        return None
    known = [size for point in points for size in point.sizes if size]
    axes = range(1 if all(len(set(size)) == 1 for size in known) else max(map(len, known)))
    values = [value for point in points for value in _values(point, axes)]
    table = grid(
        ("stage of NEW", "its last layer", "OLD", "NEW", "change"), _rows(comparison, points), ("OLD", "NEW", "change")
    )
    places, marks = _inputs(comparison, axes), _marks(comparison)
    unit = "positions" if max(map(len, known)) == 1 else "pixels"
    return figure(
        "Receptive field along the depth, OLD and NEW",
        " ".join(_sentences(comparison, points, unit)),
        table,
        lambda width: _spec(values, places, marks if width > NARROW else (), unit, width),
    )


def _point(number: int, change: LayerChange) -> _Point:
    return _Point(number, change, (_seen(change.old), _seen(change.new)))


def _seen(layer: Layer | None) -> tuple[int, ...]:
    found = None if layer is None else layer.receptive_field
    return () if found is None or isinstance(found.size, Unknown) else found.size


def _values(point: _Point, axes: Sequence[int]) -> Iterator[dict[str, object]]:
    for side, sizes in zip(_SIDES, point.sizes, strict=True):
        for axis in axes:
            if axis < len(sizes):
                series = side if len(axes) == 1 else f"{side}, axis {axis + 1}"
                yield {"layer": point.number, "pixels": sizes[axis], "series": series}


def _rows(comparison: Comparison, points: Sequence[_Point]) -> Iterator[tuple[str, ...]]:
    found = {id(point.change.new): point for point in points}
    for stage in stages(comparison.new.profile):
        point = found[id(stage.row.last)]
        old, new = point.sizes
        grown = "" if not old or not new else _grown(old, new)
        yield stage.name, plain(stage.row.last.name), pixels(old), pixels(new), grown


def _grown(old: tuple[int, ...], new: tuple[int, ...]) -> str:
    return wording.grown(tuple(after - before for before, after in zip(old, new, strict=False)))


def _sentences(comparison: Comparison, points: Sequence[_Point], unit: str) -> Iterator[str]:
    old, new, _ = comparison.receptive_field
    if not isinstance(old, Unknown) and not isinstance(new, Unknown) and old and new:
        said = (
            f"sees {pixels(new)} {unit} in both" if old == new else f"saw {pixels(old)} {unit} and sees {pixels(new)}"
        )
        yield f"The last feature map {said}."
    changed = [point for point in points if point.differs]
    yield f"{_name(changed[0])} is the first of {counted(len(changed), 'layer')} whose field changed."
    most = max(changed, key=lambda point: point.growth)
    yield f"The largest change is at {_name(most)}: {pixels(most.sizes[0])} to {pixels(most.sizes[1])}."
    unknown = sum(_is_unknown(layer) for point in points for layer in (point.change.old, point.change.new))
    if unknown:
        yield f"It is unknown for {counted(unknown, 'layer')}, which the plot leaves out."
    yield "Along the spatial path; a layer of OLD stands where the same layer of NEW does."


def _name(point: _Point) -> str:
    return plain(called(point.change.layer))


def _is_unknown(layer: Layer | None) -> bool:
    return layer is not None and layer.receptive_field is not None and isinstance(layer.receptive_field.size, Unknown)


def _inputs(comparison: Comparison, axes: Sequence[int]) -> list[tuple[int, str]]:
    """The sizes of the inputs, told apart only where they differ."""
    sizes = [input_size(side.profile) for side in (comparison.old, comparison.new)]
    names = ["the input"] if sizes[0] == sizes[1] else ["the input of OLD", "the input of NEW"]
    found: dict[tuple[int, str], None] = {}
    for name, size in zip(names, sizes, strict=False):
        for axis in range(len(size)) if len(axes) > 1 or len(set(size)) > 1 else range(min(1, len(size))):
            found[size[axis], name if len(set(size)) == 1 else f"{name}, axis {axis + 1}"] = None
    return list(found)


def _marks(comparison: Comparison) -> list[tuple[int, str]]:
    """Where somebody did something."""
    place = {id(change): number for number, change in enumerate(comparison.layers, 1)}
    return sorted((place[id(group.first)], wording.name(group)) for group in groups(comparison, DiffView()))


def _spec(
    values: Sequence[dict[str, object]],
    places: Sequence[tuple[int, str]],
    marks: Sequence[tuple[int, str]],
    unit: str,
    width: int,
) -> Spec:
    series = sorted({str(value["series"]) for value in values}, reverse=True)
    # NEW in front of OLD
    series.sort(key=lambda name: name.startswith("NEW"))
    count, end = len(series), max(int(str(value["layer"])) for value in values)
    color = {"domain": series, "range": [COLORS[index % len(COLORS)] for index in range(count)]}
    dash = {"domain": series, "range": [DASHES[-1 - index % len(DASHES)] for index in range(count)]}
    if count == len(_SIDES):
        dash["range"] = [DASHES[1], DASHES[0]]
    depth: Spec = {"field": "layer", "type": "quantitative", "title": "layers, as they ran"}
    depth["axis"] = {"grid": False, "tickMinStep": 1, "tickCount": width // 80, "format": ",d"}
    depth["scale"] = {"nice": False, "domain": [0, end]}
    # the name of the input stands above its line
    most = max([int(str(value["pixels"])) for value in values] + [size for size, _ in places])
    height: Spec = {"field": "pixels", "type": "quantitative", "title": f"{unit} of the input"}
    height["scale"] = {"domain": [0, 1.1 * most], "nice": False}
    lines: Spec = {
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2},
        "encoding": {
            "x": depth,
            "y": height,
            "color": {"field": "series", "type": "nominal", "scale": color},
            "strokeDash": {"field": "series", "type": "nominal", "scale": dash},
        },
    }
    return {
        "width": width - 70,
        "height": 280,
        "data": {"values": list(values)},
        "layer": [*marked_depths(marks, end), *marked_input(places), lines],
    }
