"""Where a position inside a scalar's value stands in the file: the column of a misspelt name in a quoted expression."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from netadvise.check.problems import Spot
from netadvise.check.yaml import Scalar

_LETTERS = {
    "'": re.compile("''|."),
    '"': re.compile(r"\\(?:x.{2}|u.{4}|U.{8}|.)|."),
}
_LETTER = re.compile(".")


def place_in(lines: Sequence[str], scalar: Scalar, offset: int) -> Spot:
    """The place of the character at `offset` of the scalar's value.

    Exact for scalars on one line, quoted or not, and for block and folded scalars without blank lines; where lines
    are folded in other ways, the start of the scalar.
    """
    left = offset
    for line, column, row in _rows(lines, scalar):
        widths = [len(found[0]) for found in _LETTERS.get(scalar.style, _LETTER).finditer(row)]
        if left <= len(widths):
            return Spot(line, column + sum(widths[:left]))
        left -= len(widths) + 1
    return Spot(scalar.line, scalar.column)


def _rows(lines: Sequence[str], scalar: Scalar) -> Iterator[tuple[int, int, str]]:
    """The rows of text that make up a scalar, each with its line and first column."""
    if scalar.style in ("|", ">"):
        yield from _block(lines, scalar)
        return
    opening = 1 if scalar.style else 0
    first = lines[scalar.line - 1][scalar.column - 1 + opening :]
    yield scalar.line, scalar.column + opening, first if _on_one_line(scalar, first) else first.rstrip()
    for line, row in enumerate(lines[scalar.line :], scalar.line + 1):
        yield line, len(row) - len(row.lstrip()) + 1, row.strip()


def _on_one_line(scalar: Scalar, row: str) -> bool:
    return not scalar.style or scalar.style in row


def _block(lines: Sequence[str], scalar: Scalar) -> Iterator[tuple[int, int, str]]:
    below = lines[scalar.line :]
    indent = next((len(row) - len(row.lstrip()) for row in below if row.strip()), 0)
    for line, row in enumerate(below, scalar.line + 1):
        yield line, indent + 1, row[indent:]
