"""A dropout around an expression of a forward: the call of a function, of a module, or an operator.

No module is made, so every weight keeps its name and a checkpoint loads as before. Only what is certain is wrapped: one
expression, that ran once, in a method of the module.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from netadvise.edit import Insert, Place
from netadvise.graph import Location
from netadvise.rewrite.beginning import augmented, function_calls, path_from
from netadvise.rewrite.masks import Mask
from netadvise.rewrite.method import Method, method_around
from netadvise.rewrite.names import Names
from netadvise.rewrite.nouns import FunctionCall, RefusedError, Splice, Wanted, called
from netadvise.rewrite.place import in_library
from netadvise.rewrite.signatures import SIGNATURES
from netadvise.rewrite.unpacked import first_of_several

_MOST_NAMED = 3
_TAIL, _HEAD, _LINE = range(3)
"""Where several wraps meet, inner ones end first and outer ones begin first."""


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression with a dropout around it."""

    node: ast.expr
    around: tuple[Splice, ...]
    covers: frozenset[str]
    """Everything that ran there: all of it gets the dropout."""
    location: Location

    def splices(self, names: Names, wanted: Sequence[Wanted]) -> tuple[Splice, ...]:
        """What all edits of it come to; raises `RefusedError` where they differ, or leave out what runs there, too."""
        if any(expression(names, item) != self for item in wanted):
            raise RefusedError("another edit puts another dropout around it", self.location, clash=True)
        others = sorted(self.covers - {_name(item) for item in wanted})
        if others:
            more = f" and {len(others) - _MOST_NAMED} more" if len(others) > _MOST_NAMED else ""
            shown = f"{', '.join(others[:_MOST_NAMED])}{more}"
            raise RefusedError(f"the same code runs {shown}, which stay as they are", self.location)
        return self.around


def ran_at(item: Wanted) -> Location:
    """Where the expression of an edit stands, in a file of the project; raises `RefusedError` where it is not known."""
    place = _place(item)
    location = _call(item, place).location if place.where == "after-call" else item.site.called_at
    if location is None:
        raise RefusedError("it is not known where it is called, or it runs several times")
    if in_library(location.file):
        raise RefusedError(f"it is called by a library, at {location}", location)
    return location


def expression(names: Names, item: Wanted) -> Expression:
    """The expression with its dropout; raises `RefusedError` where it is not certain which one it is."""
    return _WRAPPED[_place(item).where](names, item, ran_at(item))


def _behind_function(names: Names, item: Wanted, location: Location) -> Expression:
    place = _place(item)
    run = _call(item, place)
    changed = augmented(names.source, location) if place.function.endswith("_") else None
    if changed is not None:
        said = _said(names, changed.target)
        raise RefusedError(
            f"line {location.line} changes {said} in place: write `{said} = {said} ...` there first", location
        )
    owner = _owner_at(names, location)
    readings = list(function_calls(names, location, place.function, owner))
    found = next((each for each in readings if len(each) == run.of), max(readings, key=len))
    if not found:
        raise RefusedError(
            f"no call of {place.function}() begins at this place that could be told from others", location
        )
    if len(found) != run.of:
        often = f"{run.of} times" if run.of else "not equally often in all modules"
        raise RefusedError(f"{place.function}() ran {often} here, where the source has {_counted(found)}", location)
    node = found[run.nth]
    method = method_around(names, node, location)
    method.check_of(item.site.type, location)
    _check_used(names, node, location)
    return _around(names, item, node, method, run.covers, location)


def _behind_module(names: Names, item: Wanted, location: Location) -> Expression:
    call, method, covers = _module_call(names, item, location)
    _check_used(names, call, location)
    several = first_of_several(names, call, item.site.type, location)
    if several is None:
        return _around(names, item, call, method, covers, location)
    if isinstance(several, ast.Subscript):
        return _around(names, item, several, method, covers, location)
    head, tail = _mask(item).around(names, several.name, method.first)
    line = f"{several.line_end}{several.indent}{several.name.id} = {head}{several.name.id}{tail}"
    return Expression(call, (Splice(several.behind, several.behind, line, (_LINE, 0)),), covers, location)


def _before_module(names: Names, item: Wanted, location: Location) -> Expression:
    call, method, covers = _module_call(names, item, location)
    given: list[ast.expr] = [*call.args, *(keyword.value for keyword in call.keywords)]
    alone = len(given) == 1 and (bool(call.args) or call.keywords[0].arg is not None)
    known = bool(call.args) and item.site.type in SIGNATURES
    if not given or isinstance(given[0], ast.Starred | ast.GeneratorExp) or not (alone or known):
        raise RefusedError(f"it is not certain which argument of {_said(names, call.func)}(...) it is", location)
    return _around(names, item, given[0], method, covers, location)


_WRAPPED: Mapping[str, Callable[[Names, Wanted, Location], Expression]] = {
    "after-call": _behind_function,
    "after": _behind_module,
    "before": _before_module,
}


def _module_call(names: Names, item: Wanted, location: Location) -> tuple[ast.Call, Method, frozenset[str]]:
    """The one call of the module there, its method, and the modules that it calls."""
    owner, within = _owner_at(names, location), item.site.within
    found = [(call, path_from(owner, call.func)) for call in names.source.calls_at(location)]
    found = [(call, path) for call, path in found if path in within]
    if len(found) != 1:
        raise RefusedError(f"no call at this place is certain to be that of {item.site.module}", location)
    call, path = found[0]
    method = method_around(names, call, location)
    method.check_of(within[path], location)
    covers = frozenset(name for name in item.site.called if f".{name}".replace(": ", ".").endswith(f".{path}"))
    return call, method, covers


def _around(
    names: Names, item: Wanted, node: ast.expr, method: Method, covers: frozenset[str], location: Location
) -> Expression:
    start, end = names.source.span(node)
    head, tail = _mask(item).around(names, node, method.first)
    return Expression(
        node, (Splice(start, start, head, (_HEAD, -end)), Splice(end, end, tail, (_TAIL, -start))), covers, location
    )


def _check_used(names: Names, node: ast.expr, location: Location) -> None:
    if isinstance(names.source.parents.get(node), ast.Expr):
        said = " ".join(names.source.said(node).split())
        raise RefusedError(f"the result of {said} is not used: it changes its operand in place, or nothing", location)


def _owner_at(names: Names, location: Location) -> str:
    """What the innermost function around a line calls its first parameter; empty outside of functions."""
    found = ""
    for node in ast.walk(names.source.tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        parameters = [*node.args.posonlyargs, *node.args.args]
        inside = node.lineno <= location.line <= (node.end_lineno or node.lineno)
        if inside and parameters and isinstance(names.source.parents.get(node), ast.ClassDef):
            found = parameters[0].arg
    return found


def _call(item: Wanted, place: Place) -> FunctionCall:
    run = item.site.calls.get((place.function, place.index))
    if run is None:
        raise RefusedError(f"it is not known where call {place.index} of {place.function}() stands")
    return run


def _name(item: Wanted) -> str:
    place = _place(item)
    return called(place.module, place.function, place.index) if place.where == "after-call" else place.module


def _place(item: Wanted) -> Place:
    assert isinstance(item.edit, Insert)
    return item.edit.place


def _mask(item: Wanted) -> Mask:
    mask = Mask.of(item.edit)
    assert mask is not None
    return mask


def _said(names: Names, node: ast.expr) -> str:
    return " ".join(names.source.said(node).split())


def _counted(found: Sequence[ast.expr]) -> str:
    return "one call" if len(found) == 1 else f"{len(found)} calls"
