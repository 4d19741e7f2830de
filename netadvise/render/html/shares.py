"""Where parameters, multiply-accumulates and memory sit: bars by stage of the network and by kind of layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from netadvise.profiles import Layer, Profile
from netadvise.quantity import known
from netadvise.render.html.drawing import NARROW, Spec, figure
from netadvise.render.html.parts import Figure, grid
from netadvise.render.html.stages import stages
from netadvise.render.text import human, human_bytes, percent, plain

_MOST = 16
"""Bars; the rest is one more."""
_LETTERS = 24


@dataclass(frozen=True, slots=True)
class Group:
    """Layers that make one bar."""

    name: str
    layers: tuple[Layer, ...]


Amounts = Callable[[Iterable[Layer]], int]

_QUANTITIES: tuple[tuple[str, Amounts, Callable[[int], str]], ...] = (
    ("parameters", lambda layers: sum(layer.params for layer in layers), human),
    ("MACs", lambda layers: known(layer.macs for layer in layers), human),
    ("activations", lambda layers: known(layer.activation_bytes for layer in layers), human_bytes),
)


def by_stage(profile: Profile) -> Figure | None:
    """Bars for the stages, from the first to the last."""
    groups = [Group(stage.name, stage.row.layers) for stage in stages(profile)]
    return _figure("By stage, from the input to the output", "stage", _enough(groups))


def by_kind(profile: Profile) -> Figure | None:
    """Bars for the kinds of layers, those with the most multiply-accumulates first."""
    found: dict[str, list[Layer]] = {}
    for layer in profile.layers:
        found.setdefault(layer.kind, []).append(layer)
    groups = [Group(f"{plain(kind)} ({len(layers):,})", tuple(layers)) for kind, layers in found.items()]
    groups.sort(key=_weight, reverse=True)
    return _figure("By kind of layer, with how many there are", "kind", _enough(groups))


def _weight(group: Group) -> tuple[int, ...]:
    parameters, macs, activations = (amount(group.layers) for _, amount, _ in _QUANTITIES)
    return macs, parameters, activations


def _enough(groups: list[Group]) -> list[Group]:
    """At most so many: the heaviest in their order, and the others together."""
    if len(groups) <= _MOST:
        return groups
    kept = {id(group) for group in sorted(groups, key=_weight, reverse=True)[: _MOST - 1]}
    others = [group for group in groups if id(group) not in kept]
    rest = Group(f"{len(others):,} others", tuple(layer for group in others for layer in group.layers))
    return [*(group for group in groups if id(group) in kept), rest]


def _figure(title: str, label: str, groups: Sequence[Group]) -> Figure | None:
    if not groups:
        return None
    everything = [layer for group in groups for layer in group.layers]
    wholes = [amount(everything) for _, amount, _ in _QUANTITIES]
    header = (label, *(part for name, _, _ in _QUANTITIES for part in (name, "%")))
    rows = [_row(group, wholes) for group in groups]
    sentence = " ".join(_sentence(groups, index, whole) for index, whole in enumerate(wholes) if whole)
    values = [value for group in groups for value in _values(group, wholes)]
    return figure(title, sentence, grid(header, rows, header[1:]), lambda width: _spec(values, width))


def _row(group: Group, wholes: Sequence[int]) -> tuple[str, ...]:
    cells = [group.name]
    for (_, amount, text), whole in zip(_QUANTITIES, wholes, strict=True):
        part = amount(group.layers)
        cells += [text(part), percent(part, whole)]
    return tuple(cells)


def _sentence(groups: Sequence[Group], index: int, whole: int) -> str:
    name, amount, _ = _QUANTITIES[index]
    largest = max(groups, key=lambda group: amount(group.layers))
    return f"Most {name}: {largest.name}, {percent(amount(largest.layers), whole)} %."


def _values(group: Group, wholes: Sequence[int]) -> Iterable[dict[str, object]]:
    for (name, amount, text), whole in zip(_QUANTITIES, wholes, strict=True):
        if whole:
            part = amount(group.layers)
            label = f"{percent(part, whole)} %" if part else "0"
            short = group.name if len(group.name) <= _LETTERS else "…" + group.name[-_LETTERS:]
            yield {"group": short, "of": name, "share": 100 * part / whole, "text": label, "amount": text(part)}


def _spec(values: Sequence[dict[str, object]], width: int) -> Spec:
    narrow = width <= NARROW
    names = list(dict.fromkeys(str(value["of"]) for value in values))
    columns = 1 if narrow else len(names) or 1
    room = width - (150 if narrow else 190)
    share: Spec = {"field": "share", "type": "quantitative", "title": None, "axis": None}
    # room for the text behind the longest bar
    share["scale"] = {"domain": [0, 1.35 * max((float(str(value["share"])) for value in values), default=1.0)]}
    name: Spec = {"field": "group", "type": "nominal", "sort": None, "title": None}
    name["axis"] = {"domain": False, "ticks": False, "labelLimit": 160 if not narrow else 120, "labelPadding": 6}
    bar: Spec = {
        "mark": {"type": "bar", "color": "var(--c1)", "height": {"band": 0.7}},
        "encoding": {"x": share, "y": name},
    }
    text: Spec = {
        "mark": {"type": "text", "align": "left", "dx": 4, "fontSize": 11},
        "encoding": {"x": share, "y": name, "text": {"field": "text"}},
    }
    return {
        "data": {"values": list(values)},
        "facet": {"field": "of", "type": "nominal", "sort": names, "header": {"labelAnchor": "start"}},
        "columns": columns,
        "spacing": 16,
        "spec": {"width": room // columns - 16, "height": {"step": 20}, "layer": [bar, text]},
    }
