"""The head of a page: whether a condition fails the run, what changed in numbers, and what the numbers leave out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from netadvise.comparison import Comparison, TotalChange
from netadvise.quantity import Unknown
from netadvise.render.diffs import wording
from netadvise.render.diffs.summary import gaps, heading
from netadvise.render.diffs.view import SHOWN
from netadvise.render.html.parts import Card, Grid, Told, grid, told
from netadvise.render.text import counted

_CARDS = ("params", "macs", "peak_activation_bytes")
_SUMS = ("", "OLD", "NEW", "change", "of OLD")
_LISTED = 12


@dataclass(frozen=True, slots=True)
class Summary:
    """The outcome is empty, and there is no table of conditions, where none was given."""

    outcome: str
    failed: bool
    conditions: Grid | None
    cards: tuple[Card, ...]
    census: str
    sentences: Told
    sums: Grid
    notes: Told


@dataclass(frozen=True, slots=True)
class Renamed:
    """Names that changed."""

    grid: Grid
    said: str
    open: bool


def summary(comparison: Comparison) -> Summary:
    """What a reader should see first."""
    asked = comparison.conditions
    same = ": the two networks are the same" if comparison.identical else ""
    return Summary(
        outcome=wording.outcome(comparison) if asked else "",
        failed=any(item.holds is True or isinstance(item.holds, Unknown) for item in asked),
        conditions=_conditions(comparison) if asked else None,
        cards=tuple(_cards(comparison)),
        census=f"Layers: {wording.census(comparison)}{same}.",
        sentences=told(heading(comparison)),
        sums=grid(_SUMS, _sums(comparison), _SUMS[1:]),
        notes=told(gaps(comparison)),
    )


def renames(comparison: Comparison) -> Renamed:
    """The renames; folded where they are many."""
    found = comparison.renames
    rows = [(item.old or "the model", item.new or "the model", f"{item.layers:,}") for item in found]
    layers = sum(item.layers for item in found)
    said = f"{counted(layers, 'layer')} under another name, matched all the same"
    return Renamed(grid(("OLD", "NEW", "layers"), rows, ("layers",)), said, len(found) <= _LISTED)


def _conditions(comparison: Comparison) -> Grid:
    rows = [(item.condition.text, wording.answer(item), item.found) for item in comparison.conditions]
    return grid(("--fail-if", "answer", "found"), rows)


def _cards(comparison: Comparison) -> Iterator[Card]:
    done = comparison.of(*SHOWN)
    counts = [f"{sum(change.status == status for change in done):,} {status}" for status in SHOWN]
    yield Card("layers changed", f"{len(done):,}", ", ".join(text for text in counts if not text.startswith("0 ")))
    for key in _CARDS:
        label, unit = wording.TOTALS[key]
        change = comparison.total(key)
        yield Card(label, _headline(change, unit), wording.sides(change, unit))
    seen = wording.sum_of_fields(comparison)
    if seen is not None:
        label, old, new, grown = seen
        yield Card(label, grown or "?", old if grown == "0" else f"{old} -> {new}")
    found = comparison.findings
    if isinstance(found, Unknown):
        yield Card("new findings", "?", "not compared")
    else:
        fixed = found.places("fixed")
        yield Card("new findings", f"{found.places('new'):,}", f"{fixed:,} fixed")


def _headline(change: TotalChange, unit: Callable[[int], str]) -> str:
    """The share where there is one, else the difference."""
    return wording.share(change) or wording.signed(change.delta, unit)


def _sums(comparison: Comparison) -> Iterator[tuple[str, ...]]:
    """As `wording.sums`, with the share in a column of its own."""
    for key, (label, unit) in wording.TOTALS.items():
        change = comparison.total(key)
        sides = (wording.side(change, 0, unit), wording.side(change, 1, unit))
        yield label, *sides, wording.signed(change.delta, unit), wording.share(change)
    seen = wording.sum_of_fields(comparison)
    if seen is not None:
        yield *seen, ""
