"""The types of expressions, and the pieces that expressions are compiled to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from netadvise.facts import Fact, Subject

Type = Literal["bool", "number", "text", "numbers", "texts", "lists"]
"""`lists`: a list of lists of numbers, only to the right of `in`."""

WORDS: Mapping[Type, str] = {
    "bool": "condition",
    "number": "number",
    "text": "text",
    "numbers": "list of numbers",
    "texts": "list of texts",
    "lists": "list of lists",
}

VALUES: Mapping[Type, str] = {"bool": "true or false", "number": "a number", "text": "a text"}
"""The types of options."""


@dataclass(frozen=True, slots=True)
class View:
    """What a rule sees beside its subject."""

    model: Subject
    blocks: Sequence[Subject]
    context: Mapping[str, Fact]
    options: Mapping[str, Fact]


@dataclass(slots=True)
class Frame:
    """What the names of an expression stand for while it is evaluated."""

    subject: Subject
    view: View
    witnesses: Mapping[str, Subject] = field(default_factory=dict)
    names: dict[str, Fact] = field(default_factory=dict)
    """`let` and `count`."""


Run = Callable[[Frame], Fact]
Numbers = tuple[int | float, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A compiled part of an expression."""

    type: Type
    run: Run
    said: str
    """As it stands in the expression."""
    values: tuple[str, ...] = ()
    """The texts it can be, where they are a closed list."""
    constant: bool = False
    value: Fact = None
    """Of a constant."""
    lists: tuple[Numbers, ...] = ()
    """Of a list of lists."""


def constant(kind: Type, value: Fact, said: str) -> Piece:
    """A piece that always has one value."""
    return Piece(kind, lambda frame: value, said, constant=True, value=value)


class ExprError(Exception):
    """Something wrong at an offset of an expression or message."""

    def __init__(self, text: str, offset: int = 0) -> None:
        super().__init__(text)
        self.text, self.offset = text, offset
