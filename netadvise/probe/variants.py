"""Dropouts whose masks are keyed: those of torch.nn in place of their own, and two that torch does not have.

| variant | one number for | kept values are multiplied by |
|---|---|---|
| Dropout | each element | 1 / (1 - p) |
| Dropout1d, 2d, 3d | each channel of each sample | 1 / (1 - p) |
| AlphaDropout, FeatureAlphaDropout | element, channel | a, after which b is added (Klambauer 2017) |
| StochasticDepth | each sample | 1 / (1 - p) |
| DropBlock2d | each centre of a block | elements / kept elements (Ghiasi 2018, algorithm 1) |

Each returns its input itself in evaluation mode and at rate 0: bit-equal to there being no dropout.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import sqrt
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from netadvise.probe.masks import Masks

_ALPHA = -1.7580993408473766
"""What SELU tends to: -scale * alpha."""

Act = Callable[["Tensor", float, Masks, str, Any], Tensor]


class StochasticDepth(nn.Module):
    """[N, ...] -> the same: whole samples of a residual branch are dropped (torchvision's `mode="row"`)."""

    def __init__(self, p: float = 0.1, mode: str = "row") -> None:
        super().__init__()
        self.p, self.mode = p, mode

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002
        return input


class DropBlock2d(nn.Module):
    """[N, C, H, W] -> the same: blocks of neighbouring values are dropped; a block is no larger than the map."""

    def __init__(self, p: float = 0.1, block_size: int = 7) -> None:
        super().__init__()
        self.p, self.block_size = p, block_size

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002
        return input


CLASSES: Mapping[str, type[nn.Module]] = {"StochasticDepth": StochasticDepth, "DropBlock2d": DropBlock2d}
"""Layers that parts of edits may name beside those of torch.nn."""


def _elements(x: Tensor, p: float, masks: Masks, position: str, _: Any) -> Tensor:
    return x * _kept(masks.uniform(position, tuple(x.shape), x), p, x) / (1 - p)


def _channels(x: Tensor, p: float, masks: Masks, position: str, _: Any) -> Tensor:
    return x * _kept(masks.uniform(position, _channel_shape(x), x), p, x) / (1 - p)


def _samples(x: Tensor, p: float, masks: Masks, position: str, _: Any) -> Tensor:
    shape = (x.shape[0],) + (1,) * (x.dim() - 1)
    return x * _kept(masks.uniform(position, shape, x), p, x) / (1 - p)


def _alpha(x: Tensor, p: float, masks: Masks, position: str, _: Any) -> Tensor:
    return _affine(x, masks.uniform(position, tuple(x.shape), x), p)


def _feature_alpha(x: Tensor, p: float, masks: Masks, position: str, _: Any) -> Tensor:
    return _affine(x, masks.uniform(position, _channel_shape(x), x), p)


def _blocks(x: Tensor, p: float, masks: Masks, position: str, module: Any) -> Tensor:
    height, width = x.shape[-2:]
    size = min(module.block_size, height, width)
    centres = (height - size + 1) * (width - size + 1)
    rate = p * height * width / (size * size * centres)
    drawn = masks.uniform(position, (*x.shape[:-2], height - size + 1, width - size + 1), x)
    # a block reaches from its number to the right and down: every value is in as many windows as there are blocks on it
    kept = 1 - F.max_pool2d(F.pad((drawn < rate).to(x.dtype), [size - 1] * 4), size, stride=1)
    return x * kept * (kept.numel() / kept.sum().clamp(min=1))


def _channel_shape(x: Tensor) -> tuple[int, ...]:
    """One number for each channel of each sample; a tensor [N, C] has its features for channels."""
    return (*x.shape[:2], *(1,) * (x.dim() - 2))


def _kept(drawn: Tensor, p: float, x: Tensor) -> Tensor:
    return (drawn >= p).to(x.dtype)


def _affine(x: Tensor, drawn: Tensor, p: float) -> Tensor:
    kept = _kept(drawn, p, x)
    a = 1 / sqrt((1 - p) * (1 + p * _ALPHA**2))
    return a * (x * kept + _ALPHA * (1 - kept)) - a * _ALPHA * p


_ACTS: Mapping[type[nn.Module], Act] = {
    nn.Dropout: _elements,
    nn.Dropout1d: _channels,
    nn.Dropout2d: _channels,
    nn.Dropout3d: _channels,
    nn.AlphaDropout: _alpha,
    nn.FeatureAlphaDropout: _feature_alpha,
    StochasticDepth: _samples,
    DropBlock2d: _blocks,
}


def key_masks(model: nn.Module, masks: Masks) -> None:
    """From now on every dropout layer of `model` draws from `masks`, under its own path; classes of others are left.

    For models that are built for one run and thrown away: nothing is undone.
    """
    for path, module in model.named_modules():
        act = _ACTS.get(type(module))
        if act is not None:
            module.forward = _forward(module, act, masks, path)


def _forward(module: Any, act: Act, masks: Masks, path: str) -> Callable[[Tensor], Tensor]:
    def forward(input: Tensor) -> Tensor:  # noqa: A002
        p = float(module.p)
        if not module.training or p == 0:
            return input
        return act(input, p, masks, path, module) if p < 1 else input * 0

    return forward
