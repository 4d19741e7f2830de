"""A network with many places for dropout, on the digits of `benchmarks.models.probed`; for `benchmarks.probes`."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from benchmarks.models.probed import digits

__all__ = ["DeepMLP", "digits"]


class DeepMLP(nn.Module):
    """Digits [N, 64] to ten scores, several hidden layers, each normalised."""

    example_inputs = torch.zeros(1, 64)

    def __init__(self, width: int = 64, depth: int = 8) -> None:
        super().__init__()
        widths = [64, *[width] * depth]
        layers: list[nn.Module] = []
        for before, after in pairwise(widths):
            layers += [nn.Linear(before, after), nn.LayerNorm(after), nn.ReLU()]
        self.net = nn.Sequential(*layers, nn.Linear(width, 10))

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)
