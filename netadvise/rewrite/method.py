"""Whether an expression runs once in a method of a certain module, and what that method calls the module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from netadvise.graph import Location
from netadvise.rewrite.names import NN, Names
from netadvise.rewrite.nouns import RefusedError

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SEVERAL = {
    ast.For: "stands in a loop, which runs it several times",
    ast.AsyncFor: "stands in a loop, which runs it several times",
    ast.While: "stands in a loop, which runs it several times",
    ast.Lambda: "stands in a lambda",
    ast.ListComp: "stands in a comprehension, which runs it several times",
    ast.SetComp: "stands in a comprehension, which runs it several times",
    ast.DictComp: "stands in a comprehension, which runs it several times",
    ast.GeneratorExp: "stands in a comprehension, which runs it several times",
}
_UNBOUND = frozenset(("staticmethod", "classmethod"))


@dataclass(frozen=True, slots=True)
class Method:
    """A method of a class of modules."""

    names: Names
    node: ast.FunctionDef | ast.AsyncFunctionDef
    owner: ast.ClassDef
    first: str
    """The name of its first parameter: `self`."""

    def check_of(self, kind: str, place: Location) -> None:
        """Raises `RefusedError` where it is not certain that the first parameter is a module of class `kind`."""
        if kind != self.owner.name and not self._is_module(self.owner, frozenset()):
            reason = f"it is not certain that {self.first} of {self.owner.name}.{self.node.name} is a {kind}"
            raise RefusedError(reason, place)

    def _is_module(self, owner: ast.ClassDef, seen: frozenset[str]) -> bool:
        """Whether the file says that a class is one of modules."""
        classes = {node.name: node for node in ast.walk(self.names.source.tree) if isinstance(node, ast.ClassDef)}
        for base in owner.bases:
            if self.names.qualified(base).startswith(f"{NN}."):
                return True
            known = classes.get(base.id) if isinstance(base, ast.Name) else None
            if known is not None and known.name not in seen and self._is_module(known, seen | {owner.name}):
                return True
        return False


def method_around(names: Names, node: ast.AST, place: Location) -> Method:
    """The method that runs an expression once; raises `RefusedError`, with the reason, for every other surrounding."""
    for around in _around(names, node):
        if type(around) in _SEVERAL:
            raise RefusedError(f"it {_SEVERAL[type(around)]}", place)
        if isinstance(around, _FUNCTIONS):
            return _method(names, around, place)
    raise RefusedError("it stands in no method of a module", place)


def _method(names: Names, node: ast.FunctionDef | ast.AsyncFunctionDef, place: Location) -> Method:
    owner = names.source.parents.get(node)
    if not isinstance(owner, ast.ClassDef):
        raise RefusedError(f"it stands in the function {node.name}, which is no method of a module", place)
    parameters = [*node.args.posonlyargs, *node.args.args]
    unbound = any(isinstance(each, ast.Name) and each.id in _UNBOUND for each in node.decorator_list)
    if unbound or not parameters:
        raise RefusedError(f"it stands in {owner.name}.{node.name}, which is not given the module", place)
    first = parameters[0].arg
    if _rebound(node, first):
        raise RefusedError(f"{owner.name}.{node.name} gives {first} another meaning", place)
    return Method(names, node, owner, first)


def _rebound(node: ast.AST, name: str) -> bool:
    return any(
        isinstance(each, ast.Name) and each.id == name and isinstance(each.ctx, ast.Store | ast.Del)
        for each in ast.walk(node)
    )


def _around(names: Names, node: ast.AST) -> Iterator[ast.AST]:
    parent = names.source.parents.get(node)
    while parent is not None:
        yield parent
        parent = names.source.parents.get(parent)
