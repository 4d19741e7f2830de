"""What stands in each column of a report, as text for people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from netadvise.graph import Attr
from netadvise.profiles import Layer, ReceptiveField, Sizes, Totals
from netadvise.quantity import Quantity, Unknown, known
from netadvise.render.text import human, human_bytes, joined, per_axis, percent, plain, shape
from netadvise.render.view import Row


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table."""

    header: str
    text: Callable[[Row, Totals], str]
    rank: int
    """When the width does not hold all columns, those of the highest rank go first."""
    align: Literal["left", "right"] = "left"
    least: int | None = None
    """The column may be cut to so many characters; None: never."""
    cut: Literal["start", "end"] = "start"
    """Which end of a text that is too long is replaced by an ellipsis."""


def kernel(row: Row) -> str:
    """The window and how it moves, as "3x3 /2 d2 g32": stride, dilation and groups where they are not 1."""
    attrs = row.last.attrs if row.single else {}
    parts = [_sizes(attrs.get("kernel_size")), _unless_one("/", attrs.get("stride"))]
    parts += [_unless_one("d", attrs.get("dilation")), _unless_one("g", attrs.get("groups"))]
    if "kernel_size" not in attrs:
        parts = ["to " + _sizes(attrs["output_size"])] if attrs.get("output_size") is not None else []
    return plain(" ".join(part for part in parts if part))


def channels(row: Row) -> str:
    """Channels or features in and out, as "64 -> 128"; one number where there is only one."""
    attrs = row.last.attrs if row.single else {}
    for before, after in (("in_channels", "out_channels"), ("in_features", "out_features")):
        if before in attrs and after in attrs:
            return plain(f"{attrs[before]} -> {attrs[after]}")
    for before, after in (("num_embeddings", "embedding_dim"), ("input_size", "hidden_size")):
        if before in attrs and after in attrs:
            return plain(f"{attrs[before]} -> {attrs[after]}")
    return plain(str(attrs.get("num_features", "")))


def output(row: Row) -> str:
    """The shape of the first output, and how many more there are."""
    shapes = row.last.output_shapes
    if not shapes:
        return ""
    return shape(shapes[0]) + (f" +{len(shapes) - 1}" if len(shapes) > 1 else "")


def amount(quantities: tuple[Quantity, ...], unit: Callable[[int], str] = human) -> str:
    """The sum; "?" where nothing is known, "4.09 G+?" where a part is not."""
    missing = any(isinstance(quantity, Unknown) for quantity in quantities)
    sure = known(quantities)
    if missing:
        return f"{unit(sure)}+?" if sure else "?"
    return unit(sure)


def field(sizes: Sizes) -> str:
    """A receptive field: "7", "7x5", "?" when unknown, "-" where no image reaches the layer."""
    if isinstance(sizes, Unknown):
        return "?"
    return per_axis(sizes) if sizes else "-"


def seen(layer: Layer) -> str:
    """The receptive field with its marks: * the whole input through a side path, ~ the size alternates."""
    view = layer.receptive_field
    return "-" if view is None else field(view.size) + _marks(view)


def source(row: Row) -> str:
    """`file:line`, or nothing."""
    return "" if row.location is None else plain(str(row.location))


def kind(row: Row) -> str:
    """How many identical blocks the row sums over, and the class or function."""
    return (f"{row.times}x " if row.times > 1 else "") + plain(row.kind)


def _marks(view: ReceptiveField) -> str:
    alternates = not isinstance(view.period, Unknown) and any(period > 1 for period in view.period)
    return ("*" if view.culprit else "") + ("~" if alternates else "")


def _sizes(value: Attr) -> str:
    if value is None:
        return ""
    return joined(value) if isinstance(value, tuple) else str(value)


def _unless_one(mark: str, value: Attr) -> str:
    sizes = value if isinstance(value, tuple) else (value,)
    if not sizes or set(sizes) <= {1, None}:
        return ""
    return mark + per_axis(sizes)


def _params(row: Row, _: Totals) -> str:
    return human(row.params) if row.params else ""


COLUMNS: tuple[Column, ...] = (
    Column("layer", lambda row, _: plain(row.name), 0, least=20),
    Column("kind", lambda row, _: kind(row), 1, least=11, cut="end"),
    Column("kernel", lambda row, _: kernel(row), 6),
    Column("in -> out", lambda row, _: channels(row), 9),
    Column("output", lambda row, _: output(row), 5),
    Column("params", _params, 2, "right"),
    Column("%", lambda row, totals: percent(row.params, totals.params) if row.params else "", 10, "right"),
    Column("MACs", lambda row, _: amount(row.macs), 3, "right"),
    Column("%", lambda row, totals: percent(known(row.macs), totals.macs) if known(row.macs) else "", 7, "right"),
    Column("other ops", lambda row, _: amount(row.other_ops), 12, "right"),
    Column("memory", lambda row, _: amount(row.activation_bytes, human_bytes), 11, "right"),
    Column("field", lambda row, _: seen(row.last), 4, "right"),
    Column("source", lambda row, _: source(row), 8, least=16),
)
"""From left to right."""
