"""Rule files as trees whose every key and value knows its place. A careful subset of YAML.

Refused, each with its place: duplicate keys, anchors, aliases, tags, merge keys, directives, second documents, tabs,
control characters, text that is not UTF-8, nesting deeper than 32, files above 1 MiB. The tree is built from parser
events with an explicit stack: libyaml's own composer crashes the interpreter on deep nesting.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from netadvise.check.problems import Place, Problems, Spot, short
from netadvise.check.scalars import Plain, resolve

MAX_BYTES = 1 << 20
MAX_DEPTH = 32
MAX_NODES = 50_000

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FORBIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]",
)


@dataclass(frozen=True, slots=True)
class Scalar:
    """One text; `plain` when it stands without quotes and may be a number."""

    line: int
    column: int
    text: str
    style: str = ""
    """Empty: plain. Else the character that opens it: ' " | or >."""

    def value(self) -> Plain | None:
        """What it means; raises `ScalarError`."""
        return self.text if self.style else resolve(self.text)


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    line: int
    column: int
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Entries:
    """Keys with their values, in order, each key once."""

    line: int
    column: int
    entries: tuple[tuple[Scalar, Node], ...]
    values: Mapping[str, Node]

    def get(self, key: str) -> Node | None:
        """The value under a key."""
        return self.values.get(key)


Node = Scalar | Items | Entries


@dataclass(frozen=True, slots=True)
class Document:
    """A file that could be read."""

    root: Node
    lines: tuple[str, ...]
    """The text as it stands, for places inside scalars."""


class _RefusedError(Exception):
    """One problem that ends the reading of a file."""

    def __init__(self, place: Place, text: str) -> None:
        super().__init__(text)
        self.place, self.text = place, text


_NOWHERE = Spot(0, 0)
_TOP = Spot(1, 1)


def read(path: Path, problems: Problems) -> Document | None:
    """The tree of a file; None when it is refused, and then the problem is noted."""
    try:
        text = _text(path)
        return Document(_build(text), tuple(text.split("\n")))
    except _RefusedError as error:
        problems.add(error.place, error.text)
    return None


def _text(path: Path) -> str:
    text = _bytes_of(path)
    found = _FORBIDDEN.search(text)
    if found is not None:
        raise _RefusedError(_place(text, found.start()), _forbidden(found[0]))
    return text


def _bytes_of(path: Path) -> str:
    try:
        if path.is_dir():
            raise _RefusedError(_NOWHERE, "is a directory, not a rule file")
        if path.exists() and not path.is_file():
            raise _RefusedError(_NOWHERE, "is not a regular file")
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _RefusedError(_NOWHERE, f"cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if len(data) > MAX_BYTES:
        raise _RefusedError(_NOWHERE, f"is larger than {MAX_BYTES >> 20} MiB")
    return _decoded(data)


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        good = data[: error.start].decode("utf-8", "replace")
        raise _RefusedError(_place(good, len(good)), f"is not UTF-8: byte 0x{data[error.start]:02x}") from error


def _forbidden(character: str) -> str:
    return "a tab: indent with spaces" if character == "\t" else f"control character U+{ord(character):04X}"


def _place(text: str, offset: int) -> Spot:
    return Spot(text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1)


def _build(text: str) -> Node:
    builder = _Builder()
    events = yaml.parse(text, Loader=_LOADER)
    try:
        for event in events:
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = _TOP if mark is None else Spot(mark.line + 1, mark.column + 1)
        raise _RefusedError(
            place, f"not YAML: {short(error.problem or error.context or 'cannot be read', 120)}"
        ) from error
    except yaml.YAMLError as error:
        raise _RefusedError(_TOP, f"not YAML: {short(str(error), 120)}") from error
    if builder.root is None:
        raise _RefusedError(_TOP, "the file is empty")
    return builder.root


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet."""

    place: Spot
    is_list: bool
    items: list[Node]
    keys: dict[str, Scalar]
    key: Scalar | None = None


class _Builder:
    """Takes events one by one and refuses what the subset leaves out."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self._stack: list[_Open] = []
        self._documents = self._nodes = 0

    def take(self, event: yaml.Event) -> None:
        """Add one event to the tree; raises `_RefusedError`."""
        if isinstance(event, yaml.ScalarEvent):
            self._check_node(event)
            self._add(_scalar(event))
        elif isinstance(event, yaml.CollectionStartEvent):
            self._check_node(event)
            self._start(isinstance(event, yaml.SequenceStartEvent), _place_of(event))
        elif isinstance(event, yaml.CollectionEndEvent):
            self._end()
        elif isinstance(event, yaml.AliasEvent):
            raise _RefusedError(_place_of(event), "aliases are not allowed in rule files")
        elif isinstance(event, yaml.DocumentStartEvent):
            self._document(event, _place_of(event))

    def _document(self, event: yaml.DocumentStartEvent, place: Spot) -> None:
        self._documents += 1
        if self._documents > 1:
            raise _RefusedError(place, "a second document: a rule file has one")
        if event.version or event.tags:
            raise _RefusedError(place, "directives are not allowed in rule files")

    def _check_node(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        self._nodes += 1
        if event.anchor is None and event.tag is None and self._nodes <= MAX_NODES:
            return
        place = _place_of(event)
        if event.anchor is not None:
            raise _RefusedError(place, "anchors are not allowed in rule files")
        if event.tag is not None:
            raise _RefusedError(place, f"tags are not allowed in rule files: {short(event.tag)}")
        raise _RefusedError(place, f"more than {MAX_NODES:,} values")

    def _start(self, is_list: bool, place: Spot) -> None:
        if len(self._stack) >= MAX_DEPTH:
            raise _RefusedError(place, f"nested deeper than {MAX_DEPTH}")
        if self._stack and not self._stack[-1].is_list and self._stack[-1].key is None:
            raise _RefusedError(place, "a key must be a text")
        self._stack.append(_Open(place, is_list, [], {}))

    def _end(self) -> None:
        done = self._stack.pop()
        place, items = done.place, tuple(done.items)
        if done.is_list:
            self._add(Items(place.line, place.column, items))
        else:
            pairs = tuple(zip(done.keys.values(), items, strict=True))
            self._add(Entries(place.line, place.column, pairs, dict(zip(done.keys, items, strict=True))))

    def _add(self, node: Node) -> None:
        if not self._stack:
            self.root = node
            return
        around = self._stack[-1]
        if around.is_list:
            around.items.append(node)
        elif around.key is not None:
            around.items.append(node)
            around.key = None
        elif isinstance(node, Scalar):
            around.key = _new_key(node, around.keys)


def _new_key(key: Scalar, keys: dict[str, Scalar]) -> Scalar:
    if key.text == "<<" and not key.style:
        raise _RefusedError(key, "merge keys are not allowed in rule files")
    first = keys.setdefault(key.text, key)
    if first is not key:
        raise _RefusedError(key, f"duplicate key '{short(key.text)}' (first in line {first.line})")
    return key


def _scalar(event: yaml.ScalarEvent) -> Scalar:
    style = "" if event.implicit[0] else str(event.style or "'")
    found = _FORBIDDEN.search(event.value) if style == '"' else None
    if found is not None:
        raise _RefusedError(_place_of(event), _forbidden(found[0]))
    line, column = _position(event)
    return Scalar(line, column, event.value, style)


def _position(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (1, 1) if mark is None else (mark.line + 1, mark.column + 1)


def _place_of(event: yaml.Event) -> Spot:
    return Spot(*_position(event))
