"""Modules whose parameters take shape on the first forward pass (`nn.LazyConv2d` and the like)."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from netadvise.capture import locate


def _lazy(tensor: Any) -> bool:
    """Whether a parameter or buffer has no shape yet (torch's own test narrows the type of what fails it)."""
    return bool(is_lazy(tensor))


def has_uninitialised(module: nn.Module) -> bool:
    """Whether a parameter or buffer of `module` has no shape yet."""
    return any(map(_lazy, [*module.parameters(), *module.buffers()]))


def materialised(module: nn.Module, args: Any, kwargs: dict[str, Any]) -> nn.Module:
    """A copy of `module` with every lazy parameter given its shape by one real forward pass.

    The copy shares the parameters that had a shape; the module itself stays lazy. Raises what the forward raises.
    """
    known: dict[int, Any] = {id(each): each for each in module.parameters() if not _lazy(each)}
    twin = copy.deepcopy(module, known)
    locate.carry_over(module, twin)
    real = [_real(item) for item in args]
    with torch.no_grad():
        twin(*real, **{name: _real(item) for name, item in kwargs.items()})
    return twin


def _real(item: Any) -> Any:
    """Zeros in place of a tensor that has no content."""
    on_meta = isinstance(item, torch.Tensor) and item.device.type == "meta"
    return torch.zeros(item.shape, dtype=item.dtype) if on_meta else item
