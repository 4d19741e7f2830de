"""What is asked of a rewrite and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from netadvise.edit import Edit, Value
from netadvise.graph import Location


@dataclass(frozen=True, slots=True)
class Site:
    """Where a module was built: one call of the source may build many."""

    module: str
    location: Location | None
    type: str = ""
    """Its class, "Conv2d": the call must construct it. Empty: whatever the call constructs."""
    built: frozenset[str] = frozenset()
    """Every module that the same call built."""
    known: Mapping[str, Value] = field(default_factory=dict)
    """Values of its constructor's arguments, as far as they were recorded."""
    led_by: Location | None = None
    """For what a library builds: the innermost line of the project that led there."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One edit, and the place where its module is built."""

    edit: Edit
    site: Site


@dataclass(frozen=True, slots=True)
class CannotWrite:
    """Why an edit cannot be written, and the call that is to be changed by hand."""

    reason: str
    location: Location | None = None
    module: str = ""

    def __str__(self) -> str:
        place = f"{self.location}: " if self.location is not None else ""
        return f"{place}{self.module + ' ' if self.module else ''}{self.reason}"


@dataclass(frozen=True, slots=True)
class Splice:
    """A stretch of the text, in characters, and what is to stand there."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The file after the edits: its bytes, and the stretches of the old text that were exchanged, in order."""

    content: bytes
    splices: tuple[Splice, ...]


class RefusedError(Exception):
    """Inside this package: an edit that cannot be written."""

    def __init__(self, reason: str, location: Location | None = None, module: str = "") -> None:
        super().__init__(reason)
        self.reason, self.location, self.module = reason, location, module
