"""ResNet-50 in plain torch (He et al. 2015, arXiv:1512.03385, with the stride in the 3x3 convolution)."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def norm_conv(in_channels: int, out_channels: int, kernel_size: int, stride: int = 1) -> nn.Sequential:
    """A convolution that keeps the size up to its stride, and batch normalisation."""
    padding = kernel_size // 2
    conv = nn.Conv2d(in_channels, out_channels, kernel_size, stride, padding, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(out_channels))


class Bottleneck(nn.Module):
    """1x1 down, 3x3, 1x1 up by four, added to the input or to its projection."""

    def __init__(self, in_channels: int, inner: int, stride: int) -> None:
        super().__init__()
        out_channels = 4 * inner
        self.reduce = norm_conv(in_channels, inner, 1)
        self.spatial = norm_conv(inner, inner, 3, stride)
        self.expand = norm_conv(inner, out_channels, 1)
        projects = stride != 1 or in_channels != out_channels
        self.shortcut = norm_conv(in_channels, out_channels, 1, stride) if projects else nn.Identity()
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        residual = self.expand(self.relu(self.spatial(self.relu(self.reduce(x)))))
        return self.relu(residual + self.shortcut(x))


class ResNet50(nn.Module):
    """Stages of 3, 4, 6 and 3 bottlenecks; 25,557,032 parameters, 4.089 G multiply-accumulates at 224 x 224."""

    def __init__(self, num_classes: int = 1000) -> None:
        super().__init__()
        self.stem = nn.Sequential(norm_conv(3, 64, 7, stride=2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1))
        blocks: list[nn.Module] = []
        channels = 64
        for stage, depth in enumerate((3, 4, 6, 3)):
            inner = 64 * 2**stage
            for position in range(depth):
                blocks.append(Bottleneck(channels, inner, stride=2 if stage > 0 and position == 0 else 1))
                channels = 4 * inner
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Linear(channels, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        features = self.blocks(self.stem(images))
        return self.head(features.mean(dim=(2, 3)))


def build_model() -> ResNet50:
    """The model that the speed benchmark profiles."""
    return ResNet50()


def example_inputs() -> Tensor:
    """One image of the usual size."""
    return torch.zeros(1, 3, 224, 224)
