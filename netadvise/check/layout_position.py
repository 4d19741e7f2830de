"""The layout of `position`: what the hits of a rule are to dropout."""

from __future__ import annotations

from netadvise.check.containers import Key, Many, Record
from netadvise.check.layout_patterns import NAME
from netadvise.check.problems import Problems
from netadvise.check.shapes import Choice, Flag, Schema, Text, described, scalar, value_of
from netadvise.check.yaml import Entries, Node
from netadvise.rule import GROUPS, VARIANTS


class Rate:
    """A share of what passes through that is dropped."""

    def check(self, node: Node, problems: Problems, what: str) -> None:
        """Whether it is a number between 0 and 1, without its ends: they change nothing, or leave nothing."""
        wanted = "a rate above 0 and below 1"
        value = scalar(node, problems, what, wanted)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if value is not None and not (number and 0 < float(value) < 1):
            problems.add(node, f"{what} is {wanted}, not {described(node)}")

    def schema(self) -> Schema:
        return {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}


class PositionShape:
    """An offer of a dropout, or a refusal of any."""

    _record = Record(
        {
            "offer": Key(Choice(GROUPS), "the group of places that these belong to"),
            "refuse": Key(Flag(), "true: no dropout may stand here; the message is the reason"),
            "variant": Key(Choice(VARIANTS), "the layer to insert"),
            "argument": Key(
                Text(40, NAME, "the name of an argument"), "the argument of the layer's module: to set, or not"
            ),
            "rates": Key(Many(Rate(), 1, 6), "worth trying, the usual one first"),
            "on": Key(
                Choice(("after", "before")), "behind the layer, or on what it reads as data; after when left out"
            ),
        }
    )
    _ONLY_OFFERED = ("variant", "rates")

    def check(self, node: Node, problems: Problems, what: str) -> None:
        """The record, and that it says one thing, all of it."""
        self._record.check(node, problems, what)
        if not isinstance(node, Entries):
            return
        if (node.get("offer") is None) == (node.get("refuse") is None):
            problems.add(node, f"a {what} has one of offer and refuse")
        elif node.get("offer") is not None:
            self._offer(node, problems)
        else:
            self._refusal(node, problems)

    def _offer(self, node: Entries, problems: Problems) -> None:
        argument = node.get("argument")
        if (node.get("variant") is None) == (argument is None):
            problems.add(node, "an offer has one of variant and argument")
        if node.get("rates") is None:
            problems.add(node, "an offer has no 'rates'")
        if argument is not None and (on := node.get("on")) is not None:
            problems.add(on, "'on' is for a variant: an argument is set where the layer stands")

    def _refusal(self, node: Entries, problems: Problems) -> None:
        refused = node.get("refuse")
        if refused is not None and value_of(refused) is False:
            problems.add(refused, "refuse is true, or left out")
        for key in self._ONLY_OFFERED:
            if (value := node.get(key)) is not None:
                problems.add(value, f"'{key}' is for an offer")

    def schema(self) -> Schema:
        inserted: Schema = {"required": ["variant"], "properties": {"argument": False}}
        given: Schema = {"required": ["argument"], "properties": {"variant": False, "on": False}}
        offered: Schema = {"required": ["offer", "rates"], "properties": {"refuse": False}, "oneOf": [inserted, given]}
        nothing: Schema = dict.fromkeys((*self._ONLY_OFFERED, "offer"), False)
        refused: Schema = {"required": ["refuse"], "properties": {**nothing, "refuse": {"const": True}}}
        return {**self._record.schema(), "oneOf": [offered, refused]}


POSITION = PositionShape()
