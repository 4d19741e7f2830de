"""The report for a terminal: the sums side by side, one line for what was done to each layer, and what follows."""

from __future__ import annotations

from collections.abc import Iterator

from netadvise.comparison import Comparison
from netadvise.render.diffs import wording
from netadvise.render.diffs.summary import heading, remarks
from netadvise.render.diffs.view import DiffView, Group, groups
from netadvise.render.findings.wording import place
from netadvise.render.paragraphs import GAP, Statement, aligned, line, said, widths_of
from netadvise.render.text import human_bytes, plain

_HEADER = ("", "layer", "params", "MACs", "memory", "field")
_RIGHT = (2, 3, 4)


def table(comparison: Comparison, view: DiffView) -> str:
    """The two networks, their sums, the layers that somebody changed, and what is to be said about all of it."""
    return "\n".join(
        [
            *said(heading(comparison), view.width),
            "",
            *_sums(comparison),
            "",
            *said([("layers", _layers(comparison))], view.width),
            *_groups(groups(comparison, view), view),
            "",
            *said(remarks(comparison, view), view.width),
            "",
        ]
    )


def _layers(comparison: Comparison) -> str:
    if comparison.identical:
        return f"{wording.census(comparison)}: the two networks are the same"
    return wording.census(comparison)


def _sums(comparison: Comparison) -> Iterator[str]:
    yield from aligned([("", "OLD", "NEW", "change"), *wording.sums(comparison)], right=(1, 2))


def _groups(shown: tuple[Group, ...], view: DiffView) -> Iterator[str]:
    """One line of numbers for each, and below it what was done, and where."""
    if not shown:
        return
    rows = [_cells(group) for group in shown]
    widths = widths_of((_HEADER, *rows))
    indent = widths[0] + GAP
    yield ""
    yield line(_HEADER, widths, _RIGHT)
    for group, row in zip(shown, rows, strict=True):
        if not view.verbose:
            yield ""
        yield line(row, widths, _RIGHT)
        yield from said(_details(group), view.width, indent)


def _cells(group: Group) -> tuple[str, ...]:
    return (
        group.status,
        wording.names(group),
        wording.unless_zero(group.params),
        wording.unless_zero(group.macs),
        wording.unless_zero(group.activation_bytes, human_bytes),
        wording.field(group.first) if not group.whole else wording.field(group.layers[-1]),
    )


def _details(group: Group) -> Iterator[Statement]:
    change = group.first
    at = place(change.layer.location or change.layer.called_at, "")
    was = " in OLD" if group.status == "removed" else ""
    if at and group.status != "follows":
        yield "at", f"{at}{was}"
    if group.whole:
        yield "layers", f"{len(group.layers):,}: {wording.kinds(group)}"
    elif group.status in ("added", "removed"):
        yield "is", wording.form(group)
    else:
        yield "change", f"{plain(change.layer.kind)}: {wording.what(group)}"
    if output := wording.output(change):
        yield "output", output
