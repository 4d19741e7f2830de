"""A batch, as a data set gives it, in smaller batches."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from netadvise.errors import UsageError


def pieces(raw: Any, size: int, group: int, shown: str) -> list[Any]:
    """The batch of `size` examples in batches of `group`, the last one with the rest.

    Tensors are cut along their first axis, and lists of other things that are as long as the batch. Raises
    `UsageError` for a batch in which nothing can be cut.
    """
    found = [_cut(raw, size, at, at + group) for at in range(0, size, group)]
    if not _is_cuttable(raw, size):
        raise UsageError(
            f"{shown} gives one number for a batch, and a batch that is a {type(raw).__name__} cannot be divided",
            hint="Let the step return a loss for each example.",
        )
    return found


def _is_whole(value: Any, size: int) -> bool:
    if isinstance(value, Tensor):
        return value.dim() > 0 and len(value) == size
    plain = isinstance(value, (list, tuple)) and len(value) == size
    return plain and not any(isinstance(each, (Tensor, list, tuple, Mapping)) for each in value)


def _is_cuttable(value: Any, size: int) -> bool:
    if _is_whole(value, size):
        return True
    children = value.values() if isinstance(value, Mapping) else value if isinstance(value, (list, tuple)) else ()
    return any(_is_cuttable(each, size) for each in children)


def _cut(value: Any, size: int, start: int, end: int) -> Any:
    if _is_whole(value, size):
        return value[start:end]
    if isinstance(value, Mapping):
        cut = {key: _cut(each, size, start, end) for key, each in value.items()}
        return cut if type(value) is dict else _like(value, cut)
    if isinstance(value, (list, tuple)):
        parts = [_cut(each, size, start, end) for each in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    return value


def _like(value: Any, cut: dict[Any, Any]) -> Any:
    """A mapping of the same class, which may have attributes that a dict has not."""
    other = copy.copy(value)
    for key, each in cut.items():
        other[key] = each
    return other
