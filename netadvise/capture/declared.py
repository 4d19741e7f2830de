"""Inputs that the author, or the library a model comes from, has declared.

The author's: `example_inputs` on the model, on its class or in its file; Lightning's `example_input_array`. Each may
be a tensor, a tuple of tensors (positional), a dict (by name), a shape, a tuple of shapes, or a function of no
arguments that returns one of these. The library's: timm's `pretrained_cfg`, and the config of a transformers model.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from netadvise.capture.blueprint import Argument, Blueprint, Plain, Slot, Tree
from netadvise.capture.failures import target_error
from netadvise.capture.load import Loaded
from netadvise.capture.pretrained import transformers_inputs
from netadvise.capture.structure import parameters_of
from netadvise.errors import TargetError

NAMES = ("example_inputs", "example_input", "example_input_array")


def author_declared(loaded: Loaded) -> Blueprint | None:
    """The inputs that the file, the class or the instance declares; None when there are none.

    Raises `TargetError` when the declaration is of no known form, or its function raises.
    """
    for name in NAMES:
        found = _declaration(loaded, name)
        if found is not None:
            return _blueprint(loaded.module, _called(found, name), name)
    return None


def _declaration(loaded: Loaded, name: str) -> Any:
    for owner in (vars(loaded.module), *(vars(base) for base in type(loaded.module).__mro__), loaded.names):
        if owner.get(name) is None:
            continue
        if (
            isinstance(owner[name], property | types.FunctionType | staticmethod | classmethod)
            and owner is not loaded.names
        ):
            return getattr(loaded.module, name, None)
        return owner[name]
    return None


def _called(found: Any, name: str) -> Any:
    if not isinstance(found, types.FunctionType | types.MethodType):
        return found
    try:
        return found()
    except BaseException as error:
        raise target_error(f"calling {name}()", error) from error


def _blueprint(module: nn.Module, found: Any, name: str) -> Blueprint:
    """Tuples are positional arguments, dicts named ones; a dict that fits no signature is itself the argument."""
    parameters, _, takes_any = parameters_of(module)
    names = [item.name for item in parameters]
    if isinstance(found, dict):
        if takes_any or set(found) <= set(names):
            return tuple(Argument(str(key), _tree(value, name), positional=False) for key, value in found.items())
        return (Argument(names[0] if names else "", _tree(found, name)),)
    values = found if isinstance(found, tuple) and not _is_shape(found) else (found,)
    if isinstance(found, list) and _is_shape(found):
        values = (tuple(found),)
    return tuple(
        Argument(names[position] if position < len(names) else f"input{position}", _tree(value, name))
        for position, value in enumerate(values)
    )


def _is_shape(found: Any) -> bool:
    return isinstance(found, tuple | list) and bool(found) and all(type(item) is int for item in found)


def _tree(value: Any, name: str) -> Tree:
    if isinstance(value, torch.Size | tuple | list) and _is_shape(value):
        return Slot(tuple(value))
    if isinstance(value, dict):
        return {str(key): _tree(item, name) for key, item in value.items()}
    if isinstance(value, list):
        return [_tree(item, name) for item in value]
    if isinstance(value, tuple):
        return tuple(_tree(item, name) for item in value)
    if isinstance(value, torch.Tensor | bool | int | float | str | None):
        return Plain(value)
    raise TargetError(
        f"{name} holds something of type {type(value).__name__}",
        hint="It may be a tensor, a shape like (1, 3, 224, 224), or a tuple or dict of these.",
    )


def library_declared(module: nn.Module) -> Iterator[Blueprint]:
    """What the library's configuration of the model says; nothing for a model of the user's own."""
    shape = _timm_input_size(module)
    if shape is not None:
        yield (Argument(_first_name(module), Slot((1, *shape))),)
    yield from transformers_inputs(module)


def _timm_input_size(module: nn.Module) -> tuple[int, ...] | None:
    state = vars(module)
    cfg = state.get("pretrained_cfg") or state.get("default_cfg")
    size = cfg.get("input_size") if isinstance(cfg, dict) else None
    if not _is_shape(size):
        return None
    return tuple(size or ())


def _first_name(module: nn.Module) -> str:
    parameters = parameters_of(module)[0]
    return parameters[0].name if parameters else ""
