"""Rule files whose `fix.edits` are wrong: each with the place and the words that its error must have."""

from __future__ import annotations

from tests.check.hostile import USUAL, Hostile


def _edits(name: str, edits: str, at: str, said: str) -> Hostile:
    """The usual rule with these edits; the problem stands where `at` does in them."""
    return _fix(name, f"{{text: x, edits: {edits}}}", at, said)


def _fix(name: str, fix: str, at: str, said: str) -> Hostile:
    line = f"    fix: {fix}"
    lines = USUAL.splitlines()
    number = next(index for index, each in enumerate(lines) if each.startswith("    why"))
    lines.insert(number + 1, line)
    return Hostile(name, ("\n".join(lines) + "\n").encode(), f"{number + 2}:{line.index(at) + 1}", said)


def _args(name: str, args: str, at: str, said: str) -> Hostile:
    return _edits(name, f"[{{on: self, set_args: {{{args}}}}}]", at, said)


def _part(name: str, part: str, at: str, said: str) -> Hostile:
    return _edits(name, f"[{{on: self, replace: [{part}]}}]", at, said)


SHAPES = [
    _edits("edits a mapping", "{on: self}", "{on", "edits is a list, not a mapping"),
    _edits("no edits", "[]", "[]", "edits has 0 entries, at least 1 needed"),
    _edits("an edit of text", "[bias]", "bias", "the edit is a mapping, not 'bias'"),
    _edits("edit without on", "[{set_args: {bias: false}}]", "{set_args", "the edit has no 'on'"),
    _edits("edit of nothing", "[{on: self}]", "{on", "an edit has one of set_args and replace"),
    _edits(
        "edit of both",
        "[{on: self, set_args: {bias: false}, replace: [{type: ReLU}]}]",
        "{on",
        "an edit has one of set_args and replace",
    ),
    _edits("misspelt edit", "[{on: self, set_arg: {bias: false}}]", "set_arg", "(did you mean 'set_args'?)"),
    _edits("on a number", "[{on: 1, set_args: {bias: false}}]", "1,", "on is self, or the name"),
    _args("empty arguments", "", "{}}", "set_args is empty"),
    _args("argument of a path", "a.b: 1", "a.b", "'a.b' is no name"),
    _args("argument a mapping", "padding: {a: 1}", "{a", "padding is a number, a flag or an expression"),
    _part("empty chain", "", "[]}", "replace has 0 entries"),
    _part("unknown class", "{type: Conv4d}", "Conv4d", "(did you mean 'Conv"),
    _part(
        "class of another package", "{type: os.system}", "os.system", "not 'os.system': those are the layers without"
    ),
    _part(
        "container", "{type: Sequential}", "Sequential", "type is 'like' or a layer class of torch.nn, not 'Sequential'"
    ),
    _part("no class", "{args: {bias: false}}", "{args", "the layer has no 'type'"),
    _part("like nothing", "{type: like}", "{type: like", "a layer of type like has no 'of'"),
    _part("of without like", "{type: ReLU, of: self}", "self}]", "'of' is for layers of type like"),
    _part("long chain", ", ".join(["{type: ReLU}"] * 9), "[{type", "replace has 9 entries, at most 8 allowed"),
]
"""What the schema for editors refuses as well."""

MEANING = [
    _edits("edit of a stranger", "[{on: bn, set_args: {eps: 1}}]", "bn", "'bn' is no layer of this rule"),
    _edits(
        "edit of a layer twice",
        "[{on: self, set_args: {bias: false}}, {on: self, set_args: {groups: 1}}]",
        "self, set_args: {groups",
        "two edits of 'self'",
    ),
    _args("unknown argument", "kernal_size: 3", "kernal_size", "(did you mean 'kernel_size'?)"),
    _args("argument of another class", "p: 0.5", "p: 0.5", "'p' is no argument of the layers that 'self' can be"),
    _args("flag for a number", "stride: true", "true", "stride is a whole number, or one for each axis, not true"),
    _args("number for a flag", "bias: 0", "0}", "bias is true or false, not the number 0"),
    _args("half a channel", "out_channels: 1.5", "1.5", "out_channels is a whole number, not the number 1.5"),
    _args("list for a count", "groups: [1, 2]", "[1", "groups is a whole number, not a list"),
    _args("nested list", "stride: [[1, 2], 1]", "[1, 2]", "stride is an expression, not a list"),
    _args("number of text", "padding_mode: 3", "3}", "padding_mode is a text in an expression"),
    _args("text without quotes", "padding_mode: zeros", "zeros", "unknown name 'zeros'"),
    _args("unknown name in an argument", 'padding: "kernal_size"', "kernal_size", "(did you mean 'kernel_size'?)"),
    _args("flag as an expression", 'padding: "bias"', 'bias"', "bias is a condition, not a number"),
    _args("code in an argument", 'padding: "__import__(1)"', "__import__", "unknown function '__import__'"),
    _args("power in an argument", 'padding: "9 ** 9 ** 9"', "9 ** 9", "`**` is not allowed"),
    _args("null in an argument", "padding: ~", "}}]}", "incomplete or misspelt"),
    _args("huge number in an argument", "padding: 1" + "0" * 30, "1000", "is too large"),
    _part("argument of no class", "{type: ReLU, args: {p: 1}}", "p: 1", "'p' is no argument of ReLU: one of inplace"),
    _part(
        "argument of identity", "{type: Identity, args: {p: 1}}", "p: 1", "no argument of Identity, which takes none"
    ),
    _part("like a stranger", "{type: like, of: act}", "act", "'act' is no layer of this rule"),
    _part(
        "like with another's argument",
        "{type: like, of: self, args: {p: 1}}",
        "p: 1",
        "'p' is no argument of the layers that 'self' can be",
    ),
    _fix("condition without edits", "{text: x, edits_where: 'bias'}", "'bias'", "'edits_where' without 'edits'"),
    _fix(
        "condition of a number",
        "{text: x, edits: [{on: self, set_args: {bias: false}}], edits_where: params}",
        "params",
        "params is a number, not a condition",
    ),
]
"""What only the loader can tell: names, arguments and expressions."""

EDITS = [*SHAPES, *MEANING]
