"""Six convolutions of 3x3, with their strides early, late, or in a patch stem."""

from torch import nn


class EarlyStrides(nn.Module):
    """A stride and a pooling behind the first convolution, as for large images."""

    stem = (3, 2, 1)
    later = (1, 1, 1, 1, 2)

    def __init__(self):
        super().__init__()
        size, stride, padding = self.stem
        self.conv = nn.Conv2d(3, 8, size, stride=stride, padding=padding)
        self.pool = nn.MaxPool2d(2)
        self.layers = nn.ModuleList(nn.Conv2d(8, 8, 3, stride=step, padding=1) for step in self.later)

    def forward(self, x):
        """(N, 3, H, W) -> (N, 8, H / 8, W / 8)."""
        x = self.pool(self.conv(x).relu())
        for layer in self.layers:
            x = layer(x).relu()
        return x


class LateStrides(EarlyStrides):
    """The same depth; one step early, the others behind the third convolution."""

    stem = (3, 1, 1)
    later = (1, 1, 2, 1, 2)


class PatchStem(EarlyStrides):
    """Patches of 4x4, as ConvNeXt has them."""

    stem = (4, 4, 0)
    later = (1, 1, 1, 1, 1)
