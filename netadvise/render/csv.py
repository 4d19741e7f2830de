"""One line per row with exact numbers, for spreadsheets and data frames."""

from __future__ import annotations

import csv as codec
import io

from netadvise.profiles import Profile, Sizes
from netadvise.quantity import Quantity, Unknown, total
from netadvise.render.columns import channels, kernel
from netadvise.render.text import joined, plain
from netadvise.render.view import Row, View, rows

_FIELDS = ("receptive_field", "receptive_field_min", "receptive_field_strict", "receptive_field_clipped")
HEADER = (
    *("name", "kind", "count", "call", "file", "line", "kernel", "channels", "input_shape", "output_shape"),
    *("params", "trainable_params", "macs", "flops", "other_ops", "activation_bytes"),
    *_FIELDS,
    *("jump", "unknown"),
)


def csv(profile: Profile, view: View) -> str:
    """The rows of `view`; a number that is unknown is an empty cell with its reason in the last column."""
    out = io.StringIO()
    writer = codec.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(_cells(row) for row in rows(profile, view))
    return out.getvalue()


def _cells(row: Row) -> list[str]:
    last, unknown = row.last, dict[str, str]()
    view = last.receptive_field
    fields: tuple[Sizes, ...] = ((),) * 4 if view is None else (view.size, view.narrowest, view.strict, view.clipped)
    jump = () if view is None else view.jump
    return [
        *(_text(row.name), _text(row.kind), str(row.times), str(last.call) if row.single else ""),
        *(("", "") if row.location is None else (_text(row.location.file), str(row.location.line))),
        *(kernel(row), channels(row), _shapes(row.layers[0].input_shapes), _shapes(last.output_shapes)),
        *(str(row.params), str(sum(layer.trainable_params for layer in row.layers))),
        _number("macs", row.macs, unknown),
        _number("flops", row.flops, unknown),
        _number("other_ops", row.other_ops, unknown),
        _number("activation_bytes", row.activation_bytes, unknown),
        *(_extent(key, sizes, unknown) for key, sizes in zip(_FIELDS, fields, strict=True)),
        "" if isinstance(jump, Unknown) else joined(jump),
        _text("; ".join(f"{key}: {reason}" for key, reason in unknown.items())),
    ]


def _text(text: str) -> str:
    """A name as text: a spreadsheet would run a cell that starts with one of these signs."""
    safe = plain(text)
    return f"'{safe}" if safe.startswith(("=", "+", "-", "@")) else safe


def _shapes(shapes: tuple[tuple[int, ...], ...]) -> str:
    return " ".join(joined(shape) or "scalar" for shape in shapes)


def _number(key: str, quantities: tuple[Quantity, ...], unknown: dict[str, str]) -> str:
    result = total(quantities)
    if isinstance(result, Unknown):
        unknown[key] = result.reason
        return ""
    return str(result)


def _extent(key: str, sizes: Sizes, unknown: dict[str, str]) -> str:
    if isinstance(sizes, Unknown):
        unknown[key] = sizes.reason
        return ""
    return joined(sizes)
