"""What the names of a file stand for, as far as its imports say it: `nn.Conv2d` is "torch.nn.Conv2d".

Only what is certain counts: a name that is also assigned, a parameter, a function or a class of the file stands for
nothing known. `Conv = nn.Conv2d`, its only assignment, is followed.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from netadvise.source import Source

NN = "torch.nn"
_FOLLOWED = 8


@dataclass(frozen=True, slots=True)
class _Binding:
    """One statement that gives a name a meaning: an import's dotted name, or an expression, or neither."""

    origin: str
    node: ast.AST
    value: ast.expr | None = None


@dataclass(frozen=True)
class Names:
    """The names of one file."""

    source: Source

    def qualified(self, expression: ast.expr, followed: int = 0) -> str:
        """The full dotted name of `nn.Conv2d`; empty where it is not certain."""
        if isinstance(expression, ast.Attribute):
            owner = self.qualified(expression.value, followed)
            return _public(f"{owner}.{expression.attr}") if owner else ""
        if not isinstance(expression, ast.Name):
            return ""
        return self._meaning(expression.id, followed)

    def layer(self, call: ast.Call) -> str:
        """The class of torch.nn that a call constructs; empty for everything else."""
        owner, _, name = self.qualified(call.func).rpartition(".")
        return name if owner == NN else ""

    def spelled(self, layer: str, call: ast.Call) -> str:
        """How torch.nn's `layer` is written beside `call`; empty where no import reaches it."""
        func = call.func
        if isinstance(func, ast.Attribute) and self.qualified(func.value) == NN:
            return f"{self.source.said(func.value)}.{layer}"
        wanted = ((f"{NN}.{layer}", ""), (NN, f".{layer}"), ("torch", f".nn.{layer}"))
        for origin, rest in wanted:
            for name in self._bindings:
                if self._meaning(name) == origin and self._visible(name, call):
                    return name + rest
        return layer if self._starred(layer) else ""

    def reached(self, wanted: str, node: ast.expr) -> str:
        """How a function is written at `node`, by a module that the file imports: `F.dropout`; empty if by none."""
        parts = wanted.split(".")
        for length in range(len(parts) - 1, 0, -1):
            for name in self._bindings:
                if self._meaning(name) == ".".join(parts[:length]) and self._visible(name, node):
                    return ".".join((name, *parts[length:]))
        by_name = (name for name in self._bindings if self._meaning(name) == wanted and self._visible(name, node))
        return next(by_name, "")

    def _meaning(self, name: str, followed: int = 0) -> str:
        found = self._bindings.get(name, [])
        if not found:
            return f"{NN}.{name}" if self._starred(name) else ""
        origins = {binding.origin for binding in found}
        if len(found) == 1 and found[0].value is not None and followed < _FOLLOWED:
            return self.qualified(found[0].value, followed + 1)
        return _public(origins.pop()) if len(origins) == 1 else ""

    def _starred(self, name: str) -> bool:
        """Whether `from torch.nn import *`, and no other star, gives the name."""
        return self._stars == {NN} and name not in self._bindings

    def _visible(self, name: str, call: ast.expr) -> bool:
        """Whether every statement that binds the name has run when the call does."""
        around = set(self._around(call))
        return all(self._reaches(binding.node, around, call) for binding in self._bindings[name])

    def _reaches(self, node: ast.AST, around: set[ast.AST], call: ast.expr) -> bool:
        scope = next((item for item in self._around(node) if isinstance(item, _SCOPES)), None)
        inner = isinstance(scope, ast.ClassDef) or (scope is not None and scope not in around)
        return not inner and getattr(node, "lineno", 0) < call.lineno and not any(map(_unrun, self._around(node)))

    def _around(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around one, the innermost first."""
        parent = self.source.parents.get(node)
        while parent is not None:
            yield parent
            parent = self.source.parents.get(parent)

    @cached_property
    def _bindings(self) -> dict[str, list[_Binding]]:
        found: defaultdict[str, list[_Binding]] = defaultdict(list)
        for node in ast.walk(self.source.tree):
            for name, binding in self._bound(node):
                found[name].append(binding)
        return dict(found)

    def _bound(self, node: ast.AST) -> Iterator[tuple[str, _Binding]]:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _imported(node)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id, _Binding("", node, _alias(node, self.source.parents[node]))
        elif name := _named(node):
            yield name, _Binding("", node)

    @cached_property
    def _stars(self) -> set[str]:
        return {
            _public(node.module or "")
            for node in ast.walk(self.source.tree)
            if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
        }


_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, _Binding]]:
    """Names and what they stand for: `import torch.nn` binds `torch`, `import torch.nn as nn` binds it all."""
    for alias in node.names:
        if isinstance(node, ast.Import):
            top = alias.name.partition(".")[0]
            yield alias.asname or top, _Binding(alias.name if alias.asname else top, node)
        elif alias.name != "*":
            origin = "" if node.level else f"{node.module}.{alias.name}"
            yield alias.asname or alias.name, _Binding(origin, node)


def _alias(name: ast.Name, statement: ast.AST) -> ast.expr | None:
    """What `name = dotted.name` says."""
    if not isinstance(statement, ast.Assign) or statement.targets != [name]:
        return None
    return statement.value if isinstance(statement.value, ast.Attribute | ast.Name) else None


def _named(node: ast.AST) -> str:
    """The name that a definition, a parameter, an `except` or a pattern binds."""
    if isinstance(node, ast.arg):
        return node.arg
    if isinstance(node, ast.MatchMapping):
        return node.rest or ""
    name = getattr(node, "name", None) if not isinstance(node, ast.alias) else None
    return name if isinstance(name, str) else ""


def _unrun(node: ast.AST) -> bool:
    """`if TYPE_CHECKING:` does not run."""
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def _public(name: str) -> str:
    """`torch.nn.modules.conv.Conv2d` is `torch.nn.Conv2d`."""
    private = f"{NN}.modules."
    return f"{NN}.{name.rpartition('.')[2]}" if name.startswith(private) and name.count(".") > 3 else name
