"""Modules that return several values: where in the source the first of them stands alone."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from netadvise.graph import Location
from netadvise.rewrite.names import Names
from netadvise.rewrite.nouns import RefusedError

SEVERAL = frozenset(("GRU", "LSTM", "LSTMCell", "MultiheadAttention", "RNN"))
"""Layers of torch.nn that return more than one value."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """`states, _ = self.lstm(x)`: the name of the first value, and where a line behind the statement goes."""

    name: ast.Name
    behind: int
    indent: str
    line_end: str


def first_of_several(names: Names, call: ast.Call, kind: str, location: Location) -> ast.Subscript | Unpacked | None:
    """Where the first value of a call stands alone; None for a call that returns only one.

    Raises `RefusedError` where it returns several, or may do, and the first does not stand alone.
    """
    parent = names.source.parents.get(call)
    if isinstance(parent, ast.Subscript) and kind in SEVERAL and _is_zero(parent.slice):
        return parent
    unpacked = isinstance(parent, ast.Assign) and any(isinstance(each, ast.Tuple | ast.List) for each in parent.targets)
    if not unpacked and not isinstance(parent, ast.Starred) and kind not in SEVERAL:
        return None
    found = _unpacked(names, parent) if isinstance(parent, ast.Assign) else None
    if found is None:
        said = " ".join(names.source.said(call).split())
        raise RefusedError(f"{said} returns several values, of which the first is to be dropped", location)
    return found


def _unpacked(names: Names, statement: ast.Assign) -> Unpacked | None:
    """The statement taken apart, where it is alone on its lines."""
    source, target = names.source, statement.targets[0]
    if len(statement.targets) != 1 or not isinstance(target, ast.Tuple) or not isinstance(target.elts[0], ast.Name):
        return None
    start, (_, end) = source.span(target)[0], source.span(statement.value)
    first, _ = source.line_span(source.line_of(start))
    indent = source.text[first:start].rstrip("(")
    _, behind = source.line_span(source.line_of(end))
    rest = source.text[end:behind].strip()
    alone = not indent.strip() and (not rest or rest.startswith("#"))
    unique = sum(isinstance(each, ast.Name) and each.id == target.elts[0].id for each in target.elts) == 1
    if not alone or not unique:
        return None
    return Unpacked(target.elts[0], behind, indent, source.line_end(source.line_of(end)))


def _is_zero(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int and node.value == 0
