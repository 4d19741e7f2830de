"""The geometry of what whole functions return, by kind (`functions.WHOLE`); see `geometry` for why it is ours.

Each rule takes the function's normalised arguments and its name, and returns meta tensors. It raises
`NotImplementedError` where the answer is torch's to give, and what torch raises where sizes do not fit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch

from netadvise.capture.functions import Attrs
from netadvise.capture.geometry import broadcast
from netadvise.capture.tensors import META, flat_tensors, fresh, like

WholeRule = Callable[[Attrs, str], Any]

BY_KIND: dict[str, WholeRule] = {}


def _of(*kinds: str) -> Callable[[WholeRule], WholeRule]:
    def register(rule: WholeRule) -> WholeRule:
        BY_KIND.update(dict.fromkeys(kinds, rule))
        return rule

    return register


@_of("batch_norm", "dropout")
def _kept(arguments: Attrs, name: str) -> torch.Tensor:
    """A map of the same strides; dropout that is off returns its operand, which is torch's to do."""
    inactive = "p" in arguments and not (arguments["p"] and arguments["training"])
    if inactive or arguments.get("inplace") or name.endswith("_"):
        raise NotImplementedError
    return like(arguments["input"])


@_of("layer_norm", "group_norm", "instance_norm", "rms_norm")
def _contiguous(arguments: Attrs, name: str) -> torch.Tensor:
    return fresh(arguments["input"].shape, arguments["input"].dtype)


def _same_dtype(arguments: Attrs) -> None:
    """Refuse operands of different dtypes, as every kernel does but those on meta; under autocast they may differ."""
    source, weight = arguments["input"].dtype, arguments["weight"].dtype
    if source != weight and not torch.is_autocast_enabled("cpu"):
        raise RuntimeError(f"input and weight must have the same dtype, but got {source} and {weight}")


def _batched(source: torch.Tensor, rank: int) -> tuple[int, ...]:
    """Spatial sizes of [N, C, *space] or [C, *space]."""
    if source.dim() not in (rank + 1, rank + 2):
        raise NotImplementedError
    return tuple(source.shape[source.dim() - rank :])


@_of("conv")
def _conv(arguments: Attrs, name: str) -> torch.Tensor:
    _same_dtype(arguments)
    source, kernel = arguments["input"], arguments["kernel_size"]
    lengths = _batched(source, len(kernel))
    after: tuple[int, ...] = arguments["padding_after"] if "padding_after" in arguments else arguments["padding"]
    sizes = []
    for axis, length in enumerate(lengths):
        reach = arguments["dilation"][axis] * (kernel[axis] - 1) + 1
        padded = length + arguments["padding"][axis] + after[axis]
        if padded < reach:
            raise RuntimeError(
                f"Calculated padded input size per channel: ({' x '.join(map(str, _padded(arguments, lengths)))}). "
                f"Kernel size: ({' x '.join(map(str, kernel))}). Kernel size can't be greater than actual input size"
            )
        sizes.append((padded - reach) // arguments["stride"][axis] + 1)
    lead = source.shape[: source.dim() - len(kernel) - 1]
    return fresh((*lead, arguments["weight"].shape[0], *sizes), source.dtype)


def _padded(arguments: Attrs, lengths: tuple[int, ...]) -> list[int]:
    return [length + 2 * padding for length, padding in zip(lengths, arguments["padding"], strict=True)]


@_of("conv_transpose")
def _conv_transpose(arguments: Attrs, name: str) -> torch.Tensor:
    _same_dtype(arguments)
    source, weight, kernel = arguments["input"], arguments["weight"], arguments["kernel_size"]
    lengths = _batched(source, len(kernel))
    channels = source.shape[source.dim() - len(kernel) - 1]
    if channels != weight.shape[0]:
        raise RuntimeError(
            f"Given transposed=1, weight of size {list(weight.shape)}, expected input{list(source.shape)} to have "
            f"{weight.shape[0]} channels, but got {channels} channels instead"
        )
    sizes = [
        (length - 1) * stride - 2 * padding + dilation * (size - 1) + extra + 1
        for length, stride, padding, dilation, size, extra in zip(
            lengths,
            arguments["stride"],
            arguments["padding"],
            arguments["dilation"],
            kernel,
            arguments["output_padding"],
            strict=True,
        )
    ]
    lead = source.shape[: source.dim() - len(kernel) - 1]
    return fresh((*lead, weight.shape[1] * arguments["groups"], *sizes), source.dtype)


@_of("linear")
def _linear(arguments: Attrs, name: str) -> torch.Tensor:
    _same_dtype(arguments)
    source, weight = arguments["input"], arguments["weight"]
    if weight.dim() != 2:
        raise NotImplementedError
    return fresh((*source.shape[:-1], weight.shape[0]), source.dtype)


@_of("matmul")
def _matmul(arguments: Attrs, name: str) -> torch.Tensor:
    left, right = arguments["input"], arguments["other"]
    fits = min(left.dim(), right.dim()) > 1 and left.shape[-1] == right.shape[-2] and left.dtype == right.dtype
    if not fits or (name in ("mm", "bmm") and left.shape[:-2] != right.shape[:-2]):
        raise NotImplementedError
    return fresh((*broadcast([left.shape[:-2], right.shape[:-2]]), left.shape[-2], right.shape[-1]), left.dtype)


@_of("attention")
def _attention(arguments: Attrs, name: str) -> torch.Tensor:
    """[N, heads, L, E], laid out in memory as [N, L, heads, E] where the fused kernels apply: E is the values' too."""
    query, key, value = arguments["query"], arguments["key"], arguments["value"]
    same_lead = query.shape[:-2] == key.shape[:-2] == value.shape[:-2]
    fits = query.shape[-1] == key.shape[-1] and key.shape[-2] == value.shape[-2]
    if not (same_lead and fits and query.dtype == key.dtype == value.dtype):
        raise NotImplementedError
    shape = (*query.shape[:-1], value.shape[-1])
    if len(shape) != 4 or shape != tuple(query.shape):
        return fresh(shape, query.dtype)
    batch, heads, length, width = shape
    return fresh((batch, length, heads, width), query.dtype).transpose(1, 2)


@_of("rnn")
def _recurrent(arguments: Attrs, name: str) -> tuple[torch.Tensor, ...]:
    """Output and last states of a recurrent layer: torch would unroll every time step.

    output [..., directions * width], states shaped as the initial ones; `width` is that of the initial hidden state.
    """
    states, sequence = flat_tensors(arguments["hx"]), arguments["input"]
    width = states[0].shape[-1] * (2 if arguments["bidirectional"] else 1)
    output = fresh((*sequence.shape[:-1], width), sequence.dtype)
    return (output, *(fresh(state.shape, state.dtype) for state in states))


@_of("embedding")
def _embedding(arguments: Attrs, name: str) -> torch.Tensor:
    if arguments["input"].dtype not in (torch.int64, torch.int32):
        raise NotImplementedError
    return fresh((*arguments["input"].shape, *arguments["weight"].shape[1:]), arguments["weight"].dtype)


def _windows(arguments: Attrs, axis: int, length: int) -> int:
    """How many windows of a pool fit; in `ceil_mode` the last one must start inside the input or its left padding."""
    kernel, stride = arguments["kernel_size"][axis], arguments["stride"][axis]
    padding = arguments["padding"][axis]
    dilation = arguments["dilation"][axis] if "dilation" in arguments else 1
    room = length + 2 * padding - dilation * (kernel - 1) - 1
    if not arguments["ceil_mode"]:
        return room // stride + 1
    count = -(-room // stride) + 1
    return count - 1 if (count - 1) * stride >= length + padding else count


@_of("max_pool", "avg_pool")
def _pool(arguments: Attrs, name: str) -> Any:
    source = arguments["input"]
    lengths = _batched(source, len(arguments["kernel_size"]))
    sizes = [_windows(arguments, axis, length) for axis, length in enumerate(lengths)]
    if min(sizes) < 1:
        raise NotImplementedError
    return _with_indices(source, sizes, name)


@_of("adaptive_avg_pool", "adaptive_max_pool")
def _adaptive(arguments: Attrs, name: str) -> Any:
    _batched(arguments["input"], len(arguments["output_size"]))
    return _with_indices(arguments["input"], list(arguments["output_size"]), name)


def _with_indices(source: torch.Tensor, sizes: list[int], name: str) -> Any:
    """The pooled map, and the places of the maxima for the functions that return them."""
    shape = (*source.shape[: source.dim() - len(sizes)], *sizes)
    pooled = fresh(shape, source.dtype)
    has_indices = name.endswith("with_indices") or name.startswith("adaptive_max_pool")
    return (pooled, torch.empty(shape, dtype=torch.int64, device=META)) if has_indices else pooled


@_of("interpolate")
def _interpolate(arguments: Attrs, name: str) -> torch.Tensor:
    source, size, scale = arguments["input"], arguments["size"], arguments["scale_factor"]
    lengths = source.shape[2:]
    if (size is None) == (scale is None) or not lengths:
        raise NotImplementedError
    if size is None:
        sizes = [math.floor(length * factor) for length, factor in zip(lengths, scale, strict=True)]
    else:
        sizes = [int(each) for each in size] if isinstance(size, Iterable) else [int(size)] * len(lengths)
    if len(sizes) != len(lengths):
        raise NotImplementedError
    return fresh((*source.shape[:2], *sizes), source.dtype)


@_of("pad")
def _pad(arguments: Attrs, name: str) -> torch.Tensor:
    source, amounts = arguments["input"], list(arguments["pad"])
    shape = list(source.shape)
    if len(amounts) % 2 or len(amounts) > 2 * len(shape):
        raise NotImplementedError
    if arguments["mode"] != "constant" and len(amounts) != 2 * (len(shape) - 2):
        raise NotImplementedError
    for place in range(len(amounts) // 2):
        shape[-1 - place] += amounts[2 * place] + amounts[2 * place + 1]
    if min(shape) < 0 or (arguments["mode"] in ("reflect", "circular") and _too_wide(source, amounts)):
        raise NotImplementedError
    return fresh(shape, source.dtype)


def _too_wide(source: torch.Tensor, amounts: list[int]) -> bool:
    """Whether a border would have to repeat itself, which torch refuses."""
    return any(amount >= source.shape[-1 - place // 2] for place, amount in enumerate(amounts))
