"""The layout of `fix.edits`: a remedy as changes of layers that can be tried and written."""

from __future__ import annotations

from netadvise.check.containers import Either, Key, Keys, Many, Record
from netadvise.check.layout_patterns import NAME
from netadvise.check.problems import Problems, hint
from netadvise.check.shapes import Choice, Expr, Schema, Text, described, value_of
from netadvise.check.torch_layers import CLASSES
from netadvise.check.yaml import Entries, Node

LIKE = "like"
"""The type of a part that is made as another layer is."""
SELF = "self"
"""What an edit calls the layer that the rule is about."""

_LAYER = Text(40, NAME, f"{SELF}, or the name that `as` gave to a layer")
_VALUE = Either("a number, a flag or an expression", text=Expr(), items=Many(Expr(), 1, 8))
_ARGS = Keys(_VALUE, least=1)


class ClassName:
    """A class that edits may speak of; there are too many to list them in a message."""

    _choice = Choice((*CLASSES, LIKE))

    def check(self, node: Node, problems: Problems, what: str) -> None:
        """Whether it is one, with the nearest when it is not."""
        name = str(value_of(node))
        if name not in self._choice.values:
            near = hint(name, self._choice.values) or ": those are the layers without layers in them"
            problems.add(node, f"{what} is '{LIKE}' or a layer class of torch.nn, not {described(node)}{near}")

    def schema(self) -> Schema:
        return self._choice.schema()


class PartShape:
    """One layer of a chain."""

    _record = Record(
        {
            "type": Key(
                ClassName(),
                "a class of torch.nn, or `like`: of the class and with the arguments of the layer in `of`",
                required=True,
            ),
            "of": Key(_LAYER, "for `like`; where there is no such layer the part is left out"),
            "args": Key(_ARGS, "arguments of the constructor by name; of `like`: what differs, where the class has it"),
        }
    )

    def check(self, node: Node, problems: Problems, what: str) -> None:
        """The record, and `of` where it belongs."""
        self._record.check(node, problems, "the layer")
        if isinstance(node, Entries) and (kind := node.get("type")) is not None:
            like, named = value_of(kind) == LIKE, node.get("of")
            if like and named is None:
                problems.add(node, f"a layer of type {LIKE} has no 'of'")
            elif named is not None and not like:
                problems.add(named, f"'of' is for layers of type {LIKE}")

    def schema(self) -> Schema:
        like: Schema = {"properties": {"type": {"const": LIKE}}}
        return {
            **self._record.schema(),
            "if": like,
            "then": {"required": ["of"]},
            "else": {"properties": {"of": False}},
        }


class EditShape:
    """One change of one layer."""

    _record = Record(
        {
            "on": Key(_LAYER, f"which layer: {SELF}, or the name that `as` gave to one", required=True),
            "set_args": Key(_ARGS, "the same layer with these arguments; numbers, flags, lists, expressions in quotes"),
            "replace": Key(Many(PartShape(), 1, 8), "these layers in its place, one after the other"),
        }
    )
    _WAYS = ("set_args", "replace")

    def check(self, node: Node, problems: Problems, what: str) -> None:
        """The record, and that it says one thing."""
        self._record.check(node, problems, "the edit")
        if isinstance(node, Entries) and sum(node.get(way) is not None for way in self._WAYS) != 1:
            problems.add(node, f"an edit has one of {' and '.join(self._WAYS)}")

    def schema(self) -> Schema:
        return {**self._record.schema(), "oneOf": [{"required": [way]} for way in self._WAYS]}


EDITS = Many(EditShape(), 1, 10)
