"""The layout of rule files: every key, what stands under it, and what it is for."""

from __future__ import annotations

from netadvise.check.containers import Key, Keys, Many, Named, Record
from netadvise.check.layout_edits import EDITS
from netadvise.check.layout_patterns import MATCHES, NAME, OPS_SHAPE, SHAPES, SUBJECTS, named
from netadvise.check.layout_position import POSITION
from netadvise.check.layout_tests import tests_of
from netadvise.check.problems import Problems
from netadvise.check.shapes import Choice, Exactly, Expr, Flag, Schema, Text, Value, value_of
from netadvise.check.yaml import Entries, Node
from netadvise.rule import GATES, VERDICTS

OURS = ("KER", "RFD", "CHN", "DRP", "NRM", "ACT", "DWN", "HED", "BUD", "DED", "SHP", "INI", "PRB", "PRC", "NA")
"""Prefixes of ids that come with netadvise."""


FIX = Record(
    {
        "text": Key(Text(500), "what to do", required=True),
        "set_args": Key(Keys(Value(), least=1), "new values of constructor arguments"),
        "safety": Key(Choice(("safe", "changes-weights", "changes-function")), "what following it changes"),
        "because": Key(Text(300), "why it is not safe"),
        "edits": Key(EDITS, "changes of layers that do it, made together: what can be tried and written"),
        "edits_where": Key(Expr(), "elsewhere a finding has no edits"),
    }
)
EFFECTS = ("params", "macs", "activation_bytes", "receptive_field")
EFFECT = Record(
    {
        **{name: Key(Expr(), f"difference of {name}, after minus before") for name in EFFECTS},
        "text": Key(Text(300), "the rest in words"),
    },
    least=1,
)


class RuleEntry:
    """One rule; its problems are told under its id."""

    def check(self, node: Node, problems: Problems, what: str) -> None:
        """Check the rule, and what its scope makes of `match` and `tests`."""
        named = node.get("id") if isinstance(node, Entries) else None
        labelled = problems if named is None else problems.of(str(value_of(named) or "")[:8])
        RULE.check(node, labelled, "the rule")
        if not isinstance(node, Entries):
            return
        given = node.get("scope")
        scope = "layer" if given is None else str(value_of(given))
        pattern = MATCHES.get(scope)
        if pattern is not None and (match := node.get("match")) is not None:
            SHAPES[pattern].check(match, labelled, "match")
        if (tests := node.get("tests")) is not None:
            tests_of(scope).check(tests, labelled, "tests")

    def schema(self) -> Schema:
        """The rule, with one branch for each scope."""
        return {**RULE.schema(), "allOf": [_if_scope(scope) for scope in SUBJECTS]}


_ENDINGS = ("verdict", "gate")
_OF_PROBES = (*_ENDINGS, "ends")


def _if_scope(scope: str) -> Schema:
    given: Schema = {"properties": {"scope": {"const": scope}}}
    when: Schema = given if scope == "layer" else {**given, "required": ["scope"]}
    own: Schema = {"match": named(MATCHES[scope]).schema(), "tests": tests_of(scope).schema()}
    if scope != "layer":
        own["position"] = False
    if scope == "probe":
        return {"if": when, "then": {"properties": own, "oneOf": [{"required": [key]} for key in _ENDINGS]}}
    return {"if": when, "then": {"properties": {**own, **dict.fromkeys(_OF_PROBES, False)}}}


class Anything:
    """Checked elsewhere: what is right depends on the scope."""

    def check(self, node: Node, problems: Problems, what: str) -> None:
        """Nothing to say."""

    def schema(self) -> Schema:
        """The rule's own `allOf` says it."""
        return {}


_EXPRS = Many(Expr(), 1, 20, single=True)
_KEBAB = Text(60, "[a-z0-9]+(-[a-z0-9]+)+", "words-in-kebab-case")
RULE = Record(
    {
        "id": Key(Text(8, "[A-Z]{2,5}[0-9]{3}", "capitals and three digits"), "NRM001", required=True),
        "name": Key(_KEBAB, "bias-before-batchnorm", required=True),
        "aliases": Key(Many(_KEBAB), "names it had before"),
        "title": Key(Text(120), "one short sentence", required=True),
        "since": Key(Text(10, r"[0-9]{4}\.[0-9]{2}", 'a dated set such as "2026.11"'), "the set that it came with"),
        "severity": Key(Choice(("error", "warning", "advice")), required=True),
        "confidence": Key(Choice(("A", "B", "C")), "A proven, B strong evidence, C rule of thumb", required=True),
        "escalate": Key(
            Record({"error": Key(Expr()), "warning": Key(Expr())}, 1), "a worse severity under a condition"
        ),
        "scope": Key(Choice(tuple(SUBJECTS)), "what it is about; layer when left out"),
        "mode": Key(Choice(("eval", "train")), "which recording's layers"),
        "needs": Key(Many(Choice(("train", "batch", "context", "receptive_field"))), "what it cannot do without"),
        "options": Key(Keys(Value()), "numbers, flags and texts that users may change"),
        "match": Key(Anything(), "which subjects"),
        "sequence": Key(Many(named("layer_match"), 2, 10), "layers one behind the other"),
        "through": Key(OPS_SHAPE, "operations looked through between the layers of a sequence"),
        "single_consumer": Key(Flag(), "no layer of the sequence but the last has another reader"),
        "count": Key(Keys(named("counted"), least=1), "numbers of layers that fit"),
        "at": Key(
            Text(40, NAME, "the name of a count"),
            "the finding is placed at these layers, at the model where there are none",
        ),
        "let": Key(Keys(Expr(), least=1), "named values, in order"),
        "where": Key(_EXPRS, "what must be true"),
        "unless": Key(_EXPRS, "what silences it"),
        "once": Key(Choice(("first",)), "one finding per model"),
        "message": Key(Text(500), "what is wrong, without the name of the layer", required=True),
        "why": Key(Text(2000), "one to four sentences", required=True),
        "refs": Key(Many(Text(300), 1, 20), "sources", required=True),
        "fix": Key(FIX, "what to do"),
        "effect": Key(EFFECT, "what following the advice changes"),
        "position": Key(POSITION, "scope layer: the hits are places for dropout, or places where none may stand"),
        "verdict": Key(Choice(VERDICTS), "scope probe, this or a gate: what the hits say of an arm"),
        "gate": Key(Choice(GATES), "scope probe: what the hits say limits or forbids a verdict"),
        "ends": Key(Flag(), "with a gate: nothing more is worth running, or no verdict worth giving"),
        "tests": Key(Anything(), "networks, or facts of probes, that prove it", required=True),
    }
)
FILE = Record(
    {
        "version": Key(Exactly(1), "of this format", required=True),
        "set": Key(Text(40, "[a-z][a-z0-9_-]*", "the file's name without .yaml"), "the file's name", required=True),
        "prefix": Key(Text(5, "[A-Z]{2,5}", "two to five capitals"), "what the ids of your own rules begin with"),
        "rules": Key(Many(Named("rule", RuleEntry), 0, 500), required=True),
    }
)
