"""The tensor, of all that a model returns, that its task is about; and one number for each example."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from torch import Tensor

from netadvise.errors import UsageError

_PREFERRED = ("logits", "out", "prediction", "predictions", "output")


def primary_output(outputs: Any) -> Tensor:
    """The tensor itself; `logits` of a dict, a named tuple or a data class; else the first tensor of numbers.

    Raises `UsageError` where there is none.
    """
    found = _primary(outputs)
    if found is None:
        raise UsageError(
            f"the model returns a {type(outputs).__name__}, in which there is no tensor of floats",
            hint="Say how it is trained with --train-step module:function.",
        )
    return found


def _primary(outputs: Any) -> Tensor | None:
    if isinstance(outputs, Tensor):
        return outputs if outputs.is_floating_point() else None
    named = _named(outputs)
    preferred = (named[name] for name in _PREFERRED if isinstance(named.get(name), Tensor))
    values = outputs if isinstance(outputs, (tuple, list)) else named.values()
    candidates = (*preferred, *values)
    return next((found for found in map(_primary, candidates) if found is not None), None)


def _named(outputs: Any) -> dict[str, Any]:
    if isinstance(outputs, Mapping):
        return dict(outputs)
    if hasattr(outputs, "_asdict"):
        return dict(outputs._asdict())
    if is_dataclass(outputs):
        return {field.name: getattr(outputs, field.name) for field in fields(outputs)}
    return {"logits": outputs.logits} if hasattr(outputs, "logits") else {}


def per_example(values: Any, size: int, shown: str) -> Tensor:
    """Values [N] out of [N, ...], means over all axes but the first; raises `UsageError` for another first axis."""
    if not isinstance(values, Tensor):
        raise UsageError(f"{shown} returned a {type(values).__name__}, not a tensor", hint=_NEEDED)
    if values.dim() == 0:
        raise UsageError(f"{shown} returned one number for a batch of {size} examples", hint=_NEEDED)
    if len(values) != size:
        raise UsageError(f"{shown} returned the shape {list(values.shape)} for {size} examples", hint=_NEEDED)
    return values.float().flatten(1).mean(dim=1) if values.dim() > 1 else values.float()


_NEEDED = 'Return one value for each example, a tensor whose first axis is the batch: reduction="none".'
