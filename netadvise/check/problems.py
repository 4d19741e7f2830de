"""Collecting everything that is wrong with rule files: each problem has a place and one line of text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from netadvise.errors import RuleFileError

SHOWN = 50
"""How many problems one error lists."""


class Place(Protocol):
    """Anything that stands somewhere in a file: line and column from 1."""

    @property
    def line(self) -> int: ...

    @property
    def column(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Spot:
    """A bare place."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong."""

    file: str
    line: int
    column: int
    text: str

    def __str__(self) -> str:
        place = f":{self.line}:{self.column}" if self.line else ""
        return f"{clean(self.file)}{place}: {self.text}"


@dataclass(frozen=True, slots=True)
class Problems:
    """The problems of one file, or of one rule in it, which is then named in front of each."""

    file: str
    found: list[Problem] = field(default_factory=list)
    label: str = ""

    def add(self, place: Place, text: str) -> None:
        """Note a problem at a place."""
        said = f"{self.label}: {text}" if self.label else text
        self.found.append(Problem(self.file, place.line, place.column, clean(said)))

    def of(self, label: str) -> Problems:
        """The same list, for problems of the rule of that id."""
        return Problems(self.file, self.found, label)


def clean(text: str) -> str:
    """One printable line: whatever a file holds, its error message cannot draw on the terminal."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def short(text: str, length: int = 40) -> str:
    """A text for a message, cut to a bearable length."""
    flat = clean(" ".join(text[: length * 2].split()))
    return flat if len(flat) <= length else flat[:length] + "..."


def hint(word: str, choices: Iterable[str]) -> str:
    """` (did you mean 'kernel_size'?)`, or nothing when no choice is near."""
    from difflib import get_close_matches

    if len(word) > 100:
        return ""
    near = get_close_matches(word, list(choices), n=1, cutoff=0.6)
    return f" (did you mean '{near[0]}'?)" if near else ""


def refuse(found: Iterable[Problem]) -> None:
    """Raise one `RuleFileError` that lists every problem, in order of file and line; do nothing when there is none."""
    lines = [str(problem) for problem in sorted(set(found))]
    if not lines:
        return
    more = [f"and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    raise RuleFileError("\n".join(lines[:SHOWN] + more))
