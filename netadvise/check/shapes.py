"""The shapes that single values of a rule file may have. Each can check a node, and say itself as JSON Schema.

One description serves the loader and the editor's schema, so that the two cannot drift apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from netadvise.check.problems import Problems, hint, short
from netadvise.check.scalars import Plain, ScalarError, with_suffix
from netadvise.check.yaml import Entries, Items, Node, Scalar

Schema = dict[str, object]


class Shape(Protocol):
    """What a node may look like."""

    def check(self, node: Node, problems: Problems, what: str) -> None:
        """Note every way in which the node differs; `what` names it in messages."""
        ...

    def schema(self) -> Schema:
        """The same as JSON Schema."""
        ...


def value_of(node: Node) -> Plain | None:
    """The value of a scalar; None for null, for what is no scalar, and for what cannot be read."""
    try:
        return node.value() if isinstance(node, Scalar) else None
    except ScalarError:
        return None


def described(node: Node) -> str:
    """What a node is, for a message: `the number 5`, `a list`, `nothing`."""
    if isinstance(node, Items):
        return "a list"
    if isinstance(node, Entries):
        return "a mapping"
    value = value_of(node)
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    return f"the number {node.text[:20]}" if isinstance(value, int | float) else f"'{short(value)}'"


def scalar(node: Node, problems: Problems, what: str, wanted: str) -> Plain | None:
    """The value of a node that must be a scalar with a value; None with the problem noted when it is not."""
    try:
        value = node.value() if isinstance(node, Scalar) else None
    except ScalarError as error:
        problems.add(node, f"{what}: {error}")
        return None
    if value is None:
        problems.add(node, f"{what} is {wanted}, not {described(node)}")
    return value


@dataclass(frozen=True, slots=True)
class Text:
    """A text, of bounded length and maybe of a given form."""

    longest: int = 200
    pattern: str = ""
    wanted: str = "a text"

    def check(self, node: Node, problems: Problems, what: str) -> None:
        value = scalar(node, problems, what, self.wanted)
        if value is None:
            return
        if not isinstance(value, str):
            problems.add(node, f"{what} is {self.wanted}, not {described(node)}: put it in quotes")
        elif len(value.strip()) > self.longest:
            problems.add(node, f"{what} has {len(value.strip())} characters, at most {self.longest} are allowed")
        elif not value.strip() or (self.pattern and not re.fullmatch(self.pattern, value)):
            problems.add(node, f"{what} is {self.wanted}, not '{short(value)}'")

    def schema(self) -> Schema:
        pattern: Schema = {"pattern": f"^(?:{self.pattern})$"} if self.pattern else {"pattern": "\\S"}
        return {"type": "string", **pattern}


@dataclass(frozen=True, slots=True)
class Expr:
    """An expression; what it says is checked later. A bare number or flag is one too."""

    def check(self, node: Node, problems: Problems, what: str) -> None:
        if not isinstance(node, Scalar):
            problems.add(node, f"{what} is an expression, not {described(node)}")
        elif not node.text.strip():
            problems.add(node, f"{what} is an expression, not nothing")

    def schema(self) -> Schema:
        return {"type": ["string", "number", "boolean"]}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a closed list of texts."""

    values: tuple[str, ...]

    def check(self, node: Node, problems: Problems, what: str) -> None:
        value = scalar(node, problems, what, f"one of {', '.join(self.values)}")
        if value is not None and (not isinstance(node, Scalar) or node.text not in self.values):
            near = hint(str(value), self.values)
            problems.add(node, f"{what} is one of {', '.join(self.values)}, not {described(node)}{near}")

    def schema(self) -> Schema:
        return {"enum": list(self.values)}


@dataclass(frozen=True, slots=True)
class Exactly:
    """One number and nothing else."""

    number: int

    def check(self, node: Node, problems: Problems, what: str) -> None:
        if value_of(node) != self.number or isinstance(value_of(node), bool):
            problems.add(node, f"{what} must be {self.number}, not {described(node)}")

    def schema(self) -> Schema:
        return {"const": self.number}


@dataclass(frozen=True, slots=True)
class Flag:
    """`true` or `false`."""

    def check(self, node: Node, problems: Problems, what: str) -> None:
        value = scalar(node, problems, what, "true or false")
        if value is not None and not isinstance(value, bool):
            problems.add(node, f"{what} is true or false, not {described(node)}")

    def schema(self) -> Schema:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Number:
    """A finite number; `suffixes` allows 25M."""

    suffixes: bool = False
    whole: bool = False

    def check(self, node: Node, problems: Problems, what: str) -> None:
        wanted = "a whole number" if self.whole else "a number"
        value = scalar(node, problems, what, wanted)
        if self.suffixes and isinstance(node, Scalar) and _suffixed(node, problems, what):
            return
        right = isinstance(value, int) or (isinstance(value, float) and not self.whole)
        if value is not None and (isinstance(value, bool) or not right):
            problems.add(node, f"{what} is {wanted}, not {described(node)}")

    def schema(self) -> Schema:
        kind: Schema = {"type": "integer" if self.whole else "number"}
        return {"anyOf": [kind, SUFFIXED]} if self.suffixes else kind


SUFFIXED: Schema = {"type": "string", "pattern": r"^[-+]?[0-9]+(\.[0-9]+)?[KMGT]$"}


def _suffixed(node: Scalar, problems: Problems, what: str) -> bool:
    try:
        return not node.style and with_suffix(node.text) is not None
    except ScalarError as error:
        problems.add(node, f"{what}: {error}")
        return True


@dataclass(frozen=True, slots=True)
class Value:
    """A flag, a number (25M too) or a text: the default of an option."""

    def check(self, node: Node, problems: Problems, what: str) -> None:
        if isinstance(node, Scalar) and _suffixed(node, problems, what):
            return
        value = scalar(node, problems, what, "a flag, a number or a text")
        if isinstance(value, str) and len(value) > 200:
            problems.add(node, f"{what} has {len(value)} characters, at most 200 are allowed")

    def schema(self) -> Schema:
        return {"type": ["boolean", "number", "string"]}
