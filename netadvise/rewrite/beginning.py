"""The expressions of a file that begin where a recording says that something ran."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterator

from netadvise.graph import Location
from netadvise.rewrite.names import Names
from netadvise.source import Source

_OPERATORS = {
    ast.Add: ("add",),
    ast.Sub: ("sub", "rsub"),
    ast.Mult: ("mul",),
    ast.Div: ("div",),
    ast.MatMult: ("matmul",),
}
_SAME = {
    "view": frozenset(("flatten", "reshape", "unflatten")),
    "reshape": frozenset(("flatten", "unflatten")),
    "add": frozenset(("__add__",)),
    "sub": frozenset(("subtract",)),
    "mul": frozenset(("multiply",)),
    "div": frozenset(("divide", "true_divide")),
    "cat": frozenset(("concat", "concatenate")),
}
"""Function as recorded -> other names that it is called by."""


def function_calls(names: Names, location: Location, function: str, owner: str) -> Iterator[list[ast.expr]]:
    """The calls of a function, or its operators, that begin at `location`, in the order in which they run.

    Two readings: by where Python usually places a call, and by every place that it may give for one. A method of
    `owner`, the module, is no function of torch: `self.relu(x)` calls a layer.
    """
    operators = [
        node
        for node in _all(names.source)
        if isinstance(node, ast.BinOp)
        and function in _OPERATORS.get(type(node.op), ())
        and names.source.location(node) == location
    ]
    for calls in (_beginning(names.source, location), names.source.calls_at(location)):
        found = [call for call in calls if _is_call_of(names, call, function, owner)]
        yield sorted([*found, *operators], key=lambda node: names.source.span(node)[1])


def _beginning(source: Source, location: Location) -> list[ast.Call]:
    """The calls that Python places exactly at `location`, the innermost first."""
    return [call for call in source.calls_at(location) if source.position(_placed(source, call)) == _at(location)]


def augmented(source: Source, location: Location) -> ast.AugAssign | None:
    """The statement `x += y` that begins at `location`."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.AugAssign) and source.location(node.target) == location:
            return node
    return None


def path_from(owner: str, callee: ast.expr) -> str:
    """The path of `self.layers[0].conv` from the module that `owner` names: "layers.0.conv"; empty for all else."""
    parts: list[str] = []
    while not isinstance(callee, ast.Name):
        if isinstance(callee, ast.Attribute):
            parts.append(callee.attr)
        elif isinstance(callee, ast.Subscript) and isinstance(callee.slice, ast.Constant):
            parts.append(str(callee.slice.value))
        else:
            return ""
        callee = callee.value
    return ".".join(reversed(parts)) if callee.id == owner else ""


def _placed(source: Source, call: ast.Call) -> int:
    """Where Python says that a call is: at its name, for one whose name stands on a later line."""
    start, _ = source.span(call)
    if not isinstance(call.func, ast.Attribute):
        return start
    _, end = source.span(call.func)
    return start if source.line_of(end) == source.line_of(start) else end - len(call.func.attr)


def _at(location: Location) -> tuple[int, int | None]:
    return location.line, location.column


def _is_call_of(names: Names, call: ast.Call, function: str, owner: str) -> bool:
    if path_from(owner, call.func):
        return False
    full = names.qualified(call.func)
    name = full.rpartition(".")[2] or (call.func.attr if isinstance(call.func, ast.Attribute) else "")
    if full and not full.startswith("torch."):
        return False
    inplace = any(keyword.arg == "inplace" for keyword in call.keywords)
    return name == function or name in _SAME.get(function, ()) or (inplace and f"{name}_" == function)


def _all(source: Source) -> Iterator[ast.AST]:
    """Every node that is in no f-string, whose columns are not those of the file."""
    waiting: deque[ast.AST] = deque([source.tree])
    while waiting:
        node = waiting.popleft()
        yield node
        waiting.extend(child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.JoinedStr))
