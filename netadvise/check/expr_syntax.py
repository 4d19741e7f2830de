"""From the text of an expression to Python's syntax tree, within limits; nothing is ever executed."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator

from netadvise.check.types import ExprError

MAX_CHARACTERS = 1_000
MAX_PARTS = 200
MAX_DEPTH = 24

REFUSED = {
    "Pow": "`**` is not allowed: multiply",
    "LShift": "shifts are not allowed",
    "RShift": "shifts are not allowed",
    "BitAnd": "`&` is not allowed: write `and`",
    "BitOr": "`|` is not allowed: write `or`",
    "BitXor": "`^` is not allowed",
    "MatMult": "`@` is not allowed",
    "UAdd": "unary `+` is not allowed",
    "Invert": "`~` is not allowed: write `not`",
    "Is": "`is` is not allowed: write `==`",
    "IsNot": "`is not` is not allowed: write `!=`",
    "Lambda": "lambda is not allowed",
    "ListComp": "comprehensions are not allowed: use min(), max() or a relation",
    "SetComp": "comprehensions are not allowed",
    "DictComp": "comprehensions are not allowed",
    "GeneratorExp": "comprehensions are not allowed: use min(), max() or a relation",
    "NamedExpr": "`:=` is not allowed: use `let`",
    "Subscript": "`[...]` behind a value is not allowed: use min() or max()",
    "Slice": "slices are not allowed",
    "JoinedStr": "f-strings are not allowed",
    "Starred": "`*` before a value is not allowed",
    "Tuple": "write a list: [a, b]",
    "Set": "write a list: [a, b]",
    "Dict": "mappings are not allowed",
    "Await": "await is not allowed",
    "Yield": "yield is not allowed",
    "YieldFrom": "yield is not allowed",
}


def parse(text: str) -> ast.expr:
    """The syntax tree of an expression; raises `ExprError`."""
    if len(text) > MAX_CHARACTERS:
        raise ExprError(f"the expression has {len(text):,} characters, at most {MAX_CHARACTERS:,} are allowed")
    if "\\" in text:
        raise ExprError("backslashes are not allowed", text.index("\\"))
    lead = len(text) - len(text.lstrip())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.replace("\n", " ").strip(), mode="eval").body
    except SyntaxError as error:
        raise ExprError(_said(error), _offset(error, text)) from error
    except (ValueError, MemoryError, RecursionError) as error:
        raise ExprError("the expression cannot be read") from error
    _bound(tree)
    if lead:
        _shift(tree, lead)
    return tree


def offset(node: ast.expr, text: str) -> int:
    """Where a part begins, counted in characters; Python counts bytes."""
    if text.isascii():
        return node.col_offset
    return len(text.encode()[: node.col_offset].decode(errors="ignore"))


def said_by(node: ast.expr, text: str) -> str:
    """A part as it stands in the text."""
    if text.isascii():
        return text[node.col_offset : node.end_col_offset]
    return text.encode()[node.col_offset : node.end_col_offset].decode(errors="ignore")


def _said(error: SyntaxError) -> str:
    text = error.msg or "invalid syntax"
    return "the expression is incomplete or misspelt" if text == "invalid syntax" else f"not an expression: {text}"


def _offset(error: SyntaxError, text: str) -> int:
    return len(text) if not error.offset else min(max(error.offset - 1, 0) + len(text) - len(text.lstrip()), len(text))


def _bound(tree: ast.expr) -> None:
    parts = 0
    waiting: list[tuple[ast.expr, int]] = [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        parts += 1
        if parts > MAX_PARTS:
            raise ExprError(f"the expression has more than {MAX_PARTS} parts: use `let`")
        if depth > MAX_DEPTH:
            raise ExprError(f"the expression is nested deeper than {MAX_DEPTH}")
        waiting.extend((child, depth + 1) for child in _children(node))


def _children(node: ast.expr) -> Iterator[ast.expr]:
    """The expressions in an expression; those in syntax that is refused anyway are left out."""
    for name in node._fields:
        value = getattr(node, name)
        for each in value if isinstance(value, list) else (value,):
            if isinstance(each, ast.expr):
                yield each


def _shift(tree: ast.expr, by: int) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.expr):
            node.col_offset += by
            node.end_col_offset = (node.end_col_offset or 0) + by
