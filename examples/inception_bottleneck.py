"""An image classifier of Inception modules and residual bottlenecks with squeeze-and-excitation gates.

Of the classes and the factory below, `netadvise profile examples/inception_bottleneck.py` takes `build_model()`; the
target `"examples/inception_bottleneck.py:InceptionBottleneck(num_classes=10)"` chooses another size.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ConvNormAct(nn.Sequential):
    """A convolution that keeps the size up to its stride, batch normalisation, ReLU."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(in_channels, out_channels, kernel_size, stride, padding=kernel_size // 2, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        )


class Inception(nn.Module):
    """Parallel 1x1, 3x3, 5x5 and pooled branches, concatenated (Szegedy et al. 2014, arXiv:1409.4842)."""

    def __init__(self, in_channels: int, branch_channels: int) -> None:
        super().__init__()
        reduced = branch_channels // 2
        self.branch1x1 = ConvNormAct(in_channels, branch_channels, kernel_size=1)
        self.branch3x3 = nn.Sequential(
            ConvNormAct(in_channels, reduced, kernel_size=1),
            ConvNormAct(reduced, branch_channels, kernel_size=3),
        )
        self.branch5x5 = nn.Sequential(
            ConvNormAct(in_channels, reduced, kernel_size=1),
            ConvNormAct(reduced, branch_channels, kernel_size=5),
        )
        self.branch_pool = nn.Sequential(
            nn.MaxPool2d(kernel_size=3, stride=1, padding=1),
            ConvNormAct(in_channels, branch_channels, kernel_size=1),
        )

    @property
    def branches(self) -> tuple[nn.Module, ...]:
        return self.branch1x1, self.branch3x3, self.branch5x5, self.branch_pool

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([branch(x) for branch in self.branches], dim=1)


class SqueezeExcite(nn.Module):
    """A gate per channel, computed from the mean over the image (Hu et al. 2017, arXiv:1709.01507)."""

    def __init__(self, channels: int, reduction: int = 8) -> None:
        super().__init__()
        self.squeeze = nn.Linear(channels, channels // reduction)
        self.excite = nn.Linear(channels // reduction, channels)

    def forward(self, x: Tensor) -> Tensor:
        gate = self.excite(self.squeeze(x.mean(dim=(2, 3))).relu()).sigmoid()
        return x * gate[:, :, None, None]


class Bottleneck(nn.Module):
    """1x1 down, 3x3, 1x1 up, gated and added to the input (He et al. 2015, arXiv:1512.03385)."""

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1, expansion: int = 4) -> None:
        super().__init__()
        inner = out_channels // expansion
        self.reduce = ConvNormAct(in_channels, inner, kernel_size=1)
        self.spatial = ConvNormAct(inner, inner, kernel_size=3, stride=stride)
        self.expand = nn.Sequential(
            nn.Conv2d(inner, out_channels, kernel_size=1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.gate = SqueezeExcite(out_channels)
        self.shortcut = (
            nn.Identity()
            if stride == 1 and in_channels == out_channels
            else nn.Conv2d(in_channels, out_channels, kernel_size=1, stride=stride, bias=False)
        )

    def forward(self, x: Tensor) -> Tensor:
        residual = self.gate(self.expand(self.spatial(self.reduce(x))))
        return (residual + self.shortcut(x)).relu()


class InceptionBottleneck(nn.Module):
    """A stem, two Inception stages, two bottleneck stages, global pooling and a linear head."""

    def __init__(self, num_classes: int = 100, width: int = 32, dropout: float = 0.2) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            ConvNormAct(3, width, kernel_size=7, stride=2),
            nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
        )
        self.inception = nn.Sequential(
            Inception(width, branch_channels=width),
            Inception(4 * width, branch_channels=width),
        )
        self.bottlenecks = nn.Sequential(
            Bottleneck(4 * width, 8 * width, stride=2),
            Bottleneck(8 * width, 8 * width),
            Bottleneck(8 * width, 16 * width, stride=2),
            Bottleneck(16 * width, 16 * width),
        )
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(16 * width, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        features = self.bottlenecks(self.inception(self.stem(images)))
        return self.head(self.dropout(self.pool(features).flatten(1)))


def build_model() -> InceptionBottleneck:
    return InceptionBottleneck()
