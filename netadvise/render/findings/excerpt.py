"""A line of the user's source with the call on it underlined, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len, set_cell_size

from netadvise.graph import Location
from netadvise.render.findings.paint import paint
from netadvise.render.findings.spans import span
from netadvise.render.findings.view import LintView
from netadvise.render.text import plain
from netadvise.rule import Severity

_LONGEST = 160
_KEPT = 20
"""Columns that stay visible in front of a call far to the right."""
_TAB = "    "


def gutter(location: Location | None) -> str:
    """Blanks as wide as the number of the line, in front of the bar."""
    return " " * (1 if location is None else len(str(location.line)))


def excerpt(location: Location, severity: Severity, view: LintView) -> Iterator[str]:
    """The line and its underline; nothing where the source is not at hand."""
    lines = view.sources.get(location.file, ())
    if not 0 < location.line <= len(lines):
        return
    line = lines[location.line - 1]
    bar = paint("|", "frame", view)
    begin, end = _marked(location, line, view)
    before, marked = _shown(line[:begin]), _shown(line[begin:end])
    whole = before + marked + _shown(line[end:].rstrip())
    room = max(view.width or _LONGEST, 40) - len(str(location.line)) - 3
    cut = 0 if cell_len(whole) <= room else max(0, min(cell_len(before) - _KEPT, cell_len(whole) - room))
    caret = "^" * max(1, min(cell_len(marked), room - (cell_len(before) - cut)))
    yield f"{gutter(location)} {bar}"
    yield f"{paint(str(location.line), 'frame', view)} {bar} {_window(whole, cut, room)}"
    yield f"{gutter(location)} {bar} {' ' * (cell_len(before) - cut)}{paint(caret, severity, view)}"


def _marked(location: Location, line: str, view: LintView) -> tuple[int, int]:
    """The part of the line to underline: the call, as far as it stands there; all of it where no column is known."""
    found = span(location, view)
    indent = len(line) - len(line.lstrip())
    if found.column is None or found.column > len(line):
        return indent, len(line.rstrip())
    begin = found.column - 1
    if found.end_column is None:
        return begin, begin + 1
    return begin, found.end_column - 1 if found.end_line == found.line else len(line.rstrip())


def _shown(text: str) -> str:
    return plain(text.replace("\t", _TAB))


def _window(text: str, cut: int, room: int) -> str:
    """`room` columns of `text` from column `cut` on, with an ellipsis at each end that is cut."""
    dropped = 0
    while cut and dropped <= cut:
        dropped += cell_len(text[0])
        text = text[1:]
    text = f"…{text}" if cut else text
    return text if cell_len(text) <= room else set_cell_size(text, room - 1) + "…"
