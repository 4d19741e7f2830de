"""Receptive fields by experiment on the real module: which outputs change when one stretch of the input does.

Shares nothing with the engine: no windows, no shapes, no recording. Every input position along an axis is probed by a
slab (all channels, all positions of the other axes), one per item of a batch, in float64.

`by_nan` puts NaN in the slab and looks for NaN in the output: for any module, but a weight of zero spreads NaN too.
`by_pulse` puts 1 in the slab and 0 elsewhere and looks for a change: for modules whose weights are positive and whose
functions keep the order, so that nothing cancels or hides; a zero weight stays zero.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

Seen = list[tuple[int, int] | None]


def positive(module: nn.Module, seed: int = 0) -> nn.Module:
    """The module in float64 and eval mode with weights between 1/2 and 3/2 and no biases."""
    generator = torch.Generator().manual_seed(seed)
    module.double().eval()
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            parameter.copy_(torch.rand(parameter.shape, generator=generator, dtype=torch.float64) + 0.5)
            if name.endswith("bias"):
                parameter.zero_()
    return module


def by_pulse(
    module: nn.Module, shape: tuple[int, ...], axis: int, along: int | None, dtype: torch.dtype = torch.float64
) -> Seen:
    """Per output position along dim `along`, the first and last position of input dim `axis` that it depends on."""
    length = shape[axis]
    probes = torch.zeros(length + 1, *shape[1:], dtype=dtype)
    for position in range(length):
        probes[position].select(axis - 1, position).fill_(1.0)
    outputs = _run(module, probes)
    change = (outputs[:-1] - outputs[-1:]).abs()
    return _extents(change > 1e-11 * change.max(), along)


def by_nan(module: nn.Module, shape: tuple[int, ...], axis: int, along: int | None) -> Seen:
    """As `by_pulse`, for modules of any sign; `along` is a dim of the output, None when the axis is gone."""
    length = shape[axis]
    generator = torch.Generator().manual_seed(1)
    probe = torch.rand(1, *shape[1:], generator=generator, dtype=torch.float64)
    probes = probe.repeat(length, *([1] * (len(shape) - 1)))
    for position in range(length):
        probes[position].select(axis - 1, position).fill_(float("nan"))
    return _extents(_run(module, probes).isnan(), along)


def _run(module: nn.Module, probes: Tensor) -> Tensor:
    with torch.no_grad():
        return module(probes)  # type: ignore[no-any-return]


def _extents(touched: Tensor, along: int | None) -> Seen:
    by_position = touched.unsqueeze(1) if along is None else touched.movedim(along, 1)
    rows = by_position.flatten(2).any(2)
    found: Seen = []
    for column in rows.unbind(1):
        hits = column.nonzero().flatten().tolist()
        found.append((hits[0], hits[-1]) if hits else None)
    return found
