"""The module tree of a live model, as values: classes, plain attributes, parameters and buffers."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from netadvise.capture import locate
from netadvise.capture.trace import Trace, plain
from netadvise.graph import Attr, Module

_SKIPPED = {"training", "call_super_init", "dump_patches"}


def describe_modules(model: nn.Module, trace: Trace) -> tuple[Module, ...]:
    """Every module object once, in `named_modules` order; its parameters and buffers get values in `trace`."""
    first: dict[nn.Module, str] = {}
    aliases: dict[nn.Module, list[str]] = {}
    for path, module in model.named_modules(remove_duplicate=False):
        if module in first:
            aliases[module].append(path)
        else:
            first[module], aliases[module] = path, []
    return tuple(_describe(module, path, tuple(aliases[module]), trace) for module, path in first.items())


def _describe(module: nn.Module, path: str, aliases: tuple[str, ...], trace: Trace) -> Module:
    prefix = f"{path}." if path else ""
    return Module(
        path=path,
        type=type(module).__name__,
        package=type(module).__module__,
        training=module.training,
        parameters=_values(module._parameters, "parameter", prefix, trace),
        buffers=_values(module._buffers, "buffer", prefix, trace),
        aliases=aliases,
        attrs=_plain_attributes(module),
        location=locate.constructor_of(module),
    )


def _values(registry: dict[str, Any], origin: Any, prefix: str, trace: Trace) -> tuple[int, ...]:
    tensors = [(name, tensor) for name, tensor in registry.items() if isinstance(tensor, torch.Tensor)]
    return tuple(
        trace.value_of(tensor) if trace.knows(tensor) else trace.define(tensor, origin, prefix + name)
        for name, tensor in tensors
    )


def _plain_attributes(module: nn.Module) -> dict[str, Attr]:
    """Public attributes that are numbers, text, booleans, None or flat tuples of them."""
    found: dict[str, Attr] = {}
    for name, value in vars(module).items():
        if not name.startswith("_") and name not in _SKIPPED and _is_plain(value):
            found[name] = plain(value)
    for name in ("weight", "bias"):
        if name in module._parameters:
            found[name] = module._parameters[name] is not None
    return found


def _is_plain(value: Any) -> bool:
    if isinstance(value, tuple | list):
        return len(value) <= 16 and all(item is None or isinstance(item, bool | int | float | str) for item in value)
    return value is None or isinstance(value, bool | int | float | str)
