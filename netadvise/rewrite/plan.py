"""Groups of edits over several files: a group is written whole or not at all, and earlier groups go first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from netadvise.edit import Edit, modules_of
from netadvise.rewrite.file import FileEdits, about, place_of
from netadvise.rewrite.nouns import CannotWrite, RefusedError, Site, Splice, Wanted
from netadvise.rewrite.ways import renames, ways
from netadvise.source import Source

Read = Callable[[str], Source]
"""The source of a file; raises `ValueError` with the reason where it cannot be edited."""


@dataclass(frozen=True, slots=True)
class Change:
    """One file before and after."""

    file: str
    before: bytes
    after: bytes
    splices: tuple[Splice, ...] = ()
    """The stretches of the old text, in characters, and what stands there now."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to write, which groups of edits that covers, and why the others are left out."""

    changes: tuple[Change, ...] = ()
    written: tuple[int, ...] = ()
    refused: Mapping[int, CannotWrite] = field(default_factory=dict)
    renaming: tuple[int, ...] = ()
    """The written groups that put a module with parameters inside another one: a checkpoint no longer loads."""


@dataclass(slots=True)
class _Draft:
    """The files with the edits that were accepted so far."""

    read: Read
    files: dict[str, FileEdits] = field(default_factory=dict)

    def add(self, group: Sequence[Wanted]) -> None:
        """Take a group in; raises `RefusedError`, and leaves everything as it was, where that cannot be."""
        by_file: defaultdict[str, list[Wanted]] = defaultdict(list)
        for item in group:
            with about(item):
                by_file[place_of(item).file].append(item)
        self.files |= {file: self._file(file).with_edits(items) for file, items in by_file.items()}

    def _file(self, file: str) -> FileEdits:
        if file not in self.files:
            try:
                self.files[file] = FileEdits.of(self.read(file))
            except ValueError as error:
                raise RefusedError(str(error)) from None
        return self.files[file]


def plan(groups: Sequence[Sequence[Edit]], sites: Mapping[str, Site], read: Read) -> Plan:
    """The changes that write as many of the groups as can be written together."""
    draft = _Draft(read)
    taken, refused, renaming = [], {}, []
    for number, group in enumerate(groups):
        found = _added(draft, group, sites)
        if isinstance(found, CannotWrite):
            refused[number] = found
            continue
        taken.append(number)
        if any(map(renames, found)):
            renaming.append(number)
    changes = (_change(edits) for _, edits in sorted(draft.files.items()) if edits.spots)
    written = tuple(change for change in changes if change.after != change.before)
    return Plan(written, tuple(taken), refused, tuple(renaming))


def _added(draft: _Draft, group: Sequence[Edit], sites: Mapping[str, Site]) -> tuple[Wanted, ...] | CannotWrite:
    """How the edits of a group were taken in, or why they cannot be."""
    module = ""
    try:
        found = []
        for edit in group:
            module = modules_of(edit)
            found.append(ways(edit, sites.get(module, Site(module, None)), sites))
        return _first_that_goes(draft, found)
    except RefusedError as refused:
        return CannotWrite(refused.reason, refused.location, refused.module or module)


def _first_that_goes(draft: _Draft, every: Sequence[tuple[Wanted, ...]]) -> tuple[Wanted, ...]:
    """Take a group in, each edit in the first of its ways that goes; raises what speaks against the best way."""
    left = [list(ways_of) for ways_of in every]
    against: dict[int, RefusedError] = {}
    while True:
        chosen = tuple(items[0] for items in left)
        try:
            draft.add(chosen)
            return chosen
        except RefusedError as refused:
            number = next((place for place, item in enumerate(chosen) if item is refused.about), None)
            if number is None or refused.clash:
                raise
            first = against.setdefault(number, refused)
            del left[number][0]
            if not left[number]:
                second = refused if chosen[number].how == "built" else first
                raise _both(first, second, modules_of(every[number][0].edit)) from None


def _both(first: RefusedError, last: RefusedError, module: str) -> RefusedError:
    """What speaks against the best way and against the last one."""
    place = f"{last.location}: " if last.location is not None and last.location != first.location else ""
    more = "" if last.reason == first.reason else f"; {place}{last.reason}"
    return RefusedError(first.reason + more, first.location, module)


def _change(edits: FileEdits) -> Change:
    found = edits.written()
    return Change(edits.source.file, edits.source.content, found.content, found.splices)
