"""Groups of edits over several files: a group is written whole or not at all, and earlier groups go first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from netadvise.edit import Edit, modules_of
from netadvise.rewrite.file import FileEdits
from netadvise.rewrite.likeness import resolved
from netadvise.rewrite.nouns import CannotWrite, RefusedError, Site, Splice, Wanted
from netadvise.rewrite.place import own_location
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


@dataclass(slots=True)
class _Draft:
    """The files with the edits that were accepted so far."""

    read: Read
    files: dict[str, FileEdits] = field(default_factory=dict)

    def add(self, group: Sequence[Wanted]) -> None:
        """Take a group in; raises `RefusedError`, and leaves everything as it was, where that cannot be."""
        by_file: defaultdict[str, list[Wanted]] = defaultdict(list)
        for item in group:
            by_file[own_location(item.site).file].append(item)
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
    taken, refused = [], {}
    for number, group in enumerate(groups):
        reason = _added(draft, group, sites)
        if reason is None:
            taken.append(number)
        else:
            refused[number] = reason
    changes = (_change(edits) for _, edits in sorted(draft.files.items()) if edits.calls)
    return Plan(tuple(change for change in changes if change.after != change.before), tuple(taken), refused)


def _added(draft: _Draft, group: Sequence[Edit], sites: Mapping[str, Site]) -> CannotWrite | None:
    module = ""
    try:
        wanted = []
        for edit in group:
            module = modules_of(edit)
            site = sites.get(module, Site(module, None))
            own_location(site)
            wanted.append(Wanted(resolved(edit, sites), site))
        draft.add(wanted)
    except RefusedError as refused:
        return CannotWrite(refused.reason, refused.location, refused.module or module)
    return None


def _change(edits: FileEdits) -> Change:
    found = edits.written()
    return Change(edits.source.file, edits.source.content, found.content, found.splices)
