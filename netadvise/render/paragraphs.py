"""Labelled sentences and aligned columns, as reports for a terminal have them."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterable, Iterator, Sequence

from rich.cells import cell_len

Statement = tuple[str, str]
"""A label and a sentence; without a label it goes on where the last one ended."""

GAP = 2
"""Spaces between columns."""
_LABEL = 11
_WRAPPED = 110


def said(sentences: Iterable[Statement], width: int | None, indent: int = 0) -> Iterator[str]:
    """Label and sentence; wrapped, on a terminal, under the sentence."""
    lead = " " * indent
    for label, sentence in sentences:
        first = f"{lead}{label:<{_LABEL}} "
        if width is None:
            yield (first + sentence).rstrip()
            continue
        yield from textwrap.wrap(
            sentence,
            max(40, min(width, _WRAPPED)),
            initial_indent=first,
            subsequent_indent=" " * len(first),
            break_on_hyphens=False,
            break_long_words=False,
        ) or [first.rstrip()]


def widths_of(rows: Sequence[Sequence[str]]) -> list[int]:
    """The columns that the widest cell of each takes."""
    return [max(cell_len(row[index]) for row in rows) for index in range(len(rows[0]))]


def line(cells: Sequence[str], widths: Sequence[int], right: Collection[int] = ()) -> str:
    """One row; the columns of `right` end where the others begin."""
    placed = []
    for index, (text, width) in enumerate(zip(cells, widths, strict=True)):
        blank = " " * (width - cell_len(text))
        placed.append(blank + text if index in right else text + blank)
    return (" " * GAP).join(placed).rstrip()


def aligned(rows: Sequence[Sequence[str]], right: Collection[int] = ()) -> Iterator[str]:
    """Rows of equally many cells, one below the other."""
    if rows:
        widths = widths_of(rows)
        yield from (line(row, widths, right) for row in rows)
