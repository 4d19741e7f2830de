"""Norms that are frozen, shared, or missing."""

from torch import nn


class FrozenNorm(nn.Module):
    """A frozen backbone under a trainable head; its batch norm still follows the mode."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.norm = nn.BatchNorm2d(8)
        self.conv.requires_grad_(False)
        self.norm.requires_grad_(False)
        self.head = nn.Conv2d(8, 4, 1)

    def forward(self, x):
        """(N, 3, H, W) -> (N, 4, H - 2, W - 2)."""
        return self.head(self.norm(self.conv(x)).relu())


class FrozenNormInEval(FrozenNorm):
    """The same, with the norm kept in evaluation mode."""

    def train(self, mode=True):
        """As always, but for the norm."""
        super().train(mode)
        self.norm.eval()
        return self


class FrozenAltogether(FrozenNorm):
    """A feature extractor that is never trained."""

    def __init__(self):
        super().__init__()
        self.requires_grad_(False)


class OneNormTwice(nn.Module):
    """One norm behind two different convolutions."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, bias=False)
        self.second = nn.Conv2d(8, 8, 3, bias=False)
        self.norm = nn.BatchNorm2d(8)

    def forward(self, x):
        """(N, 3, H, W) -> (N, 8, H - 4, W - 4)."""
        return self.norm(self.second(self.norm(self.first(x)).relu())).relu()


class TwoViews(nn.Module):
    """One encoder for the image and its mirror image."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU())

    def forward(self, x):
        """(N, 3, H, W) -> (N, 8, H - 2, W - 2)."""
        return self.encoder(x) + self.encoder(x.flip(3))


def _convolutions():
    return nn.ModuleList(nn.Conv2d(3 if index == 0 else 8, 8, 3, padding=1) for index in range(24))


class DeepPlain(nn.Module):
    """24 convolutions in a row, without norms and skips."""

    def __init__(self):
        super().__init__()
        self.layers = _convolutions()

    def forward(self, x):
        """(N, 3, H, W) -> (N, 8, H, W)."""
        for layer in self.layers:
            x = layer(x).relu()
        return x


class DeepResidual(DeepPlain):
    """The same with a skip around each."""

    def forward(self, x):
        """(N, 3, H, W) -> (N, 8, H, W)."""
        x = self.layers[0](x)
        for layer in self.layers[1:]:
            x = x + layer(x).relu()
        return x


class DeepSelu(DeepPlain):
    """The same with an activation that normalises by itself."""

    def forward(self, x):
        """(N, 3, H, W) -> (N, 8, H, W)."""
        for layer in self.layers:
            x = nn.functional.selu(layer(x))
        return x
