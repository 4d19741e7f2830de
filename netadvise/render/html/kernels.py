"""Suggestions for kernels, as a page shows them: before and after, and what all of them come to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from netadvise.profiles import Sizes
from netadvise.quantity import Quantity, Unknown
from netadvise.render.html.drawing import NARROW, Spec, figure
from netadvise.render.html.links import Link, linked, sources
from netadvise.render.html.parts import Figure, Grid, Told, grid, told
from netadvise.render.suggestions import wording
from netadvise.render.suggestions.summary import summary
from netadvise.render.suggestions.view import Numbered, SuggestView, numbered, within
from netadvise.render.text import human, human_bytes
from netadvise.suggestion import Suggestion, SuggestionReport

_MOST = 20
"""Suggestions in the plot."""
_QUANTITIES = ("parameters", "MACs")


@dataclass(frozen=True, slots=True)
class Item:
    """One suggestion."""

    number: str
    layers: tuple[Link, ...]
    where: str
    change: str
    message: str
    why: str
    rule: str
    grade: str
    changes: str
    before: Grid
    refs: tuple[Link, ...]
    behind: Told


@dataclass(frozen=True, slots=True)
class Kernels:
    """The suggestions in order, and the sentences below them."""

    items: tuple[Item, ...]
    plot: Figure | None
    sentences: Told
    rejected: Told


def kernels(report: SuggestionReport, view: SuggestView, anchors: Mapping[str, int]) -> Kernels:
    """What `suggest-kernels` found."""
    shown = within(numbered(report), view)
    return Kernels(
        tuple(_item(each, report, anchors) for each in shown),
        _plot(shown[:_MOST], report),
        told(summary(report, view)),
        told((f"{item.layer}, {item.rule}", f"{item.change}: {item.reason}") for item in report.rejected),
    )


def _item(each: Numbered, report: SuggestionReport, anchors: Mapping[str, int]) -> Item:
    item = each.suggestion
    return Item(
        each.label,
        tuple(linked(layer, anchors.get(layer)) for layer in item.layers),
        wording.where(item),
        item.change,
        item.message,
        item.why,
        f"{item.rule} {item.name}",
        item.confidence,
        wording.CHANGES_TOLD[item.safety],
        grid(("", "before", "after", "change"), _before(item, report), ("before", "after", "change")),
        sources(item.refs),
        told((each.layer, each.what) for each in item.tried.affected),
    )


def _before(item: Suggestion, report: SuggestionReport) -> Iterator[tuple[str, ...]]:
    totals, effect = report.profile.totals, item.tried.effect
    yield _line("parameters", totals.params, effect.params, human(totals.params))
    yield _line("MACs", totals.macs, effect.macs, human(totals.macs))
    memory, change = totals.activation_bytes, effect.activation_bytes
    after = "?" if isinstance(change, Unknown) else human_bytes(memory + change)
    yield ("activations", human_bytes(memory), after, wording.memory(change) or "0")
    yield _field("receptive field", totals.receptive_field, effect.receptive_field)
    if here := wording.field_here(report.profile, item):
        before, _, after = here.partition(" -> ")
        yield ("receptive field at the layer", before, after or before, "")


def _line(name: str, whole: int, change: Quantity, before: str) -> tuple[str, ...]:
    after = "?" if isinstance(change, Unknown) else human(whole + change)
    return (name, before, after, wording.cost(change, whole))


def _field(name: str, whole: Sizes, change: Sizes) -> tuple[str, ...]:
    text = wording.field(whole, change)
    before, arrow, after = text.partition(" -> ")
    return (name, before, after if arrow else before, "" if arrow else "0" if text.isdecimal() else "")


def _plot(shown: tuple[Numbered, ...], report: SuggestionReport) -> Figure | None:
    """Bars of what each suggestion changes, in percent of the whole network."""
    totals = report.profile.totals
    values: list[dict[str, object]] = []
    lines = []
    for place, each in enumerate(shown, 1):
        effect = each.suggestion.tried.effect
        name = f"{place}  {wording.layers(each.suggestion.layers)}"
        amounts = zip(_QUANTITIES, (effect.params, effect.macs), (totals.params, totals.macs), strict=True)
        cells = [name, each.suggestion.change]
        for quantity, change, whole in amounts:
            cells.append(wording.cost(change, whole))
            if not isinstance(change, Unknown) and whole:
                values.append({"name": name, "of": quantity, "change": 100 * change / whole, "text": cells[-1]})
        lines.append(cells)
    if not values:
        return None
    table = grid(("suggestion", "change", *_QUANTITIES), lines, _QUANTITIES)
    sentence = "What each suggestion would change of the whole network: bars to the left of the line save."
    return figure("Before and after", sentence, table, lambda width: _spec(values, width))


def _spec(values: list[dict[str, object]], width: int) -> Spec:
    narrow = width <= NARROW
    columns = 1 if narrow else len(_QUANTITIES)
    sizes = [float(str(value["change"])) for value in values]
    low, high = min(0.0, *sizes), max(0.0, *sizes)
    room = (high - low) or 1.0
    change: Spec = {"field": "change", "type": "quantitative", "title": "percent of the network"}
    change["scale"] = {"domain": [low - 0.1 * room, high + 0.1 * room]}
    name: Spec = {"field": "name", "type": "nominal", "sort": None, "title": None}
    name["axis"] = {"labelLimit": 130 if narrow else 230, "ticks": False, "domain": False}
    bar: Spec = {
        "mark": {"type": "bar", "color": "var(--c1)", "height": {"band": 0.6}},
        "encoding": {"x": change, "y": name},
    }
    zero: Spec = {"mark": "rule", "encoding": {"x": {"datum": 0, "type": "quantitative"}}}
    return {
        "data": {"values": values},
        "facet": {"field": "of", "type": "nominal", "sort": list(_QUANTITIES), "header": {"labelAnchor": "start"}},
        "columns": columns,
        "spec": {
            "width": (width - (150 if narrow else 260)) // columns - 16,
            "height": {"step": 20},
            "layer": [bar, zero],
        },
    }
