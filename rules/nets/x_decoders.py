"""Encoders with decoders, for the segmentation rules."""

import torch
import torch.nn.functional as F
from torch import nn


class SmallUNet(nn.Module):
    """Down by 32 and back, with a skip connection at each scale."""

    def __init__(self):
        super().__init__()
        self.down = nn.ModuleList(nn.Conv2d(3 if i == 0 else 8, 8, 3, stride=2, padding=1) for i in range(5))
        self.up = nn.ModuleList(nn.Conv2d(16, 8, 3, padding=1) for _ in range(4))
        self.head = nn.Conv2d(8, 4, 1)

    def forward(self, x):
        maps = []
        for down in self.down:
            x = torch.relu(down(x))
            maps.append(x)
        for up, skip in zip(self.up, reversed(maps[:-1]), strict=True):
            x = F.interpolate(x, scale_factor=2.0)
            x = torch.relu(up(torch.cat((x, skip), 1)))
        return self.head(F.interpolate(x, scale_factor=2.0))


class CroppingUNet(nn.Module):
    """Pools twice; up-sampled maps are padded to the size of the skip connection where they differ."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, padding=1)
        self.second = nn.Conv2d(8, 8, 3, padding=1)
        self.bottom = nn.Conv2d(8, 8, 3, padding=1)
        self.join = nn.Conv2d(16, 8, 3, padding=1)
        self.head = nn.Conv2d(16, 4, 1)

    def _meet(self, small, skip):
        large = F.interpolate(small, scale_factor=2.0)
        rows, columns = skip.shape[2] - large.shape[2], skip.shape[3] - large.shape[3]
        if rows or columns:
            large = F.pad(large, (0, columns, 0, rows))
        return torch.cat((large, skip), 1)

    def forward(self, x):
        first = torch.relu(self.first(x))
        second = torch.relu(self.second(F.max_pool2d(first, 2)))
        bottom = torch.relu(self.bottom(F.max_pool2d(second, 2)))
        joined = torch.relu(self.join(self._meet(bottom, second)))
        return self.head(self._meet(joined, first))
