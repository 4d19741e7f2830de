"""What is asked of a rewrite and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from netadvise.edit import Edit, Place, Value
from netadvise.graph import Location

How = Literal["built", "ran"]
"""Where an edit is written: at the call that constructed its module, or at the expression of a forward that ran."""


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A call of a function, or an operator, in the forward of a module."""

    location: Location
    nth: int
    """Its place, from 0, among the calls of the same function that begin there: `x.relu().relu()` has two."""
    of: int
    """How many those are in one run; 0 where it is not the same number in every module that runs them."""
    covers: frozenset[str]
    """Every call of a recording that the same expression made, as `called` names them."""


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
    weights: bool = False
    """Whether it holds parameters: inside another module their names in a checkpoint would be others."""
    called_at: Location | None = None
    """Where it is called, for what runs once."""
    called: frozenset[str] = frozenset()
    """Every module that is called there."""
    within: Mapping[str, str] = field(default_factory=dict)
    """The rest of its path, from each module around it -> the class of that module: {"conv": "Block"}."""
    calls: Mapping[tuple[str, int], FunctionCall] = field(default_factory=dict)
    """(function, index) -> the call of it in the module's forward."""
    twins: tuple[tuple[Place, Place], ...] = ()
    """Places next to it that are the same as others: behind a layer of an `nn.Sequential` is before the next."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One edit, and the places where its module is built and called."""

    edit: Edit
    site: Site
    how: How = "built"


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
    order: tuple[int, int] | None = None
    """Among the insertions at the same place; None for what goes with no other there."""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The file after the edits: its bytes, and the stretches of the old text that were exchanged, in order."""

    content: bytes
    splices: tuple[Splice, ...]


class RefusedError(Exception):
    """Inside this package: an edit that cannot be written."""

    def __init__(self, reason: str, location: Location | None = None, module: str = "", *, clash: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.location, self.module = reason, location, module
        self.clash = clash
        """Whether another edit is in the way: then no other way is looked for."""
        self.about: Wanted | None = None


def called(module: str, function: str, index: int) -> str:
    """What one call of a function in a module's forward goes by."""
    return f"{module}/{function}[{index}]"
