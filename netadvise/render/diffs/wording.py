"""What every format says of a change, in words of the same kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from fractions import Fraction

from netadvise.comparison import (
    AttributeChange,
    Comparison,
    FindingChange,
    FindingsDiff,
    FindingStatus,
    Judged,
    LayerChange,
    TotalChange,
)
from netadvise.graph import Attr
from netadvise.profiles import Profile, Sizes
from netadvise.quantity import Quantity, Unknown
from netadvise.render.diffs.view import Group, counted_by
from netadvise.render.findings.wording import place
from netadvise.render.text import counted, human, human_bytes, joined, per_axis, plain, shape
from netadvise.rule import SEVERITIES

TOTALS: dict[str, tuple[str, Callable[[int], str]]] = {
    "params": ("parameters", human),
    "macs": ("MACs", human),
    "other_ops": ("other ops", human),
    "activation_bytes": ("activations", human_bytes),
    "peak_activation_bytes": ("peak of inference", human_bytes),
    "saved_activation_bytes": ("kept for backward", human_bytes),
    "layers": ("layers", human),
}
"""The sums that a person sees, what they are called, and how they are written."""
_TEXT = 60
"""Characters of an argument's value."""
_SHAPING = ("kernel_size", "stride", "in_channels", "out_channels", "in_features", "out_features", "num_features", "p")
"""Arguments that say what a layer is, in this order."""


def sums(comparison: Comparison) -> Iterable[tuple[str, str, str, str]]:
    """Each sum: what it is called, OLD, NEW, and the difference with its share."""
    for key, (label, unit) in TOTALS.items():
        change = comparison.total(key)
        yield label, side(change, 0, unit), side(change, 1, unit), difference(change, unit)
    seen = sum_of_fields(comparison)
    if seen is not None:
        yield seen


def sum_of_fields(comparison: Comparison) -> tuple[str, str, str, str] | None:
    """The same of the receptive field of the last feature map; None where no image goes in."""
    old, new, delta = comparison.receptive_field
    return None if (old, new) == ((), ()) else ("receptive field", _sizes(old), _sizes(new), grown(delta))


def sides(change: TotalChange, unit: Callable[[int], str] = human) -> str:
    """ "25.6 M -> 45.7 M"; one of them where both are the same."""
    old, new = side(change, 0, unit), side(change, 1, unit)
    return old if change.delta == 0 else f"{old} -> {new}"


def difference(change: TotalChange, unit: Callable[[int], str] = human) -> str:
    """ "+20.1 M (+79 %)"; "0"; "?" where it cannot be told."""
    text, part = signed(change.delta, unit), share(change)
    return f"{text} ({part})" if part else text


def share(change: TotalChange) -> str:
    """The difference as a part of OLD: "+79 %"; empty where there is none, or it cannot be told."""
    part = change.share
    return percent(part) if isinstance(part, Fraction) and part else ""


def percent(share: Fraction) -> str:
    """ "+7.2 %", "-42 %", "<0.1 %"."""
    value = float(100 * share)
    if abs(value) < 0.1:
        return "<0.1 %"
    return f"{value:+.1f} %" if abs(value) < 9.95 else f"{value:+,.0f} %"


def signed(quantity: Quantity, unit: Callable[[int], str] = human) -> str:
    """ "+1.02 MB", "-512 B", "0"; "?" for what is unknown."""
    if isinstance(quantity, Unknown):
        return "?"
    return f"{'-' if quantity < 0 else '+'}{unit(abs(quantity))}" if quantity else "0"


def unless_zero(quantity: Quantity, unit: Callable[[int], str] = human) -> str:
    """As `signed`, and nothing for zero: most cells of a table of layers."""
    text = signed(quantity, unit)
    return "" if text == "0" else text


def name(group: Group) -> str:
    """ "blocks.0.spatial.0 (+15 more)", "blocks.7.*"."""
    if group.whole:
        return plain(f"{group.name}.*")
    more = f" (+{len(group.layers) - 1} more)" if len(group.layers) > 1 else ""
    return plain(group.name) + more


def names(group: Group) -> str:
    """As `name`, with what a renamed layer was called."""
    old = group.first.old
    was = f" (was {plain(old.name)})" if group.first.renamed and old is not None and len(group.layers) == 1 else ""
    return name(group) + was


def what(group: Group) -> str:
    """What was done: "kernel_size 3x3 -> 5x5, padding 1x1 -> 2x2"; the layers of a module that came or went."""
    change = group.first
    if group.status in ("added", "removed"):
        return counted(len(group.layers), "layer") if group.whole else plain(change.layer.kind)
    return attributes(change) or follows(change)


def kinds(group: Group) -> str:
    """What a module that came or went is made of: "Conv2d x2, ReLU"."""
    counts = Counter(change.layer.kind for change in group.layers)
    return ", ".join(f"{plain(kind)}{f' x{count}' if count > 1 else ''}" for kind, count in counts.items())


def form(group: Group) -> str:
    """A layer that came or went, with what shapes it: "Dropout(p=0.2)"."""
    layer = group.first.layer
    told = [f"{key}={value(layer.attrs[key])}" for key in _SHAPING if layer.attrs.get(key) is not None]
    return f"{plain(layer.kind)}({', '.join(told)})" if told else plain(layer.kind)


def attributes(change: LayerChange) -> str:
    """The arguments that changed, those that had to behind them."""
    told = [_attribute(item) for item in change.own]
    told += [f"{_attribute(item)} (forced)" for item in change.attributes if item.forced]
    return ", ".join(told)


def _attribute(item: AttributeChange) -> str:
    return f"{plain(item.name)} {value(item.old)} -> {value(item.new)}"


def value(argument: Attr) -> str:
    """An argument of a layer: "3x3", "none", "zeros"."""
    text = "none" if argument is None else joined(argument) if isinstance(argument, tuple) else str(argument)
    return plain(text if len(text) <= _TEXT else f"{text[: _TEXT - 1]}…")


def follows(change: LayerChange) -> str:
    """What a layer that was left alone has from those before it: "reads 1x64x56x56 -> 1x128x56x56"."""
    old, new = change.old, change.new
    if old is None or new is None:
        return ""
    if change.reread:
        return f"reads {_shapes(old.input_shapes)} -> {_shapes(new.input_shapes)}"
    if change.status == "edited":
        return "its numbers changed, and neither its arguments nor what it reads"
    return "sees more or less of the input"


def output(change: LayerChange) -> str:
    """ "1x64x56x56 -> 1x64x28x28" where the output's shape changed."""
    old, new = change.old, change.new
    if old is None or new is None or not change.reshaped:
        return ""
    return f"{_shapes(old.output_shapes)} -> {_shapes(new.output_shapes)}"


def field(change: LayerChange) -> str:
    """The receptive field, before and after where it changed."""
    sizes = [
        None if layer is None or layer.receptive_field is None else layer.receptive_field.size
        for layer in (change.old, change.new)
    ]
    old, new = sizes
    if old is None or new is None:
        seen = old if new is None else new
        return "" if seen is None else _sizes(seen)
    return _sizes(new) if old == new else f"{_sizes(old)} -> {_sizes(new)}"


def inputs(profile: Profile) -> str:
    """ "images 1x3x224x224, mask 1x20"."""
    guessed = {"inferred": " (INFERRED)", "declared": " (DECLARED)"}
    return ", ".join(f"{plain(item.name)} {shape(item.shape)}{guessed.get(item.source, '')}" for item in profile.inputs)


def census(comparison: Comparison) -> str:
    """ "17 edited, 11 added; 129 follow, 40 are as they were"."""
    found = counted_by(comparison.layers)
    done = [f"{found[status]:,} {status}" for status in ("edited", "added", "removed") if found[status]]
    follow = f"{found['follows']:,} follow{'s' if found['follows'] == 1 else ''}" if found["follows"] else ""
    same = f"{found['same']:,} {'is as it was' if found['same'] == 1 else 'are as they were'}" if found["same"] else ""
    return "; ".join(part for part in (", ".join(done), ", ".join(filter(None, (follow, same)))) if part) or "no layers"


def followers(comparison: Comparison) -> str:
    """What the layers that were left alone have from those that were not: "129 layers: 9 read other shapes, ..."."""
    found = comparison.of("follows")
    reread = sum(change.reread for change in found)
    if not reread:
        return f"{counted(len(found), 'layer')}: they see more or less of the input, and cost what they did"
    rest = f", {len(found) - reread:,} only see more or less of the input" if len(found) > reread else ""
    return f"{counted(len(found), 'layer')}: {reread:,} read other shapes{rest}"


def tally(findings: FindingsDiff) -> str:
    """ "2 new, 1 fixed, 3 as before"."""
    words: dict[FindingStatus, str] = {
        "new": "new",
        "fixed": "fixed",
        "moved": "with a renamed layer",
        "regraded": "of another severity",
    }
    told = [f"{findings.places(status):,} {word}" for status, word in words.items() if findings.places(status)]
    return ", ".join((*(told or ["none is new, none is fixed"]), f"{findings.kept:,} as before"))


def finding(change: FindingChange) -> str:
    """ "new warning DRP007 dropout-before-batchnorm"."""
    regraded = f"{change.was} -> {change.severity}" if change.status == "regraded" else change.severity
    return f"{change.status} {regraded} {plain(change.rule)} {plain(change.name)}"


def at(change: FindingChange) -> str:
    """Where it is, in words: "layer2.conv (+3 more)"; the old name of a renamed layer before the new one."""
    first = change.places[0]
    moved = f"{plain(first.old)} -> {plain(first.new)}" if change.status == "moved" else plain(first.new or first.old)
    more = f" (+{len(change.places) - 1} more)" if len(change.places) > 1 else ""
    return (moved or "the model") + more


def line(change: FindingChange) -> str:
    """`model.py:18:22` of its first place."""
    return place(change.places[0].location, "")


def verdict(item: Judged) -> str:
    """ "params > +5%: holds (25,557,032 -> 45,676,584, +78.72 %)"."""
    return f"{plain(item.condition.text)}: {answer(item)} ({plain(item.found)})"


def answer(item: Judged) -> str:
    """What has to be acted on in capitals."""
    if isinstance(item.holds, Unknown):
        return "CANNOT BE TOLD"
    return "HOLDS" if item.holds else "does not hold"


def outcome(comparison: Comparison) -> str:
    """The last line: whether a condition fails the run."""
    untold = sum(isinstance(item.holds, Unknown) for item in comparison.conditions)
    holds = sum(item.holds is True for item in comparison.conditions)
    parts = [f"{counted(holds, '--fail-if condition')} {'holds' if holds == 1 else 'hold'}"] if holds else []
    parts += [f"{counted(untold, '--fail-if condition')} cannot be told"] if untold else []
    return f"failed: {', '.join(parts)}" if parts else "passed: no --fail-if condition holds"


def worst(findings: FindingsDiff) -> str:
    """The severities of the new findings: "1 error, 2 warnings"."""
    new = [change for change in findings.changes if change.status == "new"]
    told = []
    for severity in SEVERITIES:
        count = sum(len(change.places) for change in new if change.severity == severity)
        told += [f"{count:,} advice" if severity == "advice" else counted(count, severity)] if count else []
    return ", ".join(told)


def side(change: TotalChange, index: int, unit: Callable[[int], str]) -> str:
    """One side of a sum; what is missing from it is a question mark."""
    quantity = (change.old, change.new)[index]
    if not isinstance(quantity, Unknown):
        return unit(quantity)
    return f"{unit(change.known[index])}+?" if change.known[index] else "?"


def grown(delta: Sizes) -> str:
    """A receptive field's difference: "+56", "-4x-8"."""
    if isinstance(delta, Unknown):
        return "?"
    return per_axis(tuple(signed(axis) for axis in delta)) if delta else ""


def _sizes(sizes: Sizes) -> str:
    if isinstance(sizes, Unknown):
        return "?"
    return per_axis(sizes) if sizes else "-"


def _shapes(shapes: tuple[tuple[int, ...], ...]) -> str:
    return ", ".join(map(shape, shapes)) or "nothing"
