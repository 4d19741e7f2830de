"""The shapes of lists and mappings in rule files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from netadvise.check.problems import Problems, hint, short
from netadvise.check.shapes import Schema, Shape, described
from netadvise.check.yaml import Entries, Items, Node, Scalar


@dataclass(frozen=True, slots=True)
class Many:
    """A list of things of one shape; `single` allows one of them without the brackets."""

    item: Shape
    least: int = 0
    most: int = 50
    single: bool = False

    def check(self, node: Node, problems: Problems, what: str) -> None:
        if not isinstance(node, Items):
            if self.single:
                self.item.check(node, problems, what)
            else:
                problems.add(node, f"{what} is a list, not {described(node)}")
            return
        if not self.least <= len(node.items) <= self.most:
            few = len(node.items) < self.least
            bound = f"at least {self.least} needed" if few else f"at most {self.most} allowed"
            problems.add(node, f"{what} has {len(node.items)} entries, {bound}")
        for item in node.items:
            self.item.check(item, problems, what)

    def schema(self) -> Schema:
        many: Schema = {"type": "array", "items": self.item.schema(), "minItems": self.least, "maxItems": self.most}
        return {"anyOf": [self.item.schema(), many]} if self.single else many


@dataclass(frozen=True, slots=True)
class Keys:
    """A mapping with free keys of a given form."""

    item: Shape
    pattern: str = "[a-z][a-z0-9_]{0,39}"
    wanted: str = "small letters, digits and _"
    least: int = 0

    def check(self, node: Node, problems: Problems, what: str) -> None:
        if not isinstance(node, Entries):
            problems.add(node, f"{what} is a mapping, not {described(node)}")
            return
        if len(node.entries) < self.least:
            problems.add(node, f"{what} is empty")
        for key, value in node.entries:
            if not re.fullmatch(self.pattern, key.text):
                problems.add(key, f"{what}: '{short(key.text)}' is no name: use {self.wanted}")
            self.item.check(value, problems, f"{what}.{short(key.text)}")

    def schema(self) -> Schema:
        return {
            "type": "object",
            "patternProperties": {f"^{self.pattern}$": self.item.schema()},
            "additionalProperties": False,
            "minProperties": self.least,
        }


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a record: what stands under it, what it is for, and whether it must be there."""

    shape: Shape
    doc: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping whose keys are known."""

    keys: Mapping[str, Key]
    least: int = 0
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    """Keys that are right in another place -> what to say about them here."""

    def check(self, node: Node, problems: Problems, what: str) -> None:
        if not isinstance(node, Entries):
            problems.add(node, f"{what} is a mapping, not {described(node)}")
            return
        if len(node.entries) < self.least:
            problems.add(node, f"{what} is empty")
        for key, value in node.entries:
            known = self.keys.get(key.text)
            if known is None:
                problems.add(key, self._unknown(key.text, what))
            else:
                known.shape.check(value, problems, key.text)
        present = {key.text for key, _ in node.entries}
        for name, known in self.keys.items():
            if known.required and name not in present:
                problems.add(node, f"{what} has no '{name}'")

    def _unknown(self, key: str, what: str) -> str:
        if key in self.elsewhere:
            return self.elsewhere[key]
        return f"unknown key '{short(key)}' in {what}{hint(key, self.keys)}"

    def schema(self) -> Schema:
        properties = {name: _documented(key) for name, key in self.keys.items()}
        required = [name for name, key in self.keys.items() if key.required]
        found: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
        return (
            found | ({"required": required} if required else {}) | ({"minProperties": self.least} if self.least else {})
        )


def _documented(key: Key) -> Schema:
    schema = key.shape.schema()
    return {**schema, "description": key.doc} if key.doc else schema


@dataclass(frozen=True, slots=True)
class Named:
    """A shape that stands under `$defs`, and may contain itself."""

    name: str
    get: Callable[[], Shape]

    def check(self, node: Node, problems: Problems, what: str) -> None:
        self.get().check(node, problems, what)

    def schema(self) -> Schema:
        return {"$ref": f"#/$defs/{self.name}"}


@dataclass(frozen=True, slots=True)
class Either:
    """Another shape for each sort of node."""

    wanted: str
    text: Shape | None = None
    items: Shape | None = None
    entries: Shape | None = None

    def check(self, node: Node, problems: Problems, what: str) -> None:
        shape = self.text if isinstance(node, Scalar) else self.items if isinstance(node, Items) else self.entries
        if shape is None:
            problems.add(node, f"{what} is {self.wanted}, not {described(node)}")
        else:
            shape.check(node, problems, what)

    def schema(self) -> Schema:
        shapes: Sequence[Shape | None] = (self.text, self.items, self.entries)
        return {"anyOf": [shape.schema() for shape in shapes if shape is not None]}
