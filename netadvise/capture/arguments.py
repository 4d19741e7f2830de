"""The arguments that a module was constructed with, so that the same layer can be made again with one of them changed.

They are remembered when `locate.constructors()` was active, and else read back from the module's attributes by the
names in its class's signature, as torch keeps them: `in_channels`, `kernel_size`, `p`; no `bias` means bias=False.
"""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FrameType
from typing import Any

import torch
from torch import nn

from netadvise.errors import EditError

_PLAIN = frozenset((type(None), bool, int, float, complex, str, torch.dtype, torch.device))
_PLACEMENT = ("device", "dtype")
_Parameters = Mapping[str, inspect.Parameter]


@dataclass(frozen=True, slots=True)
class Given:
    """The arguments of one constructor call."""

    kind: type[nn.Module]
    positional: tuple[Any, ...] = ()
    """Those that went into `*args`, with every argument before it."""
    named: Mapping[str, Any] | None = None

    def changed(self, changes: Mapping[str, Any]) -> nn.Module:
        """A new module of the same class; raises what its constructor raises."""
        return self.kind(*self.positional, **{**(self.named or {}), **changes})


_given: weakref.WeakKeyDictionary[nn.Module, Given] = weakref.WeakKeyDictionary()


def remember(module: nn.Module, frame: FrameType) -> None:
    """Keep the arguments of `frame`, which runs `module`'s constructor, unless one of them is no plain value."""
    code, held = frame.f_code, frame.f_locals
    count = code.co_argcount + code.co_kwonlyargcount
    try:
        values = {name: held[name] for name in code.co_varnames[1:count]}
        if code.co_flags & inspect.CO_VARKEYWORDS:
            values.update(held[code.co_varnames[count + bool(code.co_flags & inspect.CO_VARARGS)]])
        positional = held[code.co_varnames[count]] if code.co_flags & inspect.CO_VARARGS else ()
    except KeyError:
        return
    if positional:
        before = code.co_varnames[1 : code.co_argcount]
        positional = (*(values.pop(name) for name in before), *positional)
    if all(map(_is_plain, (*positional, *values.values()))):
        _given[module] = Given(type(module), positional, values)


def carry_over(module: nn.Module, twin: nn.Module) -> None:
    """Let `twin`, a copy of `module`, have its arguments."""
    if module in _given:
        _given[twin] = _given[module]


def _is_plain(value: Any) -> bool:
    if type(value) in _PLAIN:
        return True
    if isinstance(value, tuple | list):
        return len(value) <= 64 and all(map(_is_plain, value))
    return isinstance(value, int | float | str) or (callable(value) and not isinstance(value, nn.Module))


def constructed_again(module: nn.Module, path: str, changes: Mapping[str, Any]) -> nn.Module:
    """A new layer of the class of `module` (at `path`), with its arguments and those in `changes` in their place.

    Raises `EditError` for an argument that the class does not take, for a class whose arguments cannot be told, and
    for what its constructor raises.
    """
    shown = f"{path or 'the model'} ({type(module).__name__})"
    _check_class(module, shown)
    given = _remembered(module)
    if given is None or not _takes(given, changes):
        given = _read_back(module, shown)
    _check_names(given, changes, shown)
    try:
        return given.changed(changes)
    except Exception as error:
        told = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
        values = ", ".join(f"{name}={value!r}" for name, value in changes.items())
        raise EditError(f"{shown} cannot be made with {values}: {told}") from error


def _check_class(module: nn.Module, shown: str) -> None:
    if isinstance(module, torch.jit.ScriptModule):
        raise EditError(f"{shown} is a compiled script: its arguments are not known")
    if torch.nn.utils.parametrize.is_parametrized(module):
        raise EditError(f"{shown} has parametrized weights, which a new layer would not have")


def _takes(given: Given, changes: Mapping[str, Any]) -> bool:
    """Whether the changes go with `*args`: a name that stands for one of those would be given twice."""
    if not given.positional:
        return True
    try:
        with torch.device("meta"):
            given.changed(changes)
    except Exception as error:
        return not isinstance(error, TypeError)
    return True


def _remembered(module: nn.Module) -> Given | None:
    """What was remembered, if it still makes a module of the same shapes."""
    given = _given.get(module)
    if given is None or given.kind is not type(module) or given.kind is nn.RNN:
        # nn.RNN takes its nonlinearity out of its keywords before anybody can see it
        return None
    return given if _is_torch(given.kind) or _makes_the_same(given, module) else None


def _is_torch(kind: type[nn.Module]) -> bool:
    return kind.__module__.startswith("torch.nn.")


def _makes_the_same(given: Given, module: nn.Module) -> bool:
    """Whether the arguments, which a constructor of the user's may have overwritten early on, are the right ones."""
    try:
        with torch.device("meta"):
            twin = given.changed({})
    except Exception:
        return False
    shapes = [{name: item.shape for name, item in each.named_parameters()} for each in (module, twin)]
    return shapes[0] == shapes[1]


def _read_back(module: nn.Module, shown: str) -> Given:
    """The arguments as the module's attributes tell them."""
    found: dict[str, Any] = _TOLD_OTHERWISE.get(type(module), lambda _: {})(module)
    for name, parameter in _parameters(type(module)).items():
        if name in _PLACEMENT or (name.startswith("_") and parameter.default is not parameter.empty):
            continue
        if name in found or name in _NOT_TAKEN.get(type(module), ()):
            continue
        if hasattr(module, name):
            found[name] = _value(module, name, shown)
        elif parameter.default is not None or not _is_torch(type(module)):
            raise EditError(f"{shown}: it does not tell its argument {name!r}, so it cannot be made again")
    return Given(type(module), (), found)


_TOLD_OTHERWISE: Mapping[type[nn.Module], Callable[[Any], dict[str, Any]]] = {
    nn.MultiheadAttention: lambda old: {"bias": old.in_proj_bias is not None, "add_bias_kv": old.bias_k is not None},
    nn.RNN: lambda old: {"nonlinearity": old.nonlinearity},
}
"""Arguments that stand in attributes of other names, or are no parameters of the first signature that names all."""
_NOT_TAKEN: Mapping[type[nn.Module], tuple[str, ...]] = {
    nn.RNN: ("mode", "proj_size"),
    nn.GRU: ("mode", "proj_size"),
    nn.LSTM: ("mode",),
}
"""Parameters of that signature that the class gives itself."""


def _value(module: nn.Module, name: str, shown: str) -> Any:
    """An attribute as an argument: a parameter that is there, or is None, stands for True or False."""
    value = getattr(module, name)
    if name in module._parameters:
        return value is not None
    if not _is_plain(value):
        raise EditError(f"{shown}: its attribute {name!r} is no plain value, so it cannot be made again")
    return value


def _parameters(kind: type[nn.Module]) -> _Parameters:
    """The parameters of the first constructor, from `kind` up, that names all it takes."""
    for each in kind.__mro__:
        if "__init__" in vars(each):
            found = dict(list(inspect.signature(vars(each)["__init__"]).parameters.items())[1:])
            if not any(item.kind in (item.VAR_POSITIONAL, item.VAR_KEYWORD) for item in found.values()):
                return found
    return {}


def _check_names(given: Given, changes: Mapping[str, Any], shown: str) -> None:
    """Raises `EditError` for a change of an argument that the class does not have."""
    found = inspect.signature(vars(_initialising(given.kind))["__init__"]).parameters
    names = {*found, *(given.named or {})}
    if any(item.kind is item.VAR_KEYWORD for item in found.values()):
        names |= {*_parameters(given.kind)}
    for name in changes:
        if name not in names or name == "self":
            raise EditError(f"{shown} has no argument {name!r}")


def _initialising(kind: type[nn.Module]) -> type[nn.Module]:
    """The class whose constructor runs."""
    return next(each for each in kind.__mro__ if "__init__" in vars(each))
