"""The stretch of source that a location begins: the call that stands there, as far as the source is at hand."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache

from netadvise.graph import Location
from netadvise.render.findings.view import LintView


@dataclass(frozen=True, slots=True)
class Span:
    """From a line and column to just behind another; lines and columns from 1, columns in characters."""

    line: int
    column: int | None
    end_line: int
    end_column: int | None


def span(location: Location, view: LintView) -> Span:
    """The call at `location`; where no call is found there, the place alone, without an end column."""
    call = call_at(location, view)
    if call is None:
        return Span(location.line, location.column, location.line, None)
    return span_of(call, view.sources[location.file])


def call_at(location: Location, view: LintView) -> ast.Call | None:
    """The call in the source that begins at `location`; of `nn.ReLU()(x)`, where two begin, the constructor."""
    lines = view.sources.get(location.file)
    if lines is None or location.column is None or not 0 < location.line <= len(lines):
        return None
    offset = len(lines[location.line - 1][: location.column - 1].encode("utf-8", "replace"))
    return _calls(lines).get((location.line, offset))


def span_of(node: ast.expr, lines: tuple[str, ...]) -> Span:
    """Where an expression of the source `lines` stands; `ast` counts bytes."""
    end_line, end_offset = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
    return Span(
        node.lineno,
        _column(lines, node.lineno, node.col_offset),
        end_line,
        _column(lines, end_line, end_offset),
    )


def _column(lines: tuple[str, ...], line: int, offset: int) -> int:
    return len(lines[line - 1].encode("utf-8", "replace")[:offset].decode("utf-8", "replace")) + 1


@lru_cache(maxsize=64)
def _calls(lines: tuple[str, ...]) -> dict[tuple[int, int], ast.Call]:
    """The innermost call of a source by the line and byte at which it begins; none when it is no Python."""
    try:
        tree = ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    return {(node.lineno, node.col_offset): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
