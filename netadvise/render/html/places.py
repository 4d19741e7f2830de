"""Places for dropout, as a page shows them: what is there, what is usual, what is refused, and who says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from netadvise.dropout import DropoutReport
from netadvise.position import ExistingDropout
from netadvise.render.findings.wording import place
from netadvise.render.html.links import Link, linked, sources
from netadvise.render.html.parts import Grid, Told, grid, told
from netadvise.render.positions.rows import Row, accepted_rows, refused_rows
from netadvise.render.positions.summary import below, headline, last_word, state
from netadvise.render.positions.view import DropoutView
from netadvise.render.text import counted


@dataclass(frozen=True, slots=True)
class Item:
    """Places that are alike."""

    places: tuple[Link, ...]
    where: str
    variant: str
    rates: str
    rule: str
    grade: str
    reason: str
    why: str
    unmade: str
    refs: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """Everything that is conventionally said about dropout in one network."""

    headline: str
    last_word: str
    existing: Grid | None
    accepted: tuple[Item, ...]
    refused: tuple[Item, ...]
    refused_count: str
    sentences: Told


def places(report: DropoutReport, view: DropoutView, anchors: Mapping[str, int]) -> Places:
    """The static part of a dropout report."""
    static = report.positions
    return Places(
        headline(report),
        last_word(report)[1],
        _existing(static.existing) if static.existing else None,
        tuple(_item(row, anchors) for row in accepted_rows(static.accepted)),
        tuple(_item(row, anchors) for row in refused_rows(static.refused)),
        counted(len(static.refused), "place"),
        told(below(report, view)),
    )


def _item(row: Row, anchors: Mapping[str, int]) -> Item:
    first = row.first
    return Item(
        tuple(linked(position.place, anchors.get(position.layer)) for position in row.positions),
        place(first.location, ""),
        first.variant,
        row.rates,
        f"{first.rule} {first.name}",
        first.confidence,
        first.reason,
        first.why,
        next((position.unmade for position in row.positions if position.unmade), ""),
        sources(first.refs),
    )


def _existing(there: tuple[ExistingDropout, ...]) -> Grid:
    header = ("dropout that is there", "variant", "rate", "state", "where", "remarks")
    lines = (
        (
            item.layer,
            item.variant,
            "?" if item.rate is None else f"{item.rate:g}",
            state(item),
            place(item.location, ""),
            "; ".join(item.remarks),
        )
        for item in there
    )
    return grid(header, lines, ("rate",))
