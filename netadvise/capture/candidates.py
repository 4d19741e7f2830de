"""Which object of a namespace is the model, when the target does not say.

In this order, the first that applies:

1. `model`, `build_model`, `get_model`, `net`: a module, a module class, or a function that builds one;
2. the only module-level instance of an `nn.Module` class that the file defines;
3. the only `nn.Module` class that the file defines (imported classes do not count);
4. the only one of them that no other class of the file names, as a base or as a building block;
5. the only LightningModule among them.
"""

from __future__ import annotations

import ast
import inspect
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from torch import nn

from netadvise.capture.failures import target_error
from netadvise.capture.imports import Source
from netadvise.errors import TargetError

CONVENTIONS = ("model", "build_model", "get_model", "net")
_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType)


@dataclass(frozen=True)
class Choice:
    """The object taken, under its name, and why when the reason is not plain."""

    name: str
    found: Any
    note: str = ""


def is_module(found: Any) -> bool:
    """Whether `found` is an `nn.Module` instance, by its type alone: a trap in its attributes is not touched."""
    return issubclass(type(found), nn.Module)


def is_module_class(found: Any) -> bool:
    """Whether `found` is a class of modules."""
    return isinstance(found, type) and issubclass(found, nn.Module)


def is_wanted(name: str) -> Callable[[Mapping[str, Any]], bool]:
    """A predicate on a half-executed namespace: whether it already has `name`; without one, what a convention needs."""
    first = name.partition(".")[0]
    if first:
        return lambda names: first in names

    def by_convention(names: Mapping[str, Any]) -> bool:
        if any(_is_usable(names.get(item)) for item in CONVENTIONS):
            return True
        defined = [node.name for node in _syntax(names.get("__file__")) if isinstance(node, ast.ClassDef)]
        return bool(_own_classes(names)) and all(item in names for item in defined)

    return by_convention


def choose(source: Source, name: str) -> Choice:
    """The object called `name`, or the model by the conventions above.

    Raises `TargetError` listing the candidates when there is no such name, or none or several by convention.
    """
    return _named(source, name) if name else _by_convention(source)


def _named(source: Source, name: str) -> Choice:
    found: Any = source.module
    done: list[str] = []
    for part in name.split("."):
        try:
            found = source.names[part] if not done and part in source.names else getattr(found, part)
        except AttributeError:
            raise _no_such_name(source, found, done, part) from None
        except BaseException as error:
            raise target_error(f"reading {'.'.join([*done, part])} of {source.shown}", error) from error
        done.append(part)
    return Choice(name, found)


def _no_such_name(source: Source, owner: Any, done: list[str], part: str) -> TargetError:
    inside = f"{'.'.join(done)} in {source.shown}" if done else source.shown
    names = [item for item in (source.names if not done else dir(owner)) if not item.startswith("__")]
    near = get_close_matches(part, names, n=3, cutoff=0.6)
    hint = f"Did you mean {' or '.join('.'.join([*done, item]) for item in near)}?" if near else ""
    note = (source.note,) if source.note else ()
    return TargetError(f"{inside} has no name {part!r}", notes=(*note, *describe_candidates(source)), hint=hint)


def _by_convention(source: Source) -> Choice:
    names = source.names
    for name in CONVENTIONS:
        if _is_usable(names.get(name)):
            return Choice(name, names[name])
    classes = _own_classes(names)
    instances = [name for name, item in names.items() if is_module(item) and type(item) in classes.values()]
    if len(instances) == 1:
        return Choice(instances[0], names[instances[0]])
    top = _not_building_blocks(classes, source)
    for remaining, why in (
        (list(classes), ""),
        (top, "the only module class that no other class of the file uses"),
        ([name for name in top if _is_lightning(classes[name])], "the only LightningModule of the file"),
    ):
        if len(remaining) == 1:
            note = f"took the class {remaining[0]} of {source.shown}: {why}" if why else ""
            return Choice(remaining[0], classes[remaining[0]], note)
    raise _undecided(source, top or list(classes))


def _is_usable(found: Any) -> bool:
    return is_module(found) or is_module_class(found) or isinstance(found, _FUNCTIONS)


def _own_classes(names: Mapping[str, Any]) -> dict[str, type[nn.Module]]:
    """The nn.Module classes that the namespace's own file defines, by name, aliases left out."""
    own: dict[str, type[nn.Module]] = {}
    for name, item in list(names.items()):
        if is_module_class(item) and item.__module__ == names.get("__name__") and item not in own.values():
            own[name] = item
    return own


def _is_lightning(found: type) -> bool:
    return any(base.__name__ == "LightningModule" for base in found.__mro__)


def _not_building_blocks(classes: Mapping[str, type], source: Source) -> list[str]:
    """The classes that no other class of the file names in its body or among its bases."""
    used: set[str] = set()
    for node in _syntax(source.names.get("__file__")):
        if isinstance(node, ast.ClassDef):
            found = {item.id for item in ast.walk(node) if isinstance(item, ast.Name)}
            used |= found - {node.name}
    return [name for name in classes if name not in used]


def _syntax(file: str | None) -> list[ast.stmt]:
    try:
        return ast.parse(Path(file).read_bytes()).body if file else []
    except (OSError, SyntaxError, ValueError, RecursionError):
        return []


def _undecided(source: Source, top: list[str]) -> TargetError:
    candidates = describe_candidates(source)
    notes = ((source.note,) if source.note else ()) + candidates
    if not candidates:
        imported = [name for name, item in source.names.items() if is_module_class(item)]
        hint = f"It imports {', '.join(imported[:5])}: name one, {source.shown}:{imported[0]}." if imported else ""
        return TargetError(f"{source.shown} defines no torch.nn.Module", notes=notes, hint=hint)
    what = "several candidates for the model" if top else "no module class, but what may build or be one"
    return TargetError(
        f"{source.shown} has {what}",
        notes=notes,
        hint=f"Name one: {source.shown}:{_likeliest(source, top)}  (or call it `model` or `build_model`)",
    )


def _likeliest(source: Source, top: list[str]) -> str:
    """The name to suggest: one that needs no arguments, if there is one."""
    offered = [*top, *_instances(source.names), *_functions(source.names)]
    ready = (name for name in offered if is_module(source.names[name]) or _needs_nothing(source.names[name]))
    return next(ready, offered[0])


def _needs_nothing(found: Any) -> bool:
    try:
        inspect.signature(found).bind()
    except (TypeError, ValueError, NameError):
        return False
    return True


def _instances(names: Mapping[str, Any]) -> list[str]:
    return [name for name, item in names.items() if is_module(item)]


def _functions(names: Mapping[str, Any]) -> list[str]:
    """The file's own public functions."""
    own = names.get("__name__")
    functions = {name: item for name, item in names.items() if isinstance(item, types.FunctionType)}
    return [name for name, item in functions.items() if item.__module__ == own and not name.startswith("_")]


def describe_candidates(source: Source) -> tuple[str, ...]:
    """One line for each class, instance and function of the file that could be the model, with signature and line."""
    names = source.names
    classes = [f"class {name}{signature(item)}{_line(item)}" for name, item in _own_classes(names).items()]
    instances = [f"{name} = {type(names[name]).__name__}(...)" for name in _instances(names)]
    functions = [f"def {name}{signature(names[name])}{_line(names[name])}" for name in _functions(names)]
    return (*instances, *classes, *functions)[:30]


def signature(found: Any) -> str:
    """`(depth, num_classes=10)`; `(...)` when Python cannot tell."""
    try:
        shown = str(inspect.signature(found)).partition(" -> ")[0]
    except (TypeError, ValueError, NameError):
        return "(...)"
    return shown if len(shown) <= 160 else shown[:157] + "..."


def _line(found: Any) -> str:
    try:
        return f"  line {inspect.getsourcelines(found)[1]}"
    except (OSError, TypeError, IndexError, SyntaxError):
        return ""
