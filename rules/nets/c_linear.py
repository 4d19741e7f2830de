"""Pairs of layers without an activation between them that are no mistake."""

import torch
from torch import nn


class InvertedBottleneck(nn.Module):
    """A linear projection, then the expansion of the next block, as in MobileNetV3."""

    def __init__(self):
        super().__init__()
        self.expand = nn.Conv2d(16, 32, 1)
        self.depthwise = nn.Conv2d(32, 32, 3, stride=2, padding=1, groups=32)
        self.project = nn.Conv2d(32, 24, 1)
        self.next_expand = nn.Conv2d(24, 72, 1)

    def forward(self, x):
        """(N, 16, H, W) -> (N, 72, H/2, W/2)."""
        x = torch.relu(self.depthwise(torch.relu(self.expand(x))))
        return torch.relu(self.next_expand(self.project(x)))


class ReadTwice(nn.Module):
    """The first result is an output of its own: an embedding beside the classes."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Linear(64, 64)
        self.classes = nn.Linear(64, 10)

    def forward(self, x):
        """(N, 64) -> (N, 10), (N, 64)."""
        embedding = self.embed(x)
        return self.classes(embedding), embedding


class FrozenFeatures(nn.Module):
    """A linear probe on frozen features."""

    def __init__(self):
        super().__init__()
        self.features = nn.Linear(64, 64).requires_grad_(False)
        self.probe = nn.Linear(64, 10)

    def forward(self, x):
        """(N, 64) -> (N, 10)."""
        return self.probe(self.features(x))
