"""Where parameters, multiply-accumulates and memory moved: bars to both sides, by stage of NEW and by kind of layer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from netadvise.comparison import Comparison, Deltas, LayerChange
from netadvise.profiles import Layer, Profile
from netadvise.quantity import Quantity, Unknown, known
from netadvise.render.diffs import wording
from netadvise.render.html.drawing import NARROW, Spec, figure
from netadvise.render.html.parts import Figure, grid
from netadvise.render.html.stages import stages
from netadvise.render.text import counted, human, human_bytes, plain

_MOST = 16
"""Bars; the rest is one more."""
_LETTERS = 24


@dataclass(frozen=True, slots=True)
class _Quantity:
    name: str
    of: Callable[[Deltas], Quantity]
    unit: Callable[[int], str]

    def amount(self, deltas: Iterable[Deltas]) -> int:
        """What is known of the sum."""
        return known(map(self.of, deltas))

    def text(self, deltas: Sequence[Deltas]) -> str:
        """The sum, with a question mark for what is missing from it."""
        amount = self.amount(deltas)
        if any(isinstance(self.of(each), Unknown) for each in deltas):
            return f"{wording.signed(amount, self.unit)}+?" if amount else "?"
        return wording.signed(amount, self.unit)


_QUANTITIES = (
    _Quantity("parameters", lambda deltas: deltas.params, human),
    _Quantity("MACs", lambda deltas: deltas.macs, human),
    _Quantity("activations", lambda deltas: deltas.activation_bytes, human_bytes),
)


@dataclass(frozen=True, slots=True)
class _Bar:
    name: str
    deltas: tuple[Deltas, ...]

    @property
    def moved(self) -> bool:
        return any(quantity.text(self.deltas) != "0" for quantity in _QUANTITIES)


def by_stage(comparison: Comparison) -> Figure | None:
    """Bars for the stages of NEW, from the first to the last; what is gone as a whole stands where it was."""
    staged = _Staged(comparison)
    found: dict[str, list[Deltas]] = {stage.name: [] for stage in stages(comparison.new.profile)}
    for change in comparison.layers:
        found.setdefault(staged.name(change), []).append(change.deltas)
    return _figure("By stage of NEW, from the input to the output", "stage", found)


def by_kind(comparison: Comparison) -> Figure | None:
    """Bars for the kinds of layers."""
    found: dict[str, list[Deltas]] = {}
    for change in comparison.layers:
        for kind, deltas in _kinds(change):
            found.setdefault(plain(kind), []).append(deltas)
    return _figure("By kind of layer", "kind", found)


class _Staged:
    """The stage of NEW that a layer belongs to; for a removed one, that of the layers it stood among."""

    def __init__(self, comparison: Comparison) -> None:
        self.old, self.new = (_stage_of(side.profile) for side in (comparison.old, comparison.new))
        beside: dict[str, Counter[str]] = {}
        for change in comparison.layers:
            if change.old is not None and change.new is not None:
                beside.setdefault(self.old[id(change.old)], Counter())[self.new[id(change.new)]] += 1
        self.beside = {stage: counts.most_common(1)[0][0] for stage, counts in beside.items()}

    def name(self, change: LayerChange) -> str:
        if change.new is not None:
            return self.new[id(change.new)]
        stage = self.old[id(change.old)]
        return self.beside.get(stage, f"{stage} (removed)")


def _stage_of(profile: Profile) -> dict[int, str]:
    return {id(layer): stage.name for stage in stages(profile) for layer in stage.row.layers}


def _kinds(change: LayerChange) -> Iterator[tuple[str, Deltas]]:
    """A layer of another kind takes what it costs from one and brings it to the other."""
    old, new = change.old, change.new
    if old is None or new is None or old.kind == new.kind:
        yield change.layer.kind, change.deltas
        return
    yield old.kind, _costs(old, -1)
    yield new.kind, _costs(new, 1)


def _costs(layer: Layer, sign: int) -> Deltas:
    macs, memory = (
        quantity if isinstance(quantity, Unknown) else sign * quantity
        for quantity in (layer.macs, layer.activation_bytes)
    )
    return Deltas(sign * layer.params, macs, memory)


def _figure(title: str, label: str, found: dict[str, list[Deltas]]) -> Figure | None:
    bars = [_Bar(name, tuple(deltas)) for name, deltas in found.items()]
    moved = [bar for bar in bars if bar.moved]
    if not moved:
        return None
    shown = _enough(moved)
    header = (label, *(quantity.name for quantity in _QUANTITIES))
    rows = [(bar.name, *(quantity.text(bar.deltas) for quantity in _QUANTITIES)) for bar in shown]
    sentence = " ".join(_sentences(moved, len(bars) - len(moved), label))
    values = [value for bar in shown for value in _values(bar, _peaks(shown))]
    return figure(title, sentence, grid(header, rows, header[1:]), lambda width: _spec(values, width))


def _peaks(bars: Sequence[_Bar]) -> list[int]:
    """Of each quantity, the largest amount that moved: its bar takes all the room."""
    return [max((abs(quantity.amount(bar.deltas)) for bar in bars), default=0) for quantity in _QUANTITIES]


def _enough(bars: list[_Bar]) -> list[_Bar]:
    """At most so many: those where most moved, in their order, and the others together."""
    if len(bars) <= _MOST:
        return bars
    peaks = _peaks(bars)

    def weight(bar: _Bar) -> float:
        amounts = (abs(quantity.amount(bar.deltas)) for quantity in _QUANTITIES)
        return sum(amount / peak for amount, peak in zip(amounts, peaks, strict=True) if peak)

    kept = {id(bar) for bar in sorted(bars, key=weight, reverse=True)[: _MOST - 1]}
    others = [bar for bar in bars if id(bar) not in kept]
    rest = _Bar(f"{len(others):,} others", tuple(deltas for bar in others for deltas in bar.deltas))
    return [*(bar for bar in bars if id(bar) in kept), rest]


def _sentences(moved: Sequence[_Bar], still: int, label: str) -> Iterator[str]:
    everything = [deltas for bar in moved for deltas in bar.deltas]
    for quantity in _QUANTITIES:
        amounts = [quantity.amount(bar.deltas) for bar in moved]
        if not any(amounts):
            continue
        most = max(moved, key=lambda bar: abs(quantity.amount(bar.deltas)))
        name = quantity.name[0].upper() + quantity.name[1:]
        yield f"{name}: {quantity.text(everything)} in all, most at {most.name}, {quantity.text(most.deltas)}."
    if still:
        yield f"At {counted(still, 'other ' + label)} nothing moved."


def _values(bar: _Bar, peaks: Sequence[int]) -> Iterator[dict[str, object]]:
    short = bar.name if len(bar.name) <= _LETTERS else "…" + bar.name[-_LETTERS:]
    for quantity, peak in zip(_QUANTITIES, peaks, strict=True):
        if peak:
            share = quantity.amount(bar.deltas) / peak
            yield {"group": short, "of": quantity.name, "share": share, "text": quantity.text(bar.deltas)}


def _spec(values: Sequence[dict[str, object]], width: int) -> Spec:
    narrow = width <= NARROW
    names = list(dict.fromkeys(str(value["of"]) for value in values))
    columns = 1 if narrow else len(names) or 1
    longest = max((len(str(value["group"])) for value in values), default=0)
    room = width - min(150 if narrow else 190, 50 + 7 * longest)
    shares = [float(str(value["share"])) for value in values]
    # room for the texts behind the longest bars
    end = 2.1 if narrow else 1.75
    ends = [-end if min(shares, default=0) < 0 else 0, end if max(shares, default=0) > 0 else 0.4]
    share: Spec = {"field": "share", "type": "quantitative", "title": None, "axis": None, "scale": {"domain": ends}}
    name: Spec = {"field": "group", "type": "nominal", "sort": None, "title": None}
    name["axis"] = {"domain": False, "ticks": False, "labelLimit": 120 if narrow else 160, "labelPadding": 6}
    color = {"condition": {"test": "datum.share < 0", "value": "var(--c2)"}, "value": "var(--c1)"}
    bar: Spec = {"mark": {"type": "bar", "height": {"band": 0.7}}, "encoding": {"x": share, "y": name, "color": color}}
    texts = [_text(share, name, "datum.share < 0", "right"), _text(share, name, "datum.share >= 0", "left")]
    zero: Spec = {"mark": {"type": "rule", "color": "var(--soft)"}, "encoding": {"x": {**share, "field": "zero"}}}
    return {
        "data": {"values": [{**value, "zero": 0} for value in values]},
        "facet": {"field": "of", "type": "nominal", "sort": names, "header": {"labelAnchor": "start"}},
        "columns": columns,
        "spacing": 16,
        "spec": {"width": room // columns - 16, "height": {"step": 20}, "layer": [bar, zero, *texts]},
    }


def _text(share: Spec, name: Spec, test: str, align: str) -> Spec:
    return {
        "transform": [{"filter": test}],
        "mark": {"type": "text", "align": align, "dx": 4 if align == "left" else -4, "fontSize": 11},
        "encoding": {"x": share, "y": name, "text": {"field": "text"}},
    }
