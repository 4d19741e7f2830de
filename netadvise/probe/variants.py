"""Dropouts whose masks are keyed: those of torch.nn in place of their own, and two that torch does not have.

| variant | one number for | kept values are multiplied by |
|---|---|---|
| Dropout | each element | 1 / (1 - p) |
| Dropout1d, 2d, 3d | each channel of each sample | 1 / (1 - p) |
| AlphaDropout, FeatureAlphaDropout | element, channel | a, after which b is added (Klambauer 2017) |
| StochasticDepth | each sample | 1 / (1 - p) |
| DropBlock2d | each centre of a block | elements / kept elements (Ghiasi 2018, algorithm 1) |

Each returns its input itself in evaluation mode and at rate 0: bit-equal to there being no dropout. A variant takes
what follows from the rate as numbers, so that a stack of networks can give it a tensor of them, one for each network:
a rate of 0 is then computed, and comes out the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from netadvise.probe.masks import Masks

_ALPHA = -1.7580993408473766
"""What SELU tends to: -scale * alpha."""

Number = Any
"""A float, or a tensor of no axes that holds one for each network of a stack."""


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


@dataclass(frozen=True, slots=True)
class Variant:
    """A kind of dropout. Its uniform numbers have a shape, and are dropped below the first number of a rate."""

    drawn: Callable[[Tensor, Any], tuple[int, ...]]
    """Input and layer to the shape of the uniform numbers."""
    numbers: Callable[[float, Tensor, Any], tuple[float, ...]]
    """Rate, input and layer to what `act` needs of the rate: the number below which is dropped, and others."""
    act: Callable[..., Tensor]
    """Input, uniform numbers, layer, and each of the numbers, to the output."""


def _element_shape(x: Tensor, _: Any) -> tuple[int, ...]:
    return tuple(x.shape)


def _channel_shape(x: Tensor, _: Any) -> tuple[int, ...]:
    """One number for each channel of each sample; a tensor [N, C] has its features for channels."""
    return (*x.shape[:2], *(1,) * (x.dim() - 2))


def _sample_shape(x: Tensor, _: Any) -> tuple[int, ...]:
    return (x.shape[0],) + (1,) * (x.dim() - 1)


def _centre_shape(x: Tensor, module: Any) -> tuple[int, ...]:
    height, width, size = _block(x, module)
    return (*x.shape[:-2], height - size + 1, width - size + 1)


def _block(x: Tensor, module: Any) -> tuple[int, int, int]:
    height, width = x.shape[-2:]
    return height, width, min(module.block_size, height, width)


def _plain_numbers(p: float, *_: Any) -> tuple[float, ...]:
    return p, 1 - p


def _affine_numbers(p: float, *_: Any) -> tuple[float, ...]:
    a = 1 / sqrt((1 - p) * (1 + p * _ALPHA**2))
    return p, a, a * _ALPHA * p


def _block_numbers(p: float, x: Tensor, module: Any) -> tuple[float, ...]:
    height, width, size = _block(x, module)
    centres = (height - size + 1) * (width - size + 1)
    return (p * height * width / (size * size * centres),)


def _scaled(x: Tensor, drawn: Tensor, _: Any, p: Number, keep: Number) -> Tensor:
    return x * _kept(drawn, p, x) / keep


def _affine(x: Tensor, drawn: Tensor, _: Any, p: Number, a: Number, b: Number) -> Tensor:
    kept = _kept(drawn, p, x)
    return a * (x * kept + _ALPHA * (1 - kept)) - b


def _blocks(x: Tensor, drawn: Tensor, module: Any, rate: Number) -> Tensor:
    size = _block(x, module)[2]
    # a block reaches from its number to the right and down: every value is in as many windows as there are blocks on it
    kept = 1 - F.max_pool2d(F.pad((drawn < rate).to(x.dtype), [size - 1] * 4), size, stride=1)
    return x * kept * (kept.numel() / kept.sum().clamp(min=1))


def _kept(drawn: Tensor, p: Number, x: Tensor) -> Tensor:
    return (drawn >= p).to(x.dtype)


_ELEMENTS = Variant(_element_shape, _plain_numbers, _scaled)
_CHANNELS = Variant(_channel_shape, _plain_numbers, _scaled)
_VARIANTS: Mapping[type[nn.Module], Variant] = {
    nn.Dropout: _ELEMENTS,
    nn.Dropout1d: _CHANNELS,
    nn.Dropout2d: _CHANNELS,
    nn.Dropout3d: _CHANNELS,
    nn.AlphaDropout: Variant(_element_shape, _affine_numbers, _affine),
    nn.FeatureAlphaDropout: Variant(_channel_shape, _affine_numbers, _affine),
    StochasticDepth: Variant(_sample_shape, _plain_numbers, _scaled),
    DropBlock2d: Variant(_centre_shape, _block_numbers, _blocks),
}
NAMES: frozenset[str] = frozenset(kind.__name__ for kind in _VARIANTS)
"""What parts of edits call them."""


def dropouts(model: nn.Module) -> Iterator[tuple[str, Any, Variant]]:
    """The dropout layers of a model: path, layer and kind; classes derived from them are not meant."""
    for path, module in model.named_modules():
        variant = _VARIANTS.get(type(module))
        if variant is not None:
            yield path, module, variant


def key_masks(model: nn.Module, masks: Masks) -> None:
    """From now on every dropout layer of `model` draws from `masks`, under its own path; classes of others are left.

    For models that are built for one run and thrown away: nothing is undone.
    """
    for path, module, variant in dropouts(model):
        module.forward = _forward(module, variant, masks, path)


def _forward(module: Any, variant: Variant, masks: Masks, path: str) -> Callable[[Tensor], Tensor]:
    def forward(input: Tensor) -> Tensor:  # noqa: A002
        p = float(module.p)
        if not module.training or p == 0:
            return input
        if p >= 1:
            return input * 0
        drawn = masks.uniform(path, variant.drawn(input, module), input)
        return variant.act(input, drawn, module, *variant.numbers(p, input, module))

    return forward
