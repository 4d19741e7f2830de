"""Networks for the test of the rule on in-place operations."""

import torch
import torch.nn.functional as F
from torch import nn


class ShortcutOverwritten(nn.Module):
    """The shortcut adds x after the branch has written into it."""

    def __init__(self):
        super().__init__()
        self.branch = nn.Sequential(nn.ReLU(inplace=True), nn.Conv2d(8, 8, 3, padding=1))

    def forward(self, x):
        """(N, 8, H, W) -> the same."""
        return x + self.branch(x)


class ReadsOldAndNew(nn.Module):
    """Both terms of the sum are the changed tensor."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 3, padding=1)

    def forward(self, x):
        """(N, 8, H, W) -> the same."""
        y = self.conv(x)
        z = y.mul_(2.0)
        return torch.relu(y + z)


class ActivatesFirst(nn.Module):
    """The activated values are what both paths are meant to read."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 3, padding=1)

    def forward(self, x):
        """(N, 8, H, W) -> the same."""
        x = F.relu(x, inplace=True)
        return self.conv(x) + x


class BasicBlock(nn.Module):
    """The residual block of torchvision: in place wherever nothing is read again."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(8, 8, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(8)

    def forward(self, x):
        """(N, 8, H, W) -> the same."""
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += x
        return self.relu(out)
