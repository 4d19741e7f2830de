"""The plot of receptive fields along the depth of a network, against the size of its input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from netadvise.profiles import Layer, Profile
from netadvise.quantity import Unknown
from netadvise.render.columns import field as pixels
from netadvise.render.html.drawing import COLORS, DASHES, NARROW, Spec, figure
from netadvise.render.html.parts import Figure, grid
from netadvise.render.html.stages import Stage, stages
from netadvise.render.text import counted, plain

_PATHS = ("spatial path", "strict: every path")
_NAMED = 14
"""Stages whose names fit above the plot."""
_LETTERS = 14


@dataclass(frozen=True, slots=True)
class _Point:
    number: int
    layer: Layer
    spatial: tuple[int, ...]
    strict: tuple[int, ...] | None


def fields(profile: Profile) -> Figure | None:
    """The plot; None where no layer has a receptive field that is known."""
    points = list(_points(profile.layers))
    if not points:
        return None
    view = _view(profile, points)
    alike = all(len(set(point.spatial)) == 1 and len(set(point.strict or (0,))) == 1 for point in points)
    axes = [0] if alike and len(set(view)) <= 1 else list(range(len(points[0].spatial)))
    same = all(point.strict == point.spatial for point in points)
    values = [value for point in points for value in _values(point, axes, _PATHS[: 1 if same else 2])]
    series = list(dict.fromkeys(str(value["series"]) for value in values))
    places = [(view[axis], "the input" if len(axes) == 1 else f"the input, axis {axis + 1}") for axis in axes if view]
    groups, unit = stages(profile), _unit(points)
    table = grid(
        ("stage", "its last layer", "spatial path", "strict", "in the input"),
        [row for stage in groups if (row := _row(stage)) is not None],
        ("spatial path", "strict", "in the input"),
    )
    return figure(
        "Receptive field along the depth",
        " ".join(_sentences(points, view, profile)),
        table,
        lambda width: _spec(values, series, places, groups if width > NARROW else (), unit, width),
    )


def input_size(profile: Profile) -> tuple[int, ...]:
    """The size of the input along the axes of the fields; empty where that cannot be told."""
    points = list(_points(profile.layers))
    return _view(profile, points) if points else ()


def _points(layers: Sequence[Layer]) -> Iterator[_Point]:
    for number, layer in enumerate(layers, 1):
        seen = layer.receptive_field
        if seen is not None and not isinstance(seen.size, Unknown) and seen.size:
            strict = seen.strict if not isinstance(seen.strict, Unknown) and seen.strict else None
            yield _Point(number, layer, seen.size, strict)


def _view(profile: Profile, points: Sequence[_Point]) -> tuple[int, ...]:
    """The size of the input along the axes of the fields; empty where no input fits what the layers see of it."""
    axes = len(points[0].spatial)
    shapes = [part for item in profile.inputs for part in (item.shape[2:], item.shape[1:-1], item.shape[1:])]
    fitting = [shape for shape in shapes if len(shape) == axes]
    fields = [point.layer.receptive_field for point in points]
    whole = {field.strict for field in fields if field is not None and field.culprit}
    seen = [field.clipped for field in fields if field is not None and not isinstance(field.clipped, Unknown)]
    fitting = [shape for shape in fitting if all(_covers(shape, part) for part in seen if len(part) == axes)]
    return next((shape for shape in fitting if shape in whole), next(iter(fitting), ()))


def _values(point: _Point, axes: Sequence[int], paths: Sequence[str]) -> Iterator[dict[str, object]]:
    for path, sizes in zip(paths, (point.spatial, point.strict), strict=False):
        for axis in axes:
            if sizes is not None and axis < len(sizes):
                series = path if len(axes) == 1 else f"{path}, axis {axis + 1}"
                yield {"layer": point.number, "pixels": sizes[axis], "series": series}


def _row(stage: Stage) -> tuple[str, ...] | None:
    seen = stage.row.last.receptive_field
    if seen is None:
        return None
    return (stage.name, plain(stage.row.last.name), pixels(seen.size), pixels(seen.strict), pixels(seen.clipped))


def _sentences(points: Sequence[_Point], view: tuple[int, ...], profile: Profile) -> Iterator[str]:
    most = max(points, key=lambda each: max(each.spatial))
    of = f"; the input has {pixels(view)}" if view else ""
    yield f"One unit of {plain(most.layer.name)} sees the most: {pixels(most.spatial)} {_unit(points)}{of}."
    first = next((each for each in points if view and _covers(each.spatial, view)), None)
    if first is not None:
        yield f"{plain(first.layer.name)} is the first to see as much as the whole input along the spatial path."
    elif view:
        yield "No layer sees as much as the whole input along the spatial path."
    unknown = sum(_is_unknown(layer) for layer in profile.layers)
    if unknown:
        yield f"It is unknown for {counted(unknown, 'layer')}, which the plot leaves out."
    if all(each.strict == each.spatial for each in points):
        yield "Counting every path, the fields are the same."
        return
    side = next((each for each in points if view and each.strict and _covers(each.strict, view)), None)
    if side is not None and side is not first and side.layer.receptive_field is not None:
        culprit = side.layer.receptive_field.culprit
        through = f", through {plain(culprit)}" if culprit else ""
        yield f"Counting every path, {plain(side.layer.name)} is the first{through}."


def _is_unknown(layer: Layer) -> bool:
    return layer.receptive_field is not None and isinstance(layer.receptive_field.size, Unknown)


def _covers(sizes: tuple[int, ...], view: tuple[int, ...]) -> bool:
    return len(sizes) == len(view) and all(size >= whole for size, whole in zip(sizes, view, strict=True))


def _unit(points: Sequence[_Point]) -> str:
    return "positions" if len(points[0].spatial) == 1 else "pixels"


def _spec(
    values: Sequence[dict[str, object]],
    series: Sequence[str],
    places: Sequence[tuple[int, str]],
    groups: Sequence[Stage],
    unit: str,
    width: int,
) -> Spec:
    color = {"domain": series, "range": [COLORS[index % len(COLORS)] for index in range(len(series))]}
    dash = {"domain": series, "range": [DASHES[index % len(DASHES)] for index in range(len(series))]}
    depth: Spec = {"field": "layer", "type": "quantitative", "title": "layers, as they ran"}
    depth["axis"] = {"grid": False, "tickMinStep": 1, "tickCount": width // 80, "format": ",d"}
    end = max(int(str(value["layer"])) for value in values)
    depth["scale"] = {"nice": False, "domain": [0, end]}
    lines: Spec = {
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2},
        "encoding": {
            "x": depth,
            "y": {"field": "pixels", "type": "quantitative", "title": f"{unit} of the input"},
            "color": {"field": "series", "type": "nominal", "scale": color},
            "strokeDash": {"field": "series", "type": "nominal", "scale": dash},
        },
    }
    names = [(stage.start, stage.name) for stage in groups] if len(groups) > 1 else []
    return {
        "width": width - 70,
        "height": 280,
        "data": {"values": list(values)},
        "layer": [*marked_depths(names, end), *marked_input(places), lines],
    }


def marked_input(places: Sequence[tuple[int, str]]) -> list[Spec]:
    """Dotted lines across the plot, at sizes in pixels, with a text each."""
    data = {"values": [{"pixels": size, "text": f"{text}: {size}"} for size, text in places]}
    height = {"field": "pixels", "type": "quantitative"}
    rule: Spec = {
        "data": data,
        "mark": {"type": "rule", "strokeDash": [1, 3], "strokeWidth": 2, "color": "var(--ink)"},
        "encoding": {"y": height},
    }
    text: Spec = {
        "data": data,
        "mark": {"type": "text", "align": "left", "baseline": "bottom", "dx": 4, "dy": -3},
        "encoding": {"y": height, "x": {"value": 0}, "text": {"field": "text"}},
    }
    return [rule, text] if places else []


def marked_depths(names: Sequence[tuple[int, str]], end: int) -> list[Spec]:
    """Lines down the plot, at numbers of layers, with a name each; none where there are too many of them."""
    if not 0 < len(names) <= _NAMED:
        return []
    marks: list[dict[str, object]] = []
    last = -end
    for start, name in names:
        # a name needs as much room as it is high
        if start - last > end / 40 and start <= end:
            marks.append({"layer": start, "text": _short(name)})
            last = start
    data = {"values": marks}
    depth = {"field": "layer", "type": "quantitative"}
    rule: Spec = {"data": data, "mark": {"type": "rule", "color": "var(--line)"}, "encoding": {"x": depth}}
    text: Spec = {
        "data": data,
        "mark": {"type": "text", "angle": 270, "align": "right", "baseline": "top", "dx": -2, "dy": 2}
        | {"color": "var(--soft)", "fontSize": 10},
        "encoding": {"x": depth, "y": {"value": 0}, "text": {"field": "text"}},
    }
    return [rule, text]


def _short(name: str) -> str:
    return name if len(name) <= _LETTERS else "…" + name[-_LETTERS:]
