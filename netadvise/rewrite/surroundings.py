"""Whether another layer, or several, may stand where one is constructed: what the code around does with the result."""

from __future__ import annotations

import ast

from netadvise.rewrite.arguments import Constructor
from netadvise.rewrite.names import NN, Names
from netadvise.rewrite.nouns import RefusedError
from netadvise.source import Source

_HELD = (ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.Return, ast.List, ast.Tuple, ast.Dict, ast.IfExp, ast.Lambda)
_HELD_TOO = (ast.ListComp, ast.GeneratorExp, ast.DictComp, ast.Starred)
_LONGEST = 60
_KEEPING = frozenset(("append", "insert", "extend", "add_module", "register_module", "OrderedDict", "setattr"))
_FLUENT = frozenset(("to", "cuda", "cpu", "half", "float", "double", "bfloat16", "eval", "train", "requires_grad_"))


def check_replaceable(made: Constructor, names: Names) -> None:
    """Raises `RefusedError` where the file does with the layer what only that very layer can."""
    parent = made.source.parents[made.call]
    if not _holds(parent, made.call, names):
        said = _short(made.source, parent)
        raise RefusedError(f"it is handed to {said}, which may need this very layer", made.source.location(made.call))
    for target in _targets(parent):
        line = _read_inside(made.source, target)
        if line is not None:
            reason = f"line {line.lineno} uses {_short(made.source, line)}, which only this very layer has"
            raise RefusedError(reason, made.source.location(made.call))


def _holds(parent: ast.AST, call: ast.Call, names: Names) -> bool:
    """Whether the result is kept, or called, as any module could be."""
    if isinstance(parent, ast.keyword):
        parent = names.source.parents[parent]
    if isinstance(parent, ast.Attribute):
        return parent.attr in _FLUENT
    if not isinstance(parent, ast.Call):
        return isinstance(parent, (*_HELD, *_HELD_TOO))
    name = parent.func.attr if isinstance(parent.func, ast.Attribute) else getattr(parent.func, "id", "")
    return (
        parent.func is call
        or name in _KEEPING
        or names.qualified(parent.func).startswith(f"{NN}.Module")
        or names.layer(parent) == "Sequential"
    )


def _targets(parent: ast.AST) -> list[str]:
    """The names or attributes that an assignment gives the layer."""
    targets = parent.targets if isinstance(parent, ast.Assign) else [getattr(parent, "target", None)]
    return [name for target in targets if (name := _name(target))]


def _name(node: ast.AST | None) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _read_inside(source: Source, target: str) -> ast.expr | None:
    """Where the file reads an attribute or an element of what goes by that name: `self.conv.weight`."""
    for node in ast.walk(source.tree):
        fluent = isinstance(node, ast.Attribute) and node.attr in _FLUENT
        if isinstance(node, ast.Attribute | ast.Subscript) and not fluent and _name(node.value) == target:
            return node
    return None


def _short(source: Source, node: ast.AST) -> str:
    """The text of a node on one line, of a call what is called."""
    shown = node.func if isinstance(node, ast.Call) else node
    text = " ".join(source.said(shown).split()) if isinstance(shown, ast.expr) else "a statement"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
