"""The report for a terminal: existing dropouts, places by convention, refused ones, then what training found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netadvise.dropout import DropoutReport
from netadvise.position import ExistingDropout
from netadvise.render.evidence.study import setting
from netadvise.render.evidence.table import table as studied
from netadvise.render.findings.wording import place
from netadvise.render.paragraphs import GAP, aligned, line, said, widths_of
from netadvise.render.positions.rows import Row, accepted_rows, refused_rows
from netadvise.render.positions.summary import below, heading, last_word, offered, outcome, refused, state
from netadvise.render.positions.view import DropoutView
from netadvise.render.suggestions.wording import layers
from netadvise.render.text import plain

_OFFERED = ("#", "candidate place", "variant", "rates, usual first", "grade")
_EXISTING = ("existing dropout", "variant", "rate", "state", "where")


def table(report: DropoutReport, view: DropoutView) -> str:
    """The sections that have something to say, with a blank line between them."""
    static = report.positions
    sections = (
        said(heading(static), view.width),
        _existing(static.existing, view),
        _offered(accepted_rows(static.accepted), view),
        _refused(refused_rows(static.refused), view),
        said(below(report, view), view.width),
        () if report.study is None else said(setting(report.study), view.width),
        () if report.study is None else studied(report.study, view.width),
        said((*outcome(report, view), last_word(report)), view.width),
    )
    texts = ("\n".join(section) for section in sections)
    return "\n\n".join(text for text in texts if text) + "\n"


def _existing(items: Sequence[ExistingDropout], view: DropoutView) -> Iterator[str]:
    if not items:
        return
    rows = [_EXISTING, *(_cells(item) for item in items)]
    header, *lines = aligned(rows, (2,))
    yield header
    for item, text in zip(items, lines, strict=True):
        yield text
        yield from said((("", plain(remark)) for remark in item.remarks), view.width)


def _cells(item: ExistingDropout) -> tuple[str, ...]:
    rate = "?" if item.rate is None else f"{item.rate:g}"
    return plain(item.layer), plain(item.variant), rate, state(item), place(item.location, "")


def _offered(rows: Sequence[Row], view: DropoutView) -> Iterator[str]:
    if not rows:
        yield "no place where dropout is usual"
        return
    cells = [
        (str(number), layers(row.names), plain(row.first.variant), row.rates, row.first.confidence)
        for number, row in enumerate(rows, 1)
    ]
    widths = widths_of((_OFFERED, *cells))
    yield line(_OFFERED, widths, (0,))
    for row, texts in zip(rows, cells, strict=True):
        yield ""
        yield line(texts, widths, (0,))
        yield from said(offered(row), view.width, widths[0] + GAP)


def _refused(rows: Sequence[Row], view: DropoutView) -> Iterator[str]:
    if not rows:
        return
    yield "refused places" + ("" if view.verbose else " (-v lists all)")
    for row in rows:
        yield ""
        yield from said(refused(row, view), view.width)
