"""Layer norms and linear layers on maps: where the axes were moved first."""

from torch import nn


class ChannelsLast(nn.Module):
    """As in ConvNeXt: permute, normalise and mix the last axis, permute back."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 32, 3, padding=1)
        self.norm = nn.LayerNorm(32)
        self.mix = nn.Linear(32, 32)

    def forward(self, x):
        """(N, 3, H, W) -> (N, 32, H, W)."""
        x = self.conv(x).permute(0, 2, 3, 1)
        return self.mix(self.norm(x)).permute(0, 3, 1, 2)


class Tokens(nn.Module):
    """As in a vision transformer: patches become tokens of 32 features."""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 32, 4, stride=4)
        self.norm = nn.LayerNorm(32)
        self.head = nn.Linear(32, 10)

    def forward(self, x):
        """(N, 3, H, W) -> (N, 10)."""
        x = self.patches(x).flatten(2).transpose(1, 2)
        return self.head(self.norm(x).mean(1))
