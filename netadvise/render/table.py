"""The report for a terminal: as many columns as the width holds, every row on one line."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from netadvise.profiles import Profile, Totals
from netadvise.render import statements
from netadvise.render.columns import COLUMNS, Column, field
from netadvise.render.text import human, human_bytes
from netadvise.render.view import Row, View, rows

_GAP = 2


@dataclass(frozen=True, slots=True)
class _Filled:
    column: Column
    cells: tuple[str, ...]

    @property
    def natural(self) -> int:
        return max(cell_len(text) for text in (self.column.header, *self.cells))

    @property
    def least(self) -> int:
        natural = self.natural
        return natural if self.column.least is None else min(natural, self.column.least)


def table(profile: Profile, view: View) -> str:
    """The heading, one line per row, the totals, and what is to be said about them."""
    shown = rows(profile, view)
    filled = [_fill(column, shown, profile.totals) for column in COLUMNS]
    chosen = _fitting([item for item in filled if any(item.cells[:-1])], view.width)
    widths = _widths(chosen, view.width)
    lines = [_line([item.cells[index] for item in chosen], chosen, widths) for index in range(len(shown) + 1)]
    header = _line([item.column.header for item in chosen], chosen, widths)
    rule = "-" * (sum(widths) + _GAP * (len(widths) - 1))
    return "\n".join(
        [
            *_said(statements.heading(profile), view.width),
            "",
            *([header, rule, *lines[:-1], rule, lines[-1], ""] if shown else ["no layer matches", ""]),
            *_said(statements.totals(profile), view.width),
            *_said(statements.gaps(profile), view.width),
            *_said(statements.conventions(shown), view.width),
            *_said(statements.remarks(profile, view, shown), view.width),
            *_said(statements.second_opinion(view.opinion), view.width),
            "",
        ]
    )


def _fill(column: Column, shown: tuple[Row, ...], totals: Totals) -> _Filled:
    last = {
        "layer": "total",
        "params": human(totals.params),
        "MACs": human(totals.macs),
        "other ops": human(totals.other_ops),
        "memory": human_bytes(totals.activation_bytes),
        "field": field(totals.receptive_field),
    }
    cells = [column.text(row, totals) for row in shown]
    return _Filled(column, (*cells, last.get(column.header, "")))


def _fitting(filled: list[_Filled], width: int | None) -> list[_Filled]:
    """The columns of lowest rank whose least widths fit, from left to right."""
    if width is None:
        return filled
    kept: list[_Filled] = []
    left = width + _GAP
    for item in sorted(filled, key=lambda item: item.column.rank):
        if left >= item.least + _GAP or not kept:
            kept.append(item)
            left -= item.least + _GAP
    return [item for item in filled if item in kept]


def _widths(chosen: list[_Filled], width: int | None) -> list[int]:
    """The least width of each column, then what is left over, from left to right."""
    if width is None:
        return [item.natural for item in chosen]
    widths = [item.least for item in chosen]
    left = width - sum(widths) - _GAP * (len(widths) - 1)
    for index, item in enumerate(chosen):
        more = max(0, min(left, item.natural - widths[index]))
        widths[index] += more
        left -= more
    return widths


def _line(cells: list[str], chosen: list[_Filled], widths: list[int]) -> str:
    placed = [_placed(text, item.column, width) for text, item, width in zip(cells, chosen, widths, strict=True)]
    return (" " * _GAP).join(placed).rstrip()


def _placed(text: str, column: Column, width: int) -> str:
    size = cell_len(text)
    if size > width:
        text = set_cell_size(text, width - 1) + "…" if column.cut == "end" else "…" + _tail(text, width - 1)
        size = cell_len(text)
    blank = " " * (width - size)
    return blank + text if column.align == "right" else text + blank


def _tail(text: str, width: int) -> str:
    while cell_len(text) > width:
        text = text[1:]
    return text


def _said(sentences: Iterable[tuple[str, str]], width: int | None) -> Iterator[str]:
    """Label and sentence; wrapped, when there is a width, under the sentence."""
    for label, sentence in sentences:
        indent = " " * 12
        if width is None:
            yield f"{label:<11} {sentence}"
            continue
        yield from textwrap.wrap(
            sentence, max(width, 40), initial_indent=f"{label:<11} ", subsequent_indent=indent, break_on_hyphens=False
        ) or [label]
