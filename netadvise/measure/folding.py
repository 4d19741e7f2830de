"""When a matrix product copies an operand: torch folds leading axes into one, which strided memory may not allow.

`torch.matmul` of [..., n, k] and [k, p] is one product of [... n, k]; of two batched operands, one batched product of
[..., n, k] with all batch axes, broadcast, in one. Axes can be one without a copy when each spans the next.
"""

from __future__ import annotations

from itertools import pairwise
from math import prod

from netadvise.graph import Value
from netadvise.measure.flops import broadcast

Axes = list[tuple[int, int]]
"""Size and stride of some axes."""


def product_copy_bytes(left: Value, right: Value, own: Value) -> int:
    """Bytes of the copy that `torch.matmul(left, right)` makes of `own`, one of the two; 0 without a copy.

    0 where strides were not recorded.
    """
    if len(left.shape) < 3 and len(right.shape) < 3:
        return 0
    if len(right.shape) < 3:
        return _bytes_unless_one(_axes(left)[:-1], left) if own is left else 0
    if len(left.shape) < 3:
        axes = _axes(right)
        return _bytes_unless_one([*axes[:-2], *axes[-1:]], right) if own is right else 0
    batch = broadcast(left.shape[:-2], right.shape[:-2])
    return _bytes_unless_one(_expanded(own, batch), own, prod(batch) * prod(own.shape[-2:]))


def folded_copy_bytes(data: Value) -> int:
    """Bytes of the copy that a linear layer makes of its input to fold all axes but the last; 0 without a copy."""
    return _bytes_unless_one(_axes(data)[:-1], data)


def _axes(value: Value) -> Axes:
    return list(zip(value.shape, value.strides, strict=False))


def _expanded(value: Value, batch: tuple[int, ...]) -> Axes:
    """The batch axes after broadcasting to `batch`: a repeated axis has stride 0."""
    if not value.strides:
        return []
    own = [(1, 0)] * (len(batch) + 2 - len(value.shape)) + _axes(value)[:-2]
    return [(size, stride if held == size else 0) for size, (held, stride) in zip(batch, own, strict=True)]


def _bytes_unless_one(axes: Axes, value: Value, elements: int | None = None) -> int:
    wide = [axis for axis in axes if axis[0] != 1]
    one = all(stride == size * step for (_, stride), (size, step) in pairwise(wide))
    return 0 if one else (value.elements if elements is None else elements) * value.itemsize
