"""The tests that stand in a rule: networks, or facts of probes, on which it must fire, stay silent, or cannot tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from netadvise.check.names import option_type
from netadvise.check.pattern_read import parts
from netadvise.check.problems import Problems, hint, short
from netadvise.check.scalars import Plain, ScalarError, with_suffix
from netadvise.check.shapes import described, value_of
from netadvise.check.types import VALUES
from netadvise.check.yaml import Entries, Items, Node, Scalar
from netadvise.graph import Location
from netadvise.rule import Example, Examples, Option

BATCH = 2
"""Samples that stand in front of an input given as one sample."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What holds for the tests of one rule unless an entry says otherwise."""

    input: tuple[str, ...]
    options: Mapping[str, Option]
    context: Mapping[str, Option]


@dataclass(frozen=True, slots=True)
class ExampleReader:
    """Reads the `tests` of one rule."""

    problems: Problems
    options: Mapping[str, Option]
    """What the rule declares."""

    def read(self, node: Node | None) -> Examples:
        """The examples; what is wrong is noted."""
        if not isinstance(node, Entries):
            return Examples()
        setting = self._setting(node, Setting((), {}, {}))
        fires, silent, unknown = (
            tuple(self._example(entry, setting) for entry in parts(node.get(key)))
            for key in ("fires", "silent", "unknown")
        )
        return Examples(fires, silent, unknown)

    def _setting(self, node: Entries, around: Setting) -> Setting:
        """What a node says, and around it where it says nothing; an entry's context or options replace the others."""
        given, options, context = node.get("input"), node.get("options"), node.get("context")
        return Setting(
            around.input if given is None else _shapes(given, self.problems),
            around.options if options is None else self._options(options),
            around.context if context is None else _context(context),
        )

    def _options(self, node: Node | None) -> Mapping[str, Option]:
        if not isinstance(node, Entries):
            return {}
        for key, value in node.entries:
            if key.text not in self.options:
                self.problems.add(key, f"unknown option '{key.text}'{hint(key.text, self.options)}")
                continue
            wanted, given = option_type(self.options[key.text]), number_or_value(value)
            if given is not None and option_type(given) != wanted:
                self.problems.add(value, f"option {key.text} is {VALUES[wanted]}, not {described(value)}")
        return values(node)

    def _example(self, node: Node, around: Setting) -> Example:
        setting, net, layer, facts = around, node, None, None
        if isinstance(node, Entries):
            setting, net, layer = self._setting(node, around), node.get("net") or node, node.get("layer")
            facts = node.get("facts")
        text = str(value_of(net) or "")
        self._check(net, text, setting)
        location = Location(self.problems.file, node.line, node.column)
        name = "" if layer is None else str(value_of(layer) or "")
        return Example(text, setting.input, setting.options, setting.context, name, location, _facts(facts))

    def _check(self, node: Node, text: str, setting: Setting) -> None:
        file = text.partition(":")[0]
        if not file.endswith(".py") or "(" in file:
            if text and not setting.input:
                self.problems.add(node, "this network has no `input`: give one under `tests` or beside `net`")
        elif file.startswith("/") or "\\" in file or ".." in file.split("/"):
            self.problems.add(node, f"'{short(file)}' must stand below the rule file: nets/topic.py:Class")


def number_or_value(node: Node) -> Plain | None:
    """The value of an option: `25M` is a number here."""
    try:
        if isinstance(node, Scalar) and not node.style:
            number = with_suffix(node.text)
            return value_of(node) if number is None else number
    except ScalarError:
        return None
    return value_of(node)


def _facts(node: Node | None) -> dict[str, Option | None]:
    """What was measured; null: it does not apply."""
    nothing = dict.fromkeys(key.text for key, _ in node.entries) if isinstance(node, Entries) else {}
    return {**nothing, **_context(node)}


def _context(node: Node | None) -> dict[str, Option]:
    """What is declared: plain values, and lists of numbers."""
    found: dict[str, Option] = {**values(node)}
    for key, value in node.entries if isinstance(node, Entries) else ():
        if isinstance(value, Items):
            sizes = [value_of(item) for item in value.items]
            found[key.text] = tuple(size for size in sizes if isinstance(size, int | float))
    return found


def values(node: Node | None) -> dict[str, Plain]:
    """A mapping of plain values."""
    if not isinstance(node, Entries):
        return {}
    found = {key.text: number_or_value(value) for key, value in node.entries}
    return {key: value for key, value in found.items() if value is not None}


def _shapes(node: Node, problems: Problems) -> tuple[str, ...]:
    if not isinstance(node, Items):
        return (str(value_of(node) or ""),)
    found = [value_of(item) for item in node.items]
    if all(isinstance(item, str) for item in found):
        return tuple(str(item) for item in found)
    for item, value in zip(node.items, found, strict=True):
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            problems.add(item, f"a size is a whole number from 1, not {described(item)}")
    return (",".join(str(size) for size in (BATCH, *found)),)
