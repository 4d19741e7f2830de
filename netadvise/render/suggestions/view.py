"""How a suggestion report is to be shown."""

from __future__ import annotations

from dataclasses import dataclass

from netadvise.suggestion import Suggestion, SuggestionReport


@dataclass(frozen=True, slots=True)
class SuggestView:
    """How to show a suggestion report; JSON holds all of it, whatever the view."""

    width: int | None = None
    """Columns of the terminal; None: no terminal, nothing is wrapped."""
    verbose: bool = False
    """Also every layer's role, every rejected alternative, and the layers behind each edit that change."""
    top: int | None = None
    """Only so many suggestions."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """A suggestion and its number, "3"; another alternative for the same layer has none of its own: "or"."""

    label: str
    suggestion: Suggestion


def numbered(report: SuggestionReport) -> tuple[Numbered, ...]:
    """The shown suggestions with their numbers, which summaries refer to."""
    found: list[Numbered] = []
    number = 0
    for item in report.suggestions:
        number += item.best
        found.append(Numbered(str(number) if item.best else "or", item))
    return tuple(found)


def within(items: tuple[Numbered, ...], view: SuggestView) -> tuple[Numbered, ...]:
    """As many as the view shows."""
    return items if view.top is None else items[: view.top]
