"""Walking nested arguments, and tensors that have a geometry but no content."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

META = torch.device("meta")
CPU = torch.device("cpu")


def flat_tensors(tree: Any, found: list[torch.Tensor] | None = None) -> list[torch.Tensor]:
    """The tensors in nested tuples, lists and dicts, in order."""
    found = [] if found is None else found
    if isinstance(tree, torch.Tensor):
        found.append(tree)
    elif isinstance(tree, tuple | list):
        for item in tree:
            flat_tensors(item, found)
    elif isinstance(tree, dict):
        for item in tree.values():
            flat_tensors(item, found)
    return found


def map_tensors(function: Callable[[torch.Tensor], Any], tree: Any) -> Any:
    """`tree` with `function` applied to the tensors in its tuples, lists and dicts."""
    if isinstance(tree, torch.Tensor):
        return function(tree)
    if isinstance(tree, tuple | list):
        items = [map_tensors(function, item) for item in tree]
        return type(tree)(*items) if hasattr(tree, "_fields") else type(tree)(items)
    if isinstance(tree, dict):
        return {key: map_tensors(function, item) for key, item in tree.items()}
    return tree


def meta_like(tensor: torch.Tensor) -> torch.Tensor:
    """A meta tensor of the same shape, strides and dtype."""
    if tensor.layout is not torch.strided:
        return tensor.to(META)
    return torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device=META)


def fresh(shape: Sequence[int], dtype: torch.dtype | None) -> torch.Tensor:
    """A contiguous meta tensor."""
    return torch.empty(tuple(shape), dtype=dtype, device=META)


def like(tensor: torch.Tensor, dtype: torch.dtype | None = None) -> torch.Tensor:
    """A meta tensor of the same shape; of the same strides when they cover memory without gaps or overlaps."""
    dtype = dtype or tensor.dtype
    if tensor.layout is not torch.strided or tensor.is_contiguous() or not _is_dense(tensor):
        return fresh(tensor.shape, dtype)
    return torch.empty_strided(tensor.shape, tensor.stride(), dtype=dtype, device=META)


def _is_dense(tensor: torch.Tensor) -> bool:
    expected = 1
    for stride, size in sorted((stride, size) for stride, size in zip(tensor.stride(), tensor.shape, strict=True)):
        if size == 1:
            continue
        if stride != expected:
            return False
        expected *= size
    return True
