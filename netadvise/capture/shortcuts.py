"""Results of whole functions on meta tensors, by shape alone, where torch's own way is slow or does not exist."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from netadvise.capture.functions import WHOLE
from netadvise.capture.tensors import META
from netadvise.capture.whole_geometry import BY_KIND

Shortcut = Callable[[Any, tuple[Any, ...], dict[str, Any]], Any]


def steering_operand(func: Any) -> int | None:
    """The position of the operand whose values decide the shape of the result, for the functions that have one."""
    return 1 if func in _BY_FUNCTION else None


def shortcut_result(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The result of a whole function on meta tensors, or None where it has to be run."""
    check = _CHECKS.get(WHOLE[func].kind)
    arguments = WHOLE[func].bind(args, kwargs)
    if check is not None:
        check(arguments)
    if func in _BY_FUNCTION:
        return _BY_FUNCTION[func](func, args, kwargs)
    rule = BY_KIND.get(WHOLE[func].kind)
    if rule is None:
        return None
    try:
        return rule(WHOLE[func].normalise(arguments), func.__name__)
    except NotImplementedError:
        return None


def _packing(rearranged: int) -> Shortcut:
    """Packing by the true lengths (the second operand), which decide the shape: run on a stand-in with one feature.

    The first `rearranged` axes of the data change, the others are features.
    """

    def result(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[torch.Tensor, torch.Tensor]:
        data = args[0]
        stand_in = torch.zeros((*data.shape[:rearranged], 1), dtype=data.dtype)
        packed, sizes = func(stand_in, *args[1:], **kwargs)
        shape = (*packed.shape[:-1], *data.shape[rearranged:])
        return torch.empty(shape, dtype=data.dtype, device=META), sizes

    return result


_BY_FUNCTION: dict[Any, Shortcut] = {
    torch._VF._pack_padded_sequence: _packing(2),
    torch._VF._pad_packed_sequence: _packing(1),
}


def _conv_widths(arguments: dict[str, Any]) -> None:
    source, weight, groups = arguments["input"], arguments["weight"], arguments["groups"]
    axis = source.dim() - weight.dim() + 1
    expected = weight.shape[1] * groups
    if axis >= 0 and source.shape[axis] != expected:
        raise RuntimeError(
            f"Given groups={groups}, weight of size {list(weight.shape)}, expected input{list(source.shape)} to have "
            f"{expected} channels, but got {source.shape[axis]} channels instead"
        )


def _linear_widths(arguments: dict[str, Any]) -> None:
    source, weight = arguments["input"], arguments["weight"]
    if source.shape[-1] != weight.shape[-1]:
        rows = source.numel() // max(source.shape[-1], 1)
        sizes = f"{rows}x{source.shape[-1]} and {weight.shape[-1]}x{weight.shape[0]}"
        raise RuntimeError(f"mat1 and mat2 shapes cannot be multiplied ({sizes})")


_CHECKS: dict[str, Callable[[dict[str, Any]], None]] = {"conv": _conv_widths, "linear": _linear_widths}


def geometry(item: Any) -> Any:
    """A hashable description of nested arguments in which tensors count by shape, stride and dtype."""
    if isinstance(item, torch.Tensor):
        return (item.shape, item.stride(), item.dtype)
    if isinstance(item, tuple | list):
        return tuple(map(geometry, item))
    if isinstance(item, dict):
        return tuple((name, geometry(value)) for name, value in item.items())
    return item
