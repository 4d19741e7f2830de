"""Dropouts in places where the shape or the path around them matters."""

from torch import nn


class DroppedEmbedding(nn.Module):
    """Positions are added to tokens and the sum is dropped, before the first block: usual in transformers."""

    def __init__(self):
        super().__init__()
        self.tokens = nn.Linear(16, 16)
        self.positions = nn.Linear(16, 16)
        self.drop = nn.Dropout(0.1)
        self.first = nn.Linear(16, 16)
        self.second = nn.Linear(16, 16)

    def forward(self, x):
        """(N, 16) -> (N, 16)."""
        x = self.drop(self.tokens(x) + self.positions(x))
        x = x + self.first(x).relu()
        return x + self.second(x).relu()


class TokensChannelsLast(nn.Module):
    """As in Swin: tokens laid out (N, H, W, C), where single values are single features."""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 16, 4, stride=4)
        self.mix = nn.Linear(16, 16)
        self.drop = nn.Dropout(0.2)
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        """(N, 3, H, W) -> (N, 10)."""
        x = self.patches(x).permute(0, 2, 3, 1)
        return self.head(self.drop(self.mix(x).relu()).mean((1, 2)))


class HeadThatDrops(nn.Module):
    """A VGG-like head with dropout behind its hidden layer."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 16, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten())
        self.hidden = nn.Linear(64, 256)
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(256, 10)

    def forward(self, x):
        """(N, 3, H, W) -> (N, 10)."""
        return self.head(self.drop(self.hidden(self.features(x)).relu()))
