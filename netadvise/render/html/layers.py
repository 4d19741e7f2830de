"""The table of layers, with a key to sort each cell by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from netadvise.profiles import Profile
from netadvise.quantity import Unknown, known
from netadvise.render.columns import COLUMNS
from netadvise.render.view import Row, View, rows

_LEFT_OUT = ("%",)
"""Columns that say again what another says."""

Key = Callable[[Row], int]


def _largest(row: Row) -> int:
    sizes = row.receptive_field
    return -1 if isinstance(sizes, Unknown) else max(sizes, default=0)


_KEYS: Mapping[str, Key] = {
    "params": lambda row: row.params,
    "MACs": lambda row: known(row.macs),
    "other ops": lambda row: known(row.other_ops),
    "memory": lambda row: known(row.activation_bytes),
    "field": _largest,
}
"""What columns of numbers are sorted by; the others by their text."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column."""

    name: str
    right: bool
    hint: str


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell, and the number that it is sorted by."""

    text: str
    key: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """One row; `number` counts them as they ran."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class LayerTable:
    """The whole table."""

    heads: tuple[Head, ...]
    lines: tuple[Line, ...]
    whole: int
    """Layers of the network."""


_HINTS = {
    "MACs": "multiply-accumulates of convolutions, linear layers, products and recurrences; FLOPs are twice that",
    "other ops": "element-wise operations, norms and pooling",
    "memory": "bytes of the outputs",
    "field": "pixels of the input that one unit sees along the spatial path; * sees all of it through a side path, "
    "~ alternates between units",
    "kernel": "size, /stride, d dilation, g groups",
}


def layer_table(profile: Profile, view: View, rules: Mapping[str, tuple[str, ...]]) -> LayerTable:
    """The rows that `view` asks for; `rules` are those that found something, by layer."""
    shown = rows(profile, view)
    chosen = [
        column
        for column in COLUMNS
        if column.header not in _LEFT_OUT and any(column.text(row, profile.totals) for row in shown)
    ]
    heads = [Head(column.header, column.align == "right", _HINTS.get(column.header, "")) for column in chosen]
    found_lines = []
    for number, row in enumerate(shown):
        cells = [Cell(column.text(row, profile.totals), _key(column.header, row)) for column in chosen]
        if rules:
            found = tuple(dict.fromkeys(rule for layer in row.layers for rule in rules.get(layer.name, ())))
            cells.append(Cell(" ".join(found), None))
        found_lines.append(Line(number, tuple(cells)))
    if rules:
        heads.append(Head("findings", right=False, hint="rules that found something here"))
    return LayerTable(tuple(heads), tuple(found_lines), len(profile.layers))


def anchors(profile: Profile, view: View) -> Mapping[str, int]:
    """Where the table has each layer, for links to it."""
    found: dict[str, int] = {}
    for number, row in enumerate(rows(profile, view)):
        for layer in row.layers:
            found.setdefault(layer.name, number)
    return found


def lines(profile: Profile, view: View) -> Mapping[int, int]:
    """Where the table has each row of the profile, by its position in it."""
    place = {id(layer): index for index, layer in enumerate(profile.layers)}
    return {place[id(layer)]: number for number, row in enumerate(rows(profile, view)) for layer in row.layers}


def _key(header: str, row: Row) -> int | None:
    key = _KEYS.get(header)
    return None if key is None else key(row)
