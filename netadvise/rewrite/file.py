"""Edits of one file: taken in one after the other, and written together."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

from netadvise.edit import modules_of
from netadvise.graph import Location
from netadvise.rewrite.arguments import Constructor
from netadvise.rewrite.call import splices_of
from netadvise.rewrite.names import Names
from netadvise.rewrite.nouns import CannotWrite, RefusedError, Rewritten, Splice, Wanted
from netadvise.rewrite.place import constructor
from netadvise.source import Source


@dataclass(frozen=True, slots=True)
class _Call:
    """One call of the file, all that is asked of it, and the splices that come of that."""

    made: Constructor
    wanted: tuple[Wanted, ...] = ()
    splices: tuple[Splice, ...] = ()


@dataclass(frozen=True)
class FileEdits:
    """A file and the edits that it takes; adding to it gives another one."""

    source: Source
    names: Names
    calls: Mapping[ast.Call, _Call] = field(default_factory=dict)

    @staticmethod
    def of(source: Source) -> FileEdits:
        """The file without an edit."""
        return FileEdits(source, Names(source))

    def with_edits(self, wanted: Sequence[Wanted]) -> FileEdits:
        """The file with further edits; raises `RefusedError`, with the module, where they cannot all be written."""
        calls, touched = dict(self.calls), []
        for item in wanted:
            with _about(item):
                made = constructor(self.source, self.names, item.site)
            before = calls.get(made.call, _Call(made))
            calls[made.call] = replace(before, wanted=(*before.wanted, item))
            touched.append((made.call, item))
        for call, item in touched:
            with _about(item):
                calls[call] = replace(calls[call], splices=splices_of(calls[call].made, self.names, calls[call].wanted))
        found = replace(self, calls=calls)
        if wanted:
            with _about(wanted[-1]):
                _ = found.splices
        return found

    @cached_property
    def splices(self) -> tuple[Splice, ...]:
        """All splices in order; raises `RefusedError` where two of them change the same characters."""
        every = (splice for call in self.calls.values() for splice in call.splices)
        ordered = sorted(every, key=lambda splice: (splice.start, splice.end))
        for one, following in pairwise(ordered):
            if following.start < one.end or following.start == one.start:
                line = self.source.line_of(one.start)
                raise RefusedError("another edit changes the same call", Location(self.source.file, line))
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
def _about(item: Wanted) -> Iterator[None]:
    """Name the module in what is raised about an edit of it."""
    try:
        yield
    except RefusedError as refused:
        raise RefusedError(refused.reason, refused.location, modules_of(item.edit)) from None
