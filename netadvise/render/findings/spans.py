"""The stretch of source that a location begins: the call that stands there, as far as the source is at hand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from netadvise.graph import Location
from netadvise.render.findings.view import LintView
from netadvise.source import Source


@dataclass(frozen=True, slots=True)
class Span:
    """From a line and column to just behind another; lines and columns from 1, columns in characters."""

    line: int
    column: int | None
    end_line: int
    end_column: int | None


def span(location: Location, view: LintView) -> Span:
    """The call at `location`, of `nn.ReLU()(x)` the constructor; where there is none, the place without an end."""
    source = _source(view.sources.get(location.file))
    calls = () if source is None else source.calls_at(location)
    if source is None or not calls:
        return Span(location.line, location.column, location.line, None)
    _, end = source.span(calls[0])
    return Span(location.line, location.column, *source.position(end))


@lru_cache(maxsize=64)
def _source(lines: tuple[str, ...] | None) -> Source | None:
    if lines is None:
        return None
    try:
        return Source.of_text("", "\n".join(lines))
    except ValueError:
        return None
