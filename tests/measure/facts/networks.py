"""Small networks with blocks of every kind, and their surveys after all passes over single graphs."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netadvise.graph import Mode
from netadvise.measure.facts.positions import POSITION_PASSES
from netadvise.measure.facts.survey import Survey
from tests.measure.facts import surveyed as layers


def placed(module: nn.Module, *shapes: tuple[int, ...], mode: Mode = "eval") -> Survey:
    """The survey of a module with position facts."""
    found = layers.surveyed(module, *shapes, mode=mode)
    for run in POSITION_PASSES:
        run(found)
    return found


def named_where(found: Survey, fact: str) -> list[str]:
    """The names of the entries of which a fact is true."""
    return [entry.name for entry in found.entries if entry.get(fact) is True]


class Around(nn.Module):
    """around(x) + branch(x), then `after`."""

    def __init__(self, branch: nn.Module, around: nn.Module | None = None, after: nn.Module | None = None) -> None:
        super().__init__()
        self.branch, self.around, self.after = branch, around, after

    def forward(self, x: Tensor) -> Tensor:
        y = self.branch(x) + (x if self.around is None else self.around(x))
        return y if self.after is None else self.after(y)


def conv(inside: int, outside: int, kernel: int = 3, stride: int = 1, groups: int = 1, dilation: int = 1) -> nn.Module:
    """A convolution that keeps the size of the map, but for its stride."""
    padding = dilation * (kernel // 2)
    return nn.Conv2d(inside, outside, kernel, stride, padding, dilation, groups, bias=False)


def normed(inside: int, outside: int, kernel: int = 3, stride: int = 1, groups: int = 1) -> list[nn.Module]:
    return [conv(inside, outside, kernel, stride, groups), nn.BatchNorm2d(outside)]


def basic(inside: int = 8, outside: int = 8, stride: int = 1, *, drop: float | None = None) -> Around:
    """The basic block of ResNet, with a projection where the shape changes."""
    middle = [nn.ReLU()] if drop is None else [nn.ReLU(), nn.Dropout(drop)]
    branch = nn.Sequential(*normed(inside, outside, 3, stride), *middle, *normed(outside, outside))
    same = inside == outside and stride == 1
    return Around(branch, None if same else nn.Sequential(*normed(inside, outside, 1, stride)), nn.ReLU())


def bottleneck(inside: int = 16, middle: int = 4, groups: int = 1) -> Around:
    reduce, inner, expand = normed(inside, middle, 1), normed(middle, middle, 3, 1, groups), normed(middle, inside, 1)
    return Around(nn.Sequential(*reduce, nn.ReLU(), *inner, nn.ReLU(), *expand), None, nn.ReLU())


def preactivated(width: int = 8) -> Around:
    return Around(nn.Sequential(nn.BatchNorm2d(width), nn.ReLU(), conv(width, width), conv(width, width)))


def inverted(inside: int, outside: int, stride: int = 1, gate: nn.Module | None = None) -> nn.Sequential:
    """Widen, depthwise, narrow, as in MobileNetV2; without the sum."""
    wide = 4 * inside
    first = [*normed(inside, wide, 1), nn.ReLU6(), *normed(wide, wide, 3, stride, wide), nn.ReLU6()]
    return nn.Sequential(*first, *([] if gate is None else [gate]), *normed(wide, outside, 1))


class Squeeze(nn.Module):
    """Squeeze and excitation with linear layers."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.fc = nn.Sequential(nn.Linear(width, 4), nn.ReLU(), nn.Linear(4, width), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        return x * self.fc(x.mean((2, 3)))[:, :, None, None]


class Branches(nn.Module):
    """Branches of one tensor, concatenated."""

    def __init__(self, *branches: nn.Module) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([branch(x) for branch in self.branches], 1)


def inception(inside: int = 8) -> Branches:
    pooled = nn.Sequential(nn.MaxPool2d(3, 1, 1), conv(inside, 4, 1))
    return Branches(conv(inside, 4, 1), nn.Sequential(conv(inside, 4, 1), nn.ReLU(), conv(4, 8)), pooled)


class DenseLayer(nn.Module):
    def __init__(self, inside: int, growth: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.BatchNorm2d(inside), nn.ReLU(), conv(inside, growth))

    def forward(self, features: list[Tensor]) -> Tensor:
        return self.layers(torch.cat(features, 1))


class DenseBlock(nn.Module):
    """As torchvision's: every layer concatenates all before it."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(DenseLayer(8 + 4 * index, 4) for index in range(3))

    def forward(self, x: Tensor) -> Tensor:
        features = [x]
        for layer in self.layers:
            features.append(layer(features))
        return torch.cat(features, 1)


class Growing(nn.Module):
    """cat(x, f(x)), as older code writes dense layers."""

    def __init__(self, inside: int, growth: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.BatchNorm2d(inside), nn.ReLU(), conv(inside, growth))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, self.layers(x)], 1)


class Attention(nn.Module):
    """Self-attention written by hand, or with torch's function."""

    def __init__(self, width: int, *, by_hand: bool) -> None:
        super().__init__()
        self.qkv, self.out, self.drop = nn.Linear(width, 3 * width), nn.Linear(width, width), nn.Dropout(0.1)
        self.by_hand = by_hand

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(x).chunk(3, -1)
        if self.by_hand:
            return self.out(self.drop((q @ k.transpose(1, 2) * 0.5).softmax(-1)) @ v)
        return self.out(F.scaled_dot_product_attention(q, k, v))


def feed_forward(width: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Dropout(0.1), nn.Linear(4 * width, width))


def transformer_layer(width: int = 8, *, by_hand: bool = False) -> nn.Sequential:
    """Pre-norm, as in ViT."""
    attend = nn.Sequential(nn.LayerNorm(width), Attention(width, by_hand=by_hand), nn.Dropout(0.1))
    return nn.Sequential(Around(attend), Around(nn.Sequential(nn.LayerNorm(width), feed_forward(width))))


class UNet(nn.Module):
    """Two levels; skips are concatenated."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.low = conv(3, 8), conv(8, 16), conv(16, 16)
        self.up2, self.up1, self.out = conv(32, 8), conv(16, 8), conv(8, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        a = self.first(x).relu()
        b = self.second(F.max_pool2d(a, 2)).relu()
        c = self.low(F.max_pool2d(b, 2)).relu()
        b = self.up2(torch.cat([b, F.interpolate(c, scale_factor=2)], 1)).relu()
        a = self.up1(torch.cat([a, F.interpolate(b, scale_factor=2)], 1)).relu()
        return self.out(a)


class Loop(nn.Module):
    """A cell called step by step; `between` works on the state from step to step."""

    def __init__(self, cell: nn.Module, between: nn.Module | None = None, steps: int = 4) -> None:
        super().__init__()
        self.cell, self.between, self.steps = cell, between, steps

    def forward(self, x: Tensor) -> Tensor:
        state = x.new_zeros(x.shape[0], 8)
        for step in range(self.steps):
            state = self.cell(x[:, step], state)
            if self.between is not None:
                state = self.between(state)
        return state


class LSTMLoop(nn.Module):
    """Two stacked LSTM cells, step by step."""

    def __init__(self, *, drop_state: bool) -> None:
        super().__init__()
        self.one, self.two, self.drop = nn.LSTMCell(8, 8), nn.LSTMCell(8, 8), nn.Dropout(0.5)
        self.drop_state = drop_state

    def forward(self, x: Tensor) -> Tensor:
        h1 = c1 = h2 = c2 = x.new_zeros(x.shape[0], 8)
        for step in range(3):
            h1, c1 = self.one(x[:, step], (h1, c1))
            h2, c2 = self.two(h1 if self.drop_state else self.drop(h1), (h2, c2))
            if self.drop_state:
                h2 = self.drop(h2)
        return h2


class Elman(nn.Module):
    """A recurrent cell written with linear layers."""

    def __init__(self) -> None:
        super().__init__()
        self.read, self.keep = nn.Linear(8, 8), nn.Linear(8, 8)

    def forward(self, x: Tensor, state: Tensor) -> Tensor:
        return torch.tanh(self.read(x) + self.keep(state))


class Through(nn.Module):
    """A function as a module."""

    def __init__(self, function: Callable[..., Tensor], **parts: nn.Module) -> None:
        super().__init__()
        self.function = function
        for name, part in parts.items():
            self.add_module(name, part)

    def forward(self, *inputs: Tensor) -> Tensor:
        return self.function(self, *inputs)


def aspp(width: int = 8) -> Branches:
    return Branches(conv(width, 4, 1), *(conv(width, 4, 3, dilation=rate) for rate in (2, 4)))


def dilated(*rates: int, kernel: int = 3) -> nn.Sequential:
    """A plain chain of 1-D convolutions with these dilations, causal by padding before them."""
    layers: list[nn.Module] = []
    for rate in rates:
        layers += [nn.ConstantPad1d((rate * (kernel - 1), 0), 0.0), nn.Conv1d(4, 4, kernel, dilation=rate), nn.ReLU()]
    return nn.Sequential(*layers)
