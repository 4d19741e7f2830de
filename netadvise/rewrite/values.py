"""Argument values as Python writes them, and read back."""

from __future__ import annotations

import ast
import re
from math import isfinite

from netadvise.edit import Value
from netadvise.rewrite.nouns import RefusedError

PER_AXIS = frozenset(("kernel_size", "stride", "padding", "dilation", "output_padding"))
"""Arguments for which one number means the same on every axis."""
_PLAIN_TEXT = re.compile(r"[\w .-]*", re.ASCII)


def written(name: str, value: Value) -> str:
    """The literal of a value: the same number on every axis is written once."""
    value = plain(name, value)
    if isinstance(value, str):
        return f'"{value}"' if _PLAIN_TEXT.fullmatch(value) else ascii(value)
    numbers = value if isinstance(value, tuple) else (value,)
    if any(isinstance(number, float) and not isfinite(number) for number in numbers):
        raise RefusedError(f"{name}={value} has no literal")
    return repr(value)


def plain(name: str, value: Value) -> Value:
    """`(3, 3)` as 3 where it is the same to torch."""
    if name in PER_AXIS and isinstance(value, tuple) and value and len(set(value)) == 1:
        return value[0]
    return value


def literal(node: ast.expr) -> bool:
    """Whether a node is a number, a text, True, False, None, or a tuple or list of these."""
    if isinstance(node, ast.Tuple | ast.List):
        return all(map(literal, node.elts))
    number = node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd) else node
    return isinstance(number, ast.Constant)


def same(name: str, one: Value, other: Value) -> bool:
    """Whether two values of an argument are equal to torch: 3 and (3, 3) are, 1 and True are not."""
    one, other = plain(name, _tuple(one)), plain(name, _tuple(other))
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def value_of(node: ast.expr) -> Value:
    """The value of a literal node."""
    value: Value = _tuple(ast.literal_eval(node))
    return value


def _tuple(value: object) -> Value:
    found: Value = tuple(value) if isinstance(value, list) else value  # type: ignore[assignment]
    return found
