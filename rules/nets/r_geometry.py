"""Resolution and receptive field against the size of the input."""

from itertools import pairwise

from torch import nn


class FarPastTheBorder(nn.Module):
    """Four strides of two, then two more 3x3: on 16 pixels everything is seen long before the last one."""

    def __init__(self):
        super().__init__()
        widths = [3, 8, 8, 16, 16]
        steps = [nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in pairwise(widths)]
        self.steps = nn.Sequential(*(part for step in steps for part in (step, nn.ReLU())))
        self.middle = nn.Conv2d(16, 16, 3, padding=1)
        self.last = nn.Conv2d(16, 16, 3, padding=1)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        """(N, 3, H, W) -> (N, 10)."""
        x = self.middle(self.steps(x)).relu()
        return self.head(self.pool(self.last(x).relu()).flatten(1))


class DecoderOnSmallMap(nn.Module):
    """An autoencoder: behind the up-sampling a kernel draws detail, and context is not its task."""

    def __init__(self):
        super().__init__()
        widths = [3, 8, 8, 16, 16]
        steps = [nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in pairwise(widths)]
        self.steps = nn.Sequential(*(part for step in steps for part in (step, nn.ReLU())))
        self.grow = nn.Upsample(scale_factor=16)
        self.draw = nn.Conv2d(16, 3, 3, padding=1)

    def forward(self, x):
        """(N, 3, H, W) -> (N, 3, H, W)."""
        return self.draw(self.grow(self.steps(x)))


class TokenMixer(nn.Module):
    """As in MLP-Mixer: one linear layer across all positions, one across the channels."""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 16, 8, stride=8)
        self.across_positions = nn.Linear(64, 64)
        self.across_channels = nn.Linear(16, 16)
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        """(N, 3, 64, 64) -> (N, 10)."""
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = x + self.across_positions(x.transpose(1, 2)).relu().transpose(1, 2)
        x = x + self.across_channels(x).relu()
        return self.head(x.mean(1))
