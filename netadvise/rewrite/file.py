"""Edits of one file: taken in one after the other, and written together."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Protocol

from netadvise.edit import modules_of
from netadvise.graph import Location
from netadvise.rewrite.call import Construction
from netadvise.rewrite.forward import expression, ran_at
from netadvise.rewrite.names import Names
from netadvise.rewrite.nouns import CannotWrite, How, RefusedError, Rewritten, Splice, Wanted
from netadvise.rewrite.place import constructor, own_location
from netadvise.source import Source


class Spot(Protocol):
    """An expression of the file that edits may change."""

    @property
    def node(self) -> ast.expr: ...

    def splices(self, names: Names, wanted: Sequence[Wanted]) -> tuple[Splice, ...]:
        """What all edits of it come to; raises `RefusedError` where they cannot be written together."""


_SPOTS: Mapping[How, Callable[[Names, Wanted], Spot]] = {
    "built": lambda names, item: Construction(constructor(names.source, names, item.site)),
    "ran": expression,
}
_PLACES: Mapping[How, Callable[[Wanted], Location]] = {"built": lambda item: own_location(item.site), "ran": ran_at}


def place_of(item: Wanted) -> Location:
    """Where an edit is written; raises `RefusedError` where that is not known, or not in a file of the project."""
    return _PLACES[item.how](item)


@dataclass(frozen=True, slots=True)
class _Edited:
    """One expression of the file, all that is asked of it, and the splices that come of that."""

    spot: Spot
    wanted: tuple[Wanted, ...] = ()
    splices: tuple[Splice, ...] = ()


@dataclass(frozen=True)
class FileEdits:
    """A file and the edits that it takes; adding to it gives another one."""

    source: Source
    names: Names
    spots: Mapping[tuple[How, ast.expr], _Edited] = field(default_factory=dict)

    @staticmethod
    def of(source: Source) -> FileEdits:
        """The file without an edit."""
        return FileEdits(source, Names(source))

    def with_edits(self, wanted: Sequence[Wanted]) -> FileEdits:
        """The file with further edits; raises `RefusedError`, with the module, where they cannot all be written."""
        spots, touched = dict(self.spots), []
        for item in wanted:
            with about(item):
                spot = _SPOTS[item.how](self.names, item)
            key = item.how, spot.node
            before = spots.get(key, _Edited(spot))
            spots[key] = replace(before, wanted=(*before.wanted, item))
            touched.append((key, item))
        for key, item in touched:
            with about(item):
                edited = spots[key]
                spots[key] = replace(edited, splices=edited.spot.splices(self.names, edited.wanted))
        found = replace(self, spots=spots)
        if wanted:
            with about(wanted[-1]):
                _ = found.splices
        return found

    @cached_property
    def splices(self) -> tuple[Splice, ...]:
        """All splices in order; raises `RefusedError` where two of them change the same characters."""
        every = (splice for edited in self.spots.values() for splice in edited.splices)
        ordered = sorted(every, key=lambda splice: (splice.start, splice.end, splice.order or ()))
        for one, following in pairwise(ordered):
            beside = one.order is not None and following.order is not None
            if following.start < one.end or (following.start == one.start and not beside):
                line = self.source.line_of(one.start)
                raise RefusedError("another edit changes the same call", Location(self.source.file, line), clash=True)
        return tuple(ordered)

    def written(self) -> Rewritten:
        """The new file; raises `ValueError` where it would be no Python any more."""
        text = spliced(self.source.text, self.splices)
        return Rewritten(self.source.with_text(text).content, self.splices)


def rewrite(source: Source, wanted: Sequence[Wanted]) -> Rewritten | CannotWrite:
    """The file with all edits written into it: outside the calls that they change, every byte is as it was."""
    try:
        return FileEdits.of(source).with_edits(wanted).written()
    except RefusedError as refused:
        return CannotWrite(refused.reason, refused.location, refused.module)
    except ValueError as error:
        return CannotWrite(f"the result could not be read back: {error}")


def spliced(text: str, splices: Sequence[Splice]) -> str:
    """The text with every stretch exchanged; the splices stand in order."""
    parts, behind = [], 0
    for splice in splices:
        parts += [text[behind : splice.start], splice.text]
        behind = splice.end
    return "".join((*parts, text[behind:]))


@contextmanager
def about(item: Wanted) -> Iterator[None]:
    """Name the module in what is raised about an edit of it."""
    try:
        yield
    except RefusedError as refused:
        told = RefusedError(refused.reason, refused.location, modules_of(item.edit), clash=refused.clash)
        told.about = item
        raise told from None
