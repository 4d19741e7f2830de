"""Learning curves of a study: one small plot for each arm, beside the baseline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite

from netadvise.evidence import Curve, Study
from netadvise.render.evidence import words
from netadvise.render.html.drawing import COLORS, DASHES, NARROW, Spec, figure
from netadvise.render.html.parts import Figure, grid

_MOST = 12
"""Arms with a plot."""
_SERIES = ("validation", "training", "validation, baseline")
_TIMES = 3
"""Of the highest of the arms' lowest validation losses: more of the first steps is not drawn."""
_POINTS = 120
"""Points of one curve; more would not be seen."""


@dataclass(frozen=True, slots=True)
class _Named:
    name: str
    curve: Curve


def curves(study: Study) -> Figure | None:
    """The plots; None where no curve was kept."""
    baseline = None if study.baseline is None else study.baseline.curve
    named = [
        _Named(f"{number}  {words.arm(arm)}", arm.curve)
        for number, arm in enumerate(study.evidence, 1)
        if arm.curve is not None
    ]
    if baseline is not None:
        named.insert(0, _Named("the network as it is", baseline))
    every = [value for index, each in enumerate(named[: _MOST + 1]) for value in _values(each, baseline, index)]
    if not every:
        return None
    most = _ceiling(named)
    values = [value for value in every if float(str(value["loss"])) <= most]
    table = grid(
        ("arm", "lowest validation loss", "at step", "training loss there", "validation loss at the end"),
        [row for each in named if (row := _row(each)) is not None],
        ("lowest validation loss", "at step", "training loss there", "validation loss at the end"),
    )
    sentence = (
        "Loss against steps of training, averaged over the seeds, in evaluation mode. A validation loss that turns "
        "while the training loss still falls is overfitting, which is what dropout is to lessen."
    )
    if len(values) < len(every):
        sentence += f" Losses above {most:.3g}, of the first steps, are left out."
    return figure("Learning curves", sentence, table, lambda width: _spec(values, width))


def _ceiling(named: Sequence[_Named]) -> float:
    """What a loss may be to be drawn: the first steps would press all that matters to the ground."""
    lowest = [min(found) for each in named if (found := [x for x in each.curve.validation_loss if isfinite(x)])]
    largest = max(lowest, default=0.0)
    return _TIMES * largest if largest > 0 else float("inf")


def _values(each: _Named, baseline: Curve | None, index: int) -> Iterator[dict[str, object]]:
    lines: list[tuple[str, Curve, Sequence[float]]] = [
        (_SERIES[0], each.curve, each.curve.validation_loss),
        (_SERIES[1], each.curve, each.curve.train_loss),
    ]
    if not any(map(isfinite, (*each.curve.validation_loss, *each.curve.train_loss))):
        return
    if baseline is not None and index:
        lines.append((_SERIES[2], baseline, baseline.validation_loss))
    for series, curve, losses in lines:
        points = [(step, loss) for step, loss in zip(curve.steps, losses, strict=False) if isfinite(loss)]
        for step, loss in points[:: max(1, len(points) // _POINTS)]:
            yield {"arm": each.name, "order": index, "step": step, "loss": loss, "series": series}


def _row(each: _Named) -> tuple[str, ...] | None:
    curve = each.curve
    points = [
        (validation, step, train)
        for step, validation, train in zip(curve.steps, curve.validation_loss, curve.train_loss, strict=False)
        if isfinite(validation)
    ]
    if not points:
        return None
    best, step, train = min(points)
    return (each.name, f"{best:.4g}", f"{step:,}", f"{train:.4g}" if isfinite(train) else "?", f"{points[-1][0]:.4g}")


def _spec(values: list[dict[str, object]], width: int) -> Spec:
    series = [name for name in _SERIES if any(value["series"] == name for value in values)]
    columns = 1 if width <= NARROW else min(3, len({str(value["order"]) for value in values}))
    scale: Spec = {"domain": series, "range": list(COLORS[: len(series)])}
    dashes: Spec = {"domain": series, "range": list(DASHES[: len(series)])}
    loss = {"field": "loss", "type": "quantitative", "title": "loss", "scale": {"zero": False}}
    return {
        "data": {"values": values},
        "facet": {
            "field": "arm",
            "type": "nominal",
            "sort": {"field": "order", "op": "min"},
            "header": {"labelAnchor": "start", "labelLimit": 220},
        },
        "columns": columns,
        "spec": {
            "width": (width - 40) // columns - 40,
            "height": 130,
            "mark": {"type": "line", "strokeWidth": 2},
            "encoding": {
                "x": {"field": "step", "type": "quantitative", "title": "step", "axis": {"tickCount": 4}},
                "y": loss,
                "color": {"field": "series", "type": "nominal", "scale": scale},
                "strokeDash": {"field": "series", "type": "nominal", "scale": dashes},
            },
        },
        "resolve": {"axis": {"x": "independent"}},
    }
