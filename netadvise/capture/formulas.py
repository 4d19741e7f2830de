"""FLOP formulas that users registered for their own operators.

Two registries are honoured: torch's `register_flop_formula` and netadvise's own `register_formula`, which takes a
function of plain shapes, so that it need not know torch's calling convention.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from netadvise.capture.tensors import flat_tensors

_OWN: dict[str, Callable[..., int]] = {}


def register_formula(operator: str, flops: Callable[..., int]) -> None:
    """Count `operator` ("namespace::name") as `flops(input_shapes, output_shapes)` floating-point operations.

    `input_shapes` and `output_shapes` are tuples of shape tuples, in argument order. The result is FLOPs: a
    multiply-accumulate is two. Raises `ValueError` when the operator already has a formula.
    """
    name = operator.replace("::", ".")
    if name in _OWN:
        raise ValueError(f"'{operator}' already has a formula")
    _OWN[name] = flops


def registered_flops(func: Any, args: Any, kwargs: Any, result: Any) -> int | None:
    """FLOPs of one call by a registered formula, or None."""
    own = _OWN.get(str(func._overloadpacket))
    if own is not None:
        shapes = tuple(tuple(tensor.shape) for tensor in flat_tensors((args, kwargs)))
        return int(own(shapes, tuple(tuple(tensor.shape) for tensor in flat_tensors(result))))
    from torch.utils.flop_counter import flop_registry

    formula = flop_registry.get(func._overloadpacket)
    return None if formula is None else int(formula(*args, **kwargs, out_val=result))
