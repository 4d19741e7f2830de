"""Vega-Lite specifications to SVG, and a check of what comes back.

Charts are drawn here, once, so that a page holds pictures and not a plotting library. Colours are names of the
page's CSS variables: one picture serves light, dark and paper. vl-convert draws them; it is an optional dependency
(`netadvise[report]`), and without it a page shows its tables.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from xml.etree import ElementTree

from markupsafe import Markup

from netadvise.errors import InternalError
from netadvise.render.html.parts import Figure, Grid
from netadvise.render.text import plain

Spec = dict[str, object]
"""A Vega-Lite specification, or a part of one.

The user's texts may stand in the values of data, and nowhere else: titles and orders become parts of expressions.
"""

WIDE, NARROW = 880, 330
"""CSS pixels that a plot may take, axes included."""
COLORS = ("var(--c1)", "var(--c2)", "var(--c3)", "var(--c4)")
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3])
"""Series differ in dashes, too: no plot needs colour."""

_VEGA_LITE = "5.21"
_SVG = "{http://www.w3.org/2000/svg}"
_TAGS = frozenset(("svg", "g", "path", "line", "text", "tspan", "rect"))
_ATTRIBUTES = frozenset(
    (
        "d",
        "transform",
        "viewBox",
        "width",
        "height",
        "x",
        "y",
        "x1",
        "x2",
        "y1",
        "y2",
        "dx",
        "dy",
        "display",
        "opacity",
        "text-anchor",
    )
    + ("fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-miterlimit")
    + ("stroke-linecap", "stroke-linejoin", "font-family", "font-size", "font-weight", "font-style")
)
"""What a picture is made of. Roles and labels go: the sentence and the table below a plot say more than its shapes."""
_LABELS = {"labelColor": "var(--ink)", "titleColor": "var(--soft)", "labelFontSize": 12, "titleFontSize": 12}
_CONFIG: Spec = {
    "background": None,
    "aria": False,
    # the reader's font may be wider than the one that the room for labels was measured with
    "padding": {"left": 24, "top": 5, "right": 16, "bottom": 5},
    "font": "sans-serif",
    "view": {"stroke": None},
    "axis": {**_LABELS, "gridColor": "var(--line)", "domainColor": "var(--soft)", "tickColor": "var(--soft)"}
    | {"titleFontWeight": "normal"},
    "legend": {**_LABELS, "orient": "top", "title": None, "symbolSize": 90, "columnPadding": 24, "labelLimit": 300},
    "header": {**_LABELS, "labelFontWeight": "bold", "title": None, "labelLimit": 300},
    "text": {"color": "var(--ink)", "fontSize": 12},
    "rule": {"color": "var(--soft)"},
}


def can_draw() -> bool:
    """Whether the optional dependency is there."""
    return find_spec("vl_convert") is not None


def figure(title: str, sentence: str, table: Grid, spec: Callable[[int], Spec]) -> Figure:
    """The plot that `spec` describes for each width; without pictures where nothing can draw them."""
    if not can_draw():
        return Figure(title, sentence, table)
    return Figure(title, sentence, table, *(svg(spec(width)) for width in (WIDE, NARROW)))


def svg(spec: Mapping[str, object]) -> Markup:
    """The picture of a specification as SVG that can stand inside a page."""
    import vl_convert

    full = {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "config": _CONFIG, **spec}
    text: str = vl_convert.vegalite_to_svg(json.dumps(_visible(full)), vl_version=_VEGA_LITE, allowed_base_urls=[])
    return Markup(checked(text))


def _visible(item: object) -> object:
    """Every text with what cannot be seen, or stand in XML, written out."""
    if isinstance(item, str):
        return plain(item)
    if isinstance(item, dict):
        return {key: _visible(value) for key, value in item.items()}
    return [_visible(value) for value in item] if isinstance(item, list | tuple) else item


def checked(text: str) -> str:
    """`text` with nothing in it but shapes and words; raises `InternalError` for an element that is neither."""
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise InternalError(f"a plot is not well-formed: {error}") from error
    for element in root.iter():
        element.tag = element.tag.removeprefix(_SVG)
        if element.tag not in _TAGS:
            raise InternalError(f"a plot has an element {element.tag[:80]!r}")
        for name, value in list(element.attrib.items()):
            if name not in _ATTRIBUTES or "url(" in value:
                del element.attrib[name]
    # as wide as it was drawn where there is room; the height follows
    root.attrib.pop("height", None)
    root.attrib |= {"aria-hidden": "true", "focusable": "false"}
    return ElementTree.tostring(root, encoding="unicode")
