"""Grouped and depthwise convolutions, and what mixes their channels."""

import torch
from torch import nn
from torch.nn import functional


class FixedBlur(nn.Module):
    """A blur with a constant kernel behind the last layer: depthwise, but nothing to learn."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.register_buffer("kernel", torch.full((8, 1, 3, 3), 1 / 9))

    def forward(self, x):
        """(N, 3, H, W) -> (N, 8, H, W)."""
        return functional.conv2d(self.conv(x).relu(), self.kernel, padding=1, groups=8)


class Shuffled(nn.Module):
    """ShuffleNet's shuffle, written as a reshape, a transpose and a reshape."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(16, 8, 1, groups=4)
        self.second = nn.Conv2d(8, 8, 1, groups=4)
        self.pool = nn.AdaptiveAvgPool2d(1)

    def forward(self, x):
        """(N, 16, H, W) -> (N, 8, 1, 1)."""
        x = self.first(x).relu()
        samples, channels, height, width = x.shape
        x = x.view(samples, 4, channels // 4, height, width).transpose(1, 2)
        x = x.reshape(samples, channels, height, width)
        return self.pool(self.second(x).relu())
