"""The plot of effects: one interval for each arm and end point, with the verdict beside the arm's name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite

from netadvise.evidence import Evidence, Study
from netadvise.render.evidence import arms, effects, words
from netadvise.render.evidence.subject import Subject
from netadvise.render.html.drawing import NARROW, Spec, figure
from netadvise.render.html.parts import Figure, grid

_MOST = 24
"""Arms in one plot."""
_ENDS = {"early_stop": "at its own early stop", "end": "at the end of training"}
_BREAK = "⏎"
"""Parts the lines of a label."""
_SHAPES: Spec = {"domain": list(_ENDS.values()), "range": ["circle", "diamond"]}
_COLORS: Spec = {"domain": list(_ENDS.values()), "range": ["var(--c1)", "var(--c3)"]}
_DASHES: Spec = {"domain": list(_ENDS.values()), "range": [[1, 0], [3, 2]]}


def intervals(quantity: str, study: Study, subject: Subject) -> Figure | None:
    """The effect of each arm on the quantity that its verdict is about, with its interval."""
    numbered = [(number, arm) for number, arm in enumerate(study.evidence, 1) if arm.primary == quantity]
    values = [value for number, arm in numbered[:_MOST] for value in _values(number, arm, study)]
    if not values:
        return None
    unit = effects.in_unit(quantity, study.recipe)
    lines = [arms.cells(number, arm, study, subject) for number, arm in numbered]
    header, interest = arms.header(study, subject), _interest(numbered, study)
    sentence = (
        f"The effect of each arm on {unit} against the network as it is, with its 95 % interval: "
        f"right of the line is better{'' if interest is None else ', and within the band too small to matter'}. "
        "A verdict counts both seeds and examples as random."
    )
    return figure(
        f"Effect on {unit}",
        sentence,
        grid(header, lines, [header[index] for index in arms.right(header)]),
        lambda width: _spec(values, interest, width),
    )


def _values(number: int, arm: Evidence, study: Study) -> Iterator[dict[str, object]]:
    for endpoint, label in _ENDS.items():
        found = next((e for e in arm.estimates if e.quantity == arm.primary and e.endpoint == endpoint), None)
        if found is None or not all(map(isfinite, (found.effect, found.low, found.high))):
            continue
        scale = effects.unit(arm.primary, study.recipe).scale
        yield {
            "arm": f"{number}  {words.arm(arm)}{_BREAK}{words.VERDICTS[arm.verdict]}",
            "at": label,
            "effect": scale * found.effect,
            "low": scale * found.low,
            "high": scale * found.high,
        }


def _interest(numbered: Sequence[tuple[int, Evidence]], study: Study) -> float | None:
    """The smallest effect of interest, where all arms have the same."""
    known = {arm.delta for _, arm in numbered if arm.delta is not None and isfinite(arm.delta)}
    if len(known) != 1:
        return None
    return known.pop() * effects.unit(numbered[0][1].primary, study.recipe).scale


def _spec(values: list[dict[str, object]], interest: float | None, width: int) -> Spec:
    narrow = width <= NARROW
    low = min(0.0, *(float(str(value["low"])) for value in values))
    high = max(0.0, *(float(str(value["high"])) for value in values))
    margin = 0.05 * (high - low or 1.0)
    scale = {"domain": [low - margin, high + margin], "nice": True}
    shared = {
        "y": _names(140 if narrow else 290),
        "yOffset": {"field": "at", "sort": list(_ENDS.values())},
        "color": {"field": "at", "type": "nominal", "scale": _COLORS},
    }
    effect: Spec = {
        "field": "effect",
        "type": "quantitative",
        "title": "effect: to the right is better",
        "scale": scale,
    }
    effect["axis"] = {"tickCount": 4 if narrow else 8}
    dash = {"field": "at", "type": "nominal", "scale": _DASHES}
    interval: Spec = {
        "mark": {"type": "rule", "strokeWidth": 2},
        "encoding": {**shared, "x": {**effect, "field": "low"}, "x2": {"field": "high"}, "strokeDash": dash},
    }
    point: Spec = {
        "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
        "encoding": {**shared, "x": effect, "shape": {"field": "at", "type": "nominal", "scale": _SHAPES}},
    }
    return {
        "width": width - (150 if narrow else 310),
        "height": {"step": 24, "for": "offset"},
        "data": {"values": values},
        "layer": [*_band(interest, scale), *_zero(scale), interval, point],
    }


def _names(room: int) -> Spec:
    """Arms from top to bottom, the verdict below each name."""
    axis = {"labelLimit": room, "labelExpr": f"split(datum.label, '{_BREAK}')", "labelLineHeight": 15}
    axis |= {"labelPadding": 8, "domain": False, "ticks": False}
    return {"field": "arm", "type": "nominal", "sort": None, "title": None, "axis": axis}


def _band(interest: float | None, scale: Spec) -> list[Spec]:
    """Effects too small to matter."""
    if interest is None:
        return []
    x: Spec = {"field": "from", "type": "quantitative", "scale": scale}
    return [
        {
            "data": {"values": [{"from": -interest, "to": interest}]},
            "mark": {"type": "rect", "color": "var(--line)", "opacity": 0.6},
            "encoding": {"x": x, "x2": {"field": "to"}},
        }
    ]


def _zero(scale: Spec) -> list[Spec]:
    return [
        {
            "data": {"values": [{"x": 0}]},
            "mark": {"type": "rule", "strokeWidth": 1.5, "color": "var(--ink)"},
            "encoding": {"x": {"field": "x", "type": "quantitative", "scale": scale}},
        }
    ]
