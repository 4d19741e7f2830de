"""Tests of one field in a pattern: `op: [conv, linear]`, `kernel_size: 3`, `type: Conv*`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from netadvise.check.containers import Many
from netadvise.check.functions import MAX_GLOB, glob_matcher
from netadvise.check.logic import Truth
from netadvise.check.problems import Problems, hint, short
from netadvise.check.shapes import Flag, Number, Schema, Text, described, value_of
from netadvise.check.types import ExprError
from netadvise.check.yaml import Items, Node
from netadvise.facts import Fact
from netadvise.quantity import Unknown
from netadvise.vocabulary import Field

Accepts = Callable[[Fact], bool]

_NUMBER = Number()
_GLOB_SCHEMA: Schema = {"type": "string", "pattern": "[*?\\[]"}


@dataclass(frozen=True, slots=True)
class FieldTest:
    """A compiled test: which field, and what it accepts."""

    name: str
    accepts: Accepts

    def of(self, fact: Fact) -> Truth:
        """Whether a fact passes; None never does, an Unknown one is Unknown."""
        if fact is None:
            return False
        return fact if isinstance(fact, Unknown) else self.accepts(fact)


def is_glob(text: str) -> bool:
    """Whether a text is a pattern."""
    return any(letter in text for letter in "*?[")


@dataclass(frozen=True, slots=True)
class FieldShape:
    """The values that may stand behind a field in a pattern."""

    field: Field

    def check(self, node: Node, problems: Problems, what: str) -> None:
        {"bool": self._flag, "number": self._number, "numbers": self._numbers}.get(self.field.type, self._text)(
            node, problems, what
        )

    def _flag(self, node: Node, problems: Problems, what: str) -> None:
        Flag().check(node, problems, what)

    def _number(self, node: Node, problems: Problems, what: str) -> None:
        Many(_NUMBER, 1, single=True).check(node, problems, what)

    def _numbers(self, node: Node, problems: Problems, what: str) -> None:
        if isinstance(node, Items) and node.items and all(isinstance(item, Items) for item in node.items):
            Many(Many(_NUMBER, 1), 1).check(node, problems, what)
        else:
            self._number(node, problems, what)

    def _text(self, node: Node, problems: Problems, what: str) -> None:
        for item in _parts(node):
            before = len(problems.found)
            Text(MAX_GLOB).check(item, problems, what)
            if len(problems.found) == before:
                self._one_text(item, problems, what)
        if isinstance(node, Items) and not node.items:
            problems.add(node, f"{what} is an empty list")

    def _one_text(self, node: Node, problems: Problems, what: str) -> None:
        text = str(value_of(node))
        values = self.field.values
        if is_glob(text):
            _check_glob(text, values, node, problems, what)
        elif values and text not in values:
            near = hint(text, values) or f": one of {', '.join(values)}"
            problems.add(node, f"{what} is never {described(node)}{near}")

    def schema(self) -> Schema:
        return {**_SCHEMAS.get(self.field.type, _text_schema)(self.field), "description": self.field.doc}


def _check_glob(text: str, values: Sequence[str], node: Node, problems: Problems, what: str) -> None:
    try:
        matches = glob_matcher(text)
    except ExprError as error:
        problems.add(node, f"{what}: {error.text}")
        return
    if values and not any(matches(value) for value in values):
        problems.add(node, f"{what} is never like '{short(text)}': one of {', '.join(values)}")


def _parts(node: Node) -> Sequence[Node]:
    return node.items if isinstance(node, Items) else (node,)


def _text_schema(field: Field) -> Schema:
    one: Schema = {"anyOf": [{"enum": list(field.values)}, _GLOB_SCHEMA]} if field.values else Text().schema()
    return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1, "maxItems": 50}]}


_LISTS: Schema = Many(Many(_NUMBER, 1), 1).schema()
_SCHEMAS: dict[str, Callable[[Field], Schema]] = {
    "bool": lambda field: Flag().schema(),
    "number": lambda field: Many(_NUMBER, 1, single=True).schema(),
    "numbers": lambda field: {"anyOf": [Many(_NUMBER, 1, single=True).schema(), _LISTS]},
}


def field_test(field: Field, node: Node) -> FieldTest:
    """Compile a test whose node has been checked."""
    parts = [value_of(part) for part in _parts(node)]
    if field.type == "bool":
        wanted = parts[0] is True
        return FieldTest(field.name, lambda fact: fact is wanted)
    if field.type == "number":
        numbers = frozenset(part for part in parts if isinstance(part, int | float))
        return FieldTest(field.name, lambda fact: fact in numbers)
    if field.type == "numbers":
        return FieldTest(field.name, _of_numbers(node))
    accepts = _of_texts([part for part in parts if isinstance(part, str)])
    if field.type == "texts":
        return FieldTest(field.name, lambda fact: isinstance(fact, tuple) and any(accepts(each) for each in fact))
    return FieldTest(field.name, accepts)


def _of_numbers(node: Node) -> Accepts:
    parts = _parts(node)
    lists = {tuple(value_of(each) for each in part.items) for part in parts if isinstance(part, Items)}
    singles = {value_of(part) for part in parts if not isinstance(part, Items)}

    def accepts(fact: Fact) -> bool:
        if not isinstance(fact, tuple):
            return fact in singles
        alike = len(set(fact)) == 1 and fact[0] in singles
        return alike or fact in lists

    return accepts


def _of_texts(texts: Sequence[str]) -> Accepts:
    plain = frozenset(text for text in texts if not is_glob(text))
    globs = [matcher for text in texts if is_glob(text) for matcher in _matchers(text)]
    if not globs:
        return lambda fact: fact in plain
    return lambda fact: fact in plain or (isinstance(fact, str) and any(matches(fact) for matches in globs))


def _matchers(text: str) -> Sequence[Callable[[str], bool]]:
    try:
        return (glob_matcher(text),)
    except ExprError:
        return ()


def exact_texts(node: Node) -> frozenset[str] | None:
    """The texts a test names, when none of them is a pattern: what subjects can be looked up by."""
    texts = [value_of(part) for part in _parts(node)]
    named = frozenset(text for text in texts if isinstance(text, str) and not is_glob(text))
    return named if len(named) == len(set(texts)) else None
