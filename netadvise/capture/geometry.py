"""The geometry of aten results, for the operators that networks are made of.

Torch's own meta kernels are partly written in Python and import a computer algebra system on first use, which costs
more than everything else in a recording together. Shapes and dtypes follow the CPU kernels (the tests compare them);
strides follow the first full-sized operand of an element-wise operator and are contiguous elsewhere. An operator
without a rule here is left to torch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch

from netadvise.capture.aten_kinds import ATEN_KINDS
from netadvise.capture.tensors import META, fresh, like

Rule = Callable[..., Any]

_RULES: dict[str, Rule] = {}

_ELEMENTWISE = {"add", "sub", "mul", "div", "pointwise", "activation"}
_NOT_ELEMENTWISE = set(
    "glu prelu log_sigmoid_forward rrelu rrelu_with_noise view_as_real view_as_complex real imag complex polar isin "
    "bucketize searchsorted angle _conj conj_physical resolve_conj resolve_neg __lshift__ __rshift__ "
    "bitwise_left_shift bitwise_right_shift ldexp".split()
)
_TO_BOOL = set("eq ne lt le gt ge logical_and logical_or logical_not logical_xor isnan isinf isfinite".split())
_TO_BOOL |= set("isposinf isneginf signbit".split())
_SAME_DTYPE = set("abs floor ceil round trunc frac neg clamp clamp_min clamp_max relu masked_fill lerp".split())


def rule_for(func: Any) -> Rule | None:
    """The rule for an aten operator: called with its arguments, it returns the result on meta."""
    return None if func._overloadname.endswith("out") else _RULES.get(str(func._overloadpacket))


def _of(*names: str) -> Callable[[Rule], Rule]:
    def register(rule: Rule) -> Rule:
        for name in names:
            _RULES[f"aten.{name}"] = rule
        return rule

    return register


def broadcast(shapes: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """The common shape; raises as torch does when there is none."""
    rank = max(map(len, shapes), default=0)
    result = [1] * rank
    for shape in shapes:
        for axis, size in enumerate(shape, start=rank - len(shape)):
            if size != 1 and result[axis] not in (1, size):
                raise RuntimeError(
                    f"The size of tensor a ({result[axis]}) must match the size of tensor b ({size}) "
                    f"at non-singleton dimension {axis}"
                )
            result[axis] = size if result[axis] == 1 else result[axis]
    return tuple(result)


def _is_whole(dtype: torch.dtype) -> bool:
    return not (dtype.is_floating_point or dtype.is_complex)


def _common_dtype(operands: Sequence[Any]) -> torch.dtype:
    """Type promotion over tensors and Python numbers, by torch's own two-operand rule."""
    tensors = [operand for operand in operands if isinstance(operand, torch.Tensor)]
    found = tensors[0].dtype
    if len(operands) > 1 and any(not isinstance(each, torch.Tensor) or each.dtype != found for each in operands):
        if len(operands) > 2:
            raise NotImplementedError
        found = torch.result_type(operands[0], operands[1])
    return found


def _elementwise(name: str) -> Rule:
    """Broadcast operands; booleans from comparisons; floats from functions of whole numbers."""

    def rule(*args: Any, **kwargs: Any) -> Any:
        operands = [arg for arg in args if isinstance(arg, torch.Tensor)]
        if kwargs.get("rounding_mode") or any(operand.dtype.is_complex for operand in operands):
            raise NotImplementedError
        shape = broadcast([operand.shape for operand in operands])
        full = next((operand for operand in operands if tuple(operand.shape) == shape), None)
        dtype = _dtype_of(name, args, operands)
        return fresh(shape, dtype) if full is None else like(full, dtype)

    return rule


def _dtype_of(name: str, args: tuple[Any, ...], operands: list[torch.Tensor]) -> torch.dtype:
    if name in _TO_BOOL:
        return torch.bool
    if name in _SAME_DTYPE:
        return operands[0].dtype
    numbers = (int, float, bool, complex)
    promoted = args[1:3] if name == "where" else [arg for arg in args[:2] if isinstance(arg, (torch.Tensor, *numbers))]
    dtype = _common_dtype([*promoted, *operands[2:]] if name in _TERNARY else promoted)
    if _is_whole(dtype) and name not in _WHOLE_RESULTS:
        return torch.get_default_dtype()
    return dtype


_TERNARY = {"addcmul", "addcdiv"}
_WHOLE_RESULTS = set(
    "add sub rsub mul pow floor_divide square sign where maximum minimum fmax fmin remainder fmod sgn positive "
    "bitwise_and bitwise_or bitwise_not bitwise_xor __and__ __or__ __xor__ gcd lcm relu6 hardtanh threshold "
    "leaky_relu nan_to_num".split()
)


def _in_place(*args: Any, **kwargs: Any) -> torch.Tensor:
    """The first operand itself, once the others are known to fit."""
    target: torch.Tensor = args[0]
    operands = [arg for arg in args if isinstance(arg, torch.Tensor)]
    shape = broadcast([operand.shape for operand in operands])
    if shape != tuple(target.shape):
        raise RuntimeError(f"output with shape {list(target.shape)} doesn't match the broadcast shape {list(shape)}")
    return target


def _register_elementwise() -> None:
    for packet, kind in ATEN_KINDS.items():
        name = packet.removeprefix("aten.")
        if kind in _ELEMENTWISE and name.rstrip("_") not in _NOT_ELEMENTWISE and not name.startswith("__i"):
            in_place = name.endswith("_") and not name.endswith("__")
            _RULES[packet] = _in_place if in_place else _elementwise(name)
    for name in ("copy_", "fill_", "zero_", "bernoulli_", "normal_", "uniform_", "exponential_"):
        _RULES[f"aten.{name}"] = _in_place


_register_elementwise()


@_of("_softmax", "_log_softmax", "_safe_softmax")
def _softmax(source: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
    return like(source) if not _is_whole(source.dtype) else fresh(source.shape, torch.get_default_dtype())


@_of("clone")
def _clone(source: torch.Tensor, *, memory_format: Any = None) -> torch.Tensor:
    if memory_format not in (None, torch.preserve_format, torch.contiguous_format):
        raise NotImplementedError
    return fresh(source.shape, source.dtype) if memory_format is torch.contiguous_format else like(source)


@_of("zeros_like", "ones_like", "empty_like", "full_like", "rand_like", "randn_like")
def _shaped_like(source: torch.Tensor, *args: Any, dtype: Any = None, **kwargs: Any) -> torch.Tensor:
    return like(source, dtype)


@_of("cat")
def _cat(tensors: Sequence[torch.Tensor], dim: int = 0) -> torch.Tensor:
    parts = [part for part in tensors if tuple(part.shape) != (0,)] or list(tensors)
    first = parts[0]
    axis = dim % max(first.dim(), 1)
    for part in parts[1:]:
        sizes = [(a, b) for place, (a, b) in enumerate(zip(first.shape, part.shape, strict=False)) if place != axis]
        if part.dim() != first.dim() or any(a != b for a, b in sizes):
            found = f"Got {list(first.shape)} and {list(part.shape)}"
            raise RuntimeError(f"Sizes of tensors must match except in dimension {axis}. {found}")
    dtypes = {part.dtype for part in parts}
    dtype = first.dtype if len(dtypes) == 1 else None
    for part in parts if dtype is None else []:
        dtype = part.dtype if dtype is None else torch.promote_types(dtype, part.dtype)
    total = sum(part.shape[axis] for part in parts)
    return fresh((*first.shape[:axis], total, *first.shape[axis + 1 :]), dtype)


@_of("stack")
def _stack(tensors: Sequence[torch.Tensor], dim: int = 0) -> torch.Tensor:
    shape = list(tensors[0].shape)
    if any(list(each.shape) != shape for each in tensors) or len({each.dtype for each in tensors}) > 1:
        raise NotImplementedError
    axis = dim % (len(shape) + 1)
    return fresh((*shape[:axis], len(tensors), *shape[axis:]), tensors[0].dtype)


def reduced(source: torch.Tensor, dim: Any, keepdim: bool) -> tuple[int, ...]:
    """The shape that is left when the axes `dim` (None or empty: all) are reduced."""
    rank = source.dim()
    given = [dim] if isinstance(dim, int) else list(dim) if dim else list(range(rank))
    axes = {axis % max(rank, 1) for axis in given}
    return tuple(1 if axis in axes else size for axis, size in enumerate(source.shape) if keepdim or axis not in axes)


@_of("mean", "sum", "var", "std", "amax", "amin", "prod", "logsumexp")
def _reduce(source: torch.Tensor, dim: Any = None, *args: Any, **kwargs: Any) -> torch.Tensor:
    if isinstance(dim, bool) or _is_whole(source.dtype):
        raise NotImplementedError
    keepdim = bool(kwargs.get("keepdim", args[0] if args and isinstance(args[0], bool) else False))
    return fresh(reduced(source, dim, keepdim), kwargs.get("dtype") or source.dtype)


@_of("linalg_vector_norm")
def _norm(source: torch.Tensor, ord: Any = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:  # noqa: A002
    return fresh(reduced(source, dim, keepdim), dtype or source.dtype)


@_of("any", "all")
def _truth(source: torch.Tensor, dim: Any = None, keepdim: bool = False) -> torch.Tensor:
    if source.dtype is not torch.bool:
        raise NotImplementedError
    return fresh(reduced(source, dim, keepdim), torch.bool)


@_of("mm", "bmm")
def _product(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    if left.shape[-1] != right.shape[-2] or left.shape[:-2] != right.shape[:-2] or left.dtype != right.dtype:
        raise NotImplementedError
    return fresh((*left.shape[:-1], right.shape[-1]), left.dtype)


@_of("repeat")
def _repeat(source: torch.Tensor, repeats: Sequence[int]) -> torch.Tensor:
    shape = (1,) * (len(repeats) - source.dim()) + tuple(source.shape)
    return fresh([size * times for size, times in zip(shape, repeats, strict=True)], source.dtype)


@_of("flip", "roll", "tril", "triu", "cumsum", "cumprod")
def _rearranged(source: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
    if kwargs or (_is_whole(source.dtype) and source.dtype is not torch.int64):
        raise NotImplementedError
    return fresh(source.shape, source.dtype)


@_of("embedding")
def _embedding(weight: torch.Tensor, indices: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
    return fresh((*indices.shape, *weight.shape[1:]), weight.dtype)


@_of("index")
def _index(source: torch.Tensor, indices: Sequence[torch.Tensor | None]) -> torch.Tensor:
    """Whole-number indices broadcast; they stand where the first one stood if they are neighbours, else in front."""
    given = [(axis, index) for axis, index in enumerate(indices) if index is not None]
    if not given or any(index.dtype not in (torch.int64, torch.int32) for _, index in given):
        raise NotImplementedError
    axes = [axis for axis, _ in given]
    picked = broadcast([index.shape for _, index in given])
    kept = [size for axis, size in enumerate(source.shape) if axis not in axes]
    place = axes[0] if axes == list(range(axes[0], axes[0] + len(axes))) else 0
    return fresh((*kept[:place], *picked, *kept[place:]), source.dtype)


@_of("pixel_shuffle")
def _pixel_shuffle(source: torch.Tensor, factor: int) -> torch.Tensor:
    *lead, channels, height, width = source.shape
    if channels % (factor * factor):
        raise NotImplementedError
    return fresh((*lead, channels // factor**2, height * factor, width * factor), source.dtype)


@_of("arange")
def _arange(*bounds: Any, dtype: Any = None, **kwargs: Any) -> torch.Tensor:
    start, end, step = (0, *bounds, 1) if len(bounds) == 1 else (*bounds, 1) if len(bounds) == 2 else bounds
    whole = all(isinstance(bound, int) for bound in (start, end, step))
    count = max(0, math.ceil((end - start) / step))
    return torch.empty(count, dtype=dtype or (torch.int64 if whole else torch.get_default_dtype()), device=META)


@_of("_grouped_mm")
def _grouped_product(a: Any, b: Any, offs: Any = None, bias: Any = None, out_dtype: Any = None) -> torch.Tensor:
    """Rows of `a` are split among the groups of `b`; torch's meta kernel takes bfloat16 alone."""
    both_flat = a.dim() == 2 and b.dim() == 2
    lead = (offs.shape[0],) if both_flat else a.shape[:-2]
    return fresh((*lead, a.shape[-2], b.shape[-1]), out_dtype or a.dtype)
