"""Expressions of rules: checked at load against the vocabulary, compiled to closures.

The language is a closed list of Python's syntax (`docs/lint.md` has it in full). Types are checked before anything is
evaluated, so that a misspelt name or a comparison of unlike things is an error of the rule file, never a silent False.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from netadvise.check.comparisons import comparison
from netadvise.check.expr_syntax import REFUSED, offset, parse, said_by
from netadvise.check.functions import FUNCTIONS, apply, glob_matcher
from netadvise.check.logic import (
    ARITHMETIC,
    DIVIDING,
    calculate,
    choice,
    conjunction,
    disjunction,
    negation,
)
from netadvise.check.names import Names
from netadvise.check.problems import hint, short
from netadvise.check.scalars import LARGEST
from netadvise.check.types import WORDS, ExprError, Frame, Numbers, Piece, Run, Type, constant
from netadvise.facts import Fact
from netadvise.quantity import Unknown
from netadvise.table import Table

Compile = Callable[..., Piece]
COMPILERS: Table[Compile] = Table("how a part of an expression is compiled")


@dataclass(frozen=True, slots=True)
class Reading:
    """One expression on its way to a closure."""

    text: str
    names: Names

    def piece(self, node: ast.expr) -> Piece:
        """Compile a part, or raise `ExprError` at its place."""
        compiler = COMPILERS.get(type(node).__name__)
        if compiler is None:
            raise self.error(REFUSED.get(type(node).__name__, "this is not allowed in an expression"), node)
        try:
            return compiler(node, self)
        except ExprError as error:
            raise error if error.offset else self.error(error.text, node) from None

    def condition(self, node: ast.expr) -> Run:
        """Compile a part that must be true or false."""
        found = self.piece(node)
        if found.type != "bool":
            raise self.error(_no_condition(found), node)
        return found.run

    def error(self, text: str, node: ast.expr) -> ExprError:
        """A problem with one part."""
        return ExprError(text, offset(node, self.text))

    def said(self, node: ast.expr) -> str:
        return said_by(node, self.text)


def compile_expression(text: str, names: Names, wanted: Sequence[Type] = ()) -> Piece:
    """Compile an expression whose type must be one of `wanted` (none given: any); raises `ExprError`."""
    tree = parse(text)
    found = Reading(text, names).piece(tree)
    if "bool" in wanted and found.type not in wanted:
        raise ExprError(_no_condition(found), offset(tree, text))
    if wanted and found.type not in wanted:
        words = " or ".join(WORDS[each] for each in wanted)
        raise ExprError(f"{short(found.said)} is a {WORDS[found.type]}, not a {words}", offset(tree, text))
    return found


def _no_condition(found: Piece) -> str:
    said = short(found.said)
    if found.type == "numbers":
        return f"{said} has one number per axis: compare max({said}) or min({said}) with something"
    return f"{said} is a {WORDS[found.type]}, not a condition: compare it with something"


@COMPILERS("Constant")
def _constant(node: ast.Constant, reading: Reading) -> Piece:
    value = node.value
    if isinstance(value, bool):
        return constant("bool", value, str(value))
    if isinstance(value, int | float):
        if not abs(value) < LARGEST:
            raise ExprError("the number is too large")
        return constant("number", value, reading.said(node))
    if isinstance(value, str):
        return constant("text", value, reading.said(node))
    raise ExprError("None is not allowed: use defined(name)" if value is None else "this is no number and no text")


@COMPILERS("Name")
def _name(node: ast.Name, reading: Reading) -> Piece:
    if node.id in FUNCTIONS and node.id not in reading.names.fields:
        raise ExprError(f"'{node.id}' is a function: {FUNCTIONS[node.id].usage}")
    return reading.names.bare(node.id)


@COMPILERS("Attribute")
def _attribute(node: ast.Attribute, reading: Reading) -> Piece:
    if not isinstance(node.value, ast.Name):
        raise ExprError("a name has at most one dot")
    return reading.names.dotted(node.value.id, node.attr)


@COMPILERS("List")
def _list(node: ast.List, reading: Reading) -> Piece:
    parts = [reading.piece(each) for each in node.elts]
    types = {part.type for part in parts}
    if types == {"text"} and all(part.constant for part in parts):
        return constant("texts", tuple(str(part.value) for part in parts), reading.said(node))
    if types == {"numbers"} and all(part.constant for part in parts):
        lists = tuple(_numbers(part.value) for part in parts)
        return Piece("lists", lambda frame: None, reading.said(node), constant=True, lists=lists)
    if types != {"number"}:
        raise ExprError("a list holds numbers, or texts in quotes, and at least one")
    if all(part.constant for part in parts):
        return constant("numbers", _gathered([part.value for part in parts]), reading.said(node))
    runs = [part.run for part in parts]
    return Piece("numbers", lambda frame: _gathered([run(frame) for run in runs]), reading.said(node))


def _numbers(value: Fact) -> Numbers:
    return tuple(each for each in value if isinstance(each, int | float)) if isinstance(value, tuple) else ()


def _gathered(values: Sequence[Fact]) -> Fact:
    if any(value is None for value in values):
        return None
    unknown = next((value for value in values if isinstance(value, Unknown)), None)
    return unknown if unknown is not None else tuple(each for each in values if isinstance(each, int | float))


@COMPILERS("BoolOp")
def _bool_op(node: ast.BoolOp, reading: Reading) -> Piece:
    parts = [reading.condition(each) for each in node.values]
    joined = conjunction(parts) if isinstance(node.op, ast.And) else disjunction(parts)
    return Piece("bool", joined, reading.said(node))


@COMPILERS("UnaryOp")
def _unary_op(node: ast.UnaryOp, reading: Reading) -> Piece:
    if isinstance(node.op, ast.Not):
        return Piece("bool", negation(reading.condition(node.operand)), reading.said(node))
    if not isinstance(node.op, ast.USub):
        raise reading.error(REFUSED[type(node.op).__name__], node)
    return _calculation("Sub", constant("number", 0, "0"), _arithmetic(node.operand, reading), reading.said(node))


@COMPILERS("BinOp")
def _bin_op(node: ast.BinOp, reading: Reading) -> Piece:
    name = type(node.op).__name__
    if name not in ARITHMETIC:
        raise reading.error(REFUSED.get(name, "this operator is not allowed"), node)
    left, right = _arithmetic(node.left, reading), _arithmetic(node.right, reading)
    if name in DIVIDING and right.constant and right.value == 0:
        raise reading.error("division by zero", node.right)
    return _calculation(name, left, right, reading.said(node))


def _arithmetic(node: ast.expr, reading: Reading) -> Piece:
    found = reading.piece(node)
    if found.type not in ("number", "numbers"):
        raise reading.error(f"cannot calculate with {short(found.said)}: it is a {WORDS[found.type]}", node)
    return found


def _calculation(name: str, left: Piece, right: Piece, said: str) -> Piece:
    type_: Type = "numbers" if "numbers" in (left.type, right.type) else "number"
    function = ARITHMETIC[name]
    if left.constant and right.constant:
        value = calculate(function, left.value, right.value)
        if value is None:
            raise ExprError(f"{said} has no finite value")
        return constant(type_, value, said)
    one, other = left.run, right.run
    return Piece(type_, lambda frame: calculate(function, one(frame), other(frame)), said)


@COMPILERS("IfExp")
def _if(node: ast.IfExp, reading: Reading) -> Piece:
    condition, yes, no = reading.condition(node.test), reading.piece(node.body), reading.piece(node.orelse)
    if yes.type != no.type or yes.type == "lists":
        raise reading.error(f"both sides of `else` must be alike: {WORDS[yes.type]} and {WORDS[no.type]} are not", node)
    return Piece(yes.type, choice(condition, yes.run, no.run), reading.said(node))


@COMPILERS("Compare")
def _compare(node: ast.Compare, reading: Reading) -> Piece:
    operands = [node.left, *node.comparators]
    pieces = [reading.piece(each) for each in operands]
    runs: list[Run] = []
    for index, op in enumerate(node.ops):
        try:
            runs.append(comparison(type(op).__name__, pieces[index], pieces[index + 1]))
        except ExprError as error:
            raise reading.error(error.text, operands[index]) from None
    return Piece("bool", runs[0] if len(runs) == 1 else conjunction(runs), reading.said(node))


@COMPILERS("Call")
def _call(node: ast.Call, reading: Reading) -> Piece:
    if not isinstance(node.func, ast.Name):
        raise reading.error("only the functions of the language may be called", node)
    name = node.func.id
    function = FUNCTIONS.get(name)
    if function is None:
        raise reading.error(f"unknown function '{short(name)}'{hint(name, FUNCTIONS)}", node)
    if node.keywords:
        raise reading.error(f"write {function.usage}, without names for the arguments", node)
    pieces = [reading.piece(each) for each in node.args]
    type_ = function.result(tuple(piece.type for piece in pieces))
    if type_ is None:
        given = ", ".join(WORDS[piece.type] for piece in pieces) or "nothing"
        raise reading.error(f"write {function.usage}: {name}() does not take {given}", node)
    if name == "glob":
        return _glob(pieces, reading, node)
    runs = [piece.run for piece in pieces]
    return Piece(type_, lambda frame: apply(function, [run(frame) for run in runs], type_), reading.said(node))


def _glob(pieces: Sequence[Piece], reading: Reading, node: ast.Call) -> Piece:
    """A glob is compiled once, so its pattern must stand in the rule."""
    text, pattern = pieces
    if not pattern.constant:
        raise reading.error("the pattern of glob() is a text in quotes", node)
    matches = glob_matcher(str(pattern.value))

    def run(frame: Frame) -> Fact:
        value = text.run(frame)
        if isinstance(value, Unknown):
            return value
        return isinstance(value, str) and matches(value)

    return Piece("bool", run, reading.said(node))
