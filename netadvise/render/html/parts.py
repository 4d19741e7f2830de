"""What pages are put together from. None of it is HTML yet: templates write it, and escape every text."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from netadvise.render.paragraphs import Statement


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; the columns of numbers are set to the right."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Figure:
    """A plot, drawn for wide and for narrow windows, and what it says in words and numbers."""

    title: str
    sentence: str
    """What is to be seen in it."""
    grid: Grid
    """The same as numbers."""
    wide: Markup | None = None
    """None where nothing can draw: then the table is shown in its place."""
    narrow: Markup | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page: a template, and what it writes."""

    id: str
    title: str
    template: str
    content: object


@dataclass(frozen=True, slots=True)
class Card:
    """One number that matters."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """Labelled sentences."""

    sentences: tuple[Statement, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.sentences)


def told(*groups: Iterable[Statement]) -> Told:
    """All of these sentences."""
    return Told(tuple(sentence for group in groups for sentence in group))


def grid(header: Sequence[str], rows: Iterable[Sequence[str]], right: Collection[str] = ()) -> Grid:
    """A table whose columns named in `right` hold numbers."""
    places = frozenset(index for index, name in enumerate(header) if name in right)
    return Grid(tuple(header), tuple(tuple(row) for row in rows), places)
