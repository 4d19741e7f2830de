"""The layout of `tests`: networks that prove a rule or, for rules about probes, facts that do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from netadvise.check.containers import Either, Key, Keys, Many, Named, Record
from netadvise.check.problems import Problems
from netadvise.check.shapes import Choice, Flag, Number, Schema, Shape, Text, Value
from netadvise.check.yaml import Node, Scalar
from netadvise.vocabulary import CONTEXT, PROBE, Field


def _declared(field: Field) -> Shape:
    """What may be said of one fact."""
    if field.values:
        return Choice(field.values)
    shapes: dict[str, Shape] = {
        "bool": Flag(),
        "number": Number(suffixes=True),
        "numbers": Many(Number(), 0, 8),
        "texts": Many(Text(100)),
    }
    return shapes.get(field.type, Text(100))


@dataclass(frozen=True, slots=True)
class OrNull:
    """Another shape, or `null`: the fact does not apply."""

    shape: Shape

    def check(self, node: Node, problems: Problems, what: str) -> None:
        if not (isinstance(node, Scalar) and not node.style and node.text in ("null", "~")):
            self.shape.check(node, problems, what)

    def schema(self) -> Schema:
        return {"anyOf": [self.shape.schema(), {"type": "null"}]}


_INPUT = Either(
    "a shape",
    text=Text(200, wanted='shapes such as "1,3,32,32"'),
    items=Many(Either("a size or a shape", text=Value()), 1, 8),
)
_CONTEXT = Record({name: Key(_declared(field), field.doc) for name, field in CONTEXT.items()})
_FACTS = Record({name: Key(OrNull(_declared(field)), field.doc) for name, field in PROBE.items()})
_SETTING = {
    "context": Key(_CONTEXT, "what the user declares"),
    "options": Key(Keys(Value()), "options with other values"),
}
_RUN = {"input": Key(_INPUT, "one sample: [3, 32, 32]; or whole shapes as texts"), **_SETTING}
_NET = Text(1000, wanted="a network")
_NETWORK = Either(
    "a network",
    text=_NET,
    entries=Record(
        {
            "net": Key(_NET, "modules joined by |, or nets/file.py:Class", required=True),
            "layer": Key(Text(200), "where it must fire"),
            **_RUN,
        },
        elsewhere={"facts": "'facts' are for rules of scope probe: this one is tested on networks"},
    ),
)
_NO_NET = dict.fromkeys(("net", "input", "layer"), "a rule of scope probe is tested on facts, not on networks")
_MEASURED = Either(
    "what a probe measured, {facts: {...}}",
    entries=Record(
        {"facts": Key(_FACTS, "what was measured; what is left out was not", required=True), **_SETTING},
        elsewhere=_NO_NET,
    ),
)


def _tests(setting: Mapping[str, Key], entry: Shape, of: str, elsewhere: Mapping[str, str]) -> Record:
    return Record(
        {
            **setting,
            "fires": Key(Many(entry, 1, 30), f"{of} on which the rule fires", required=True),
            "silent": Key(Many(entry, 1, 30), f"{of} on which it does not", required=True),
            "unknown": Key(Many(entry, 0, 30), f"{of} on which it cannot tell"),
        },
        elsewhere=elsewhere,
    )


TESTS: dict[str, Record] = {
    "network_tests": _tests(_RUN, _NETWORK, "networks", {}),
    "probe_tests": _tests(_SETTING, _MEASURED, "facts", _NO_NET),
}
"""Both layouts, by their names in the schema."""


def tests_of(scope: str) -> Named:
    """The tests of a rule of that scope."""
    name = "probe_tests" if scope == "probe" else "network_tests"
    return Named(name, lambda: TESTS[name])
