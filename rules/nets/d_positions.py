"""Places for dropout that take a forward of one's own to make."""

import torch
from torch import nn


class TokensAndPositions(nn.Module):
    """Embedded tokens and positions are added before the first layer."""

    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(20, 8)
        self.positions = nn.Embedding(5, 8)
        self.first = nn.Linear(8, 4)

    def forward(self, ids):
        """(N, 5) -> (N, 5, 4)."""
        return self.first(self.tokens(ids) + self.positions(torch.arange(ids.shape[1])))


class ShiftedTokens(nn.Module):
    """Indices that are computed before they are embedded."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(20, 8)
        self.head = nn.Linear(8, 4)

    def forward(self, ids):
        """(N, L) -> (N, L, 4)."""
        return self.head(self.embed((ids + 1) % 20))


class PreNormBlock(nn.Module):
    """One block of a transformer for sequences, without any dropout."""

    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(16), nn.LayerNorm(16)
        self.attention = nn.MultiheadAttention(16, 2, batch_first=True)
        self.up, self.act, self.down = nn.Linear(16, 32), nn.GELU(), nn.Linear(32, 16)
        self.head = nn.Linear(16, 4)

    def forward(self, x):
        """(N, L, 16) -> (N, 4)."""
        y = self.norm1(x)
        x = x + self.attention(y, y, y, need_weights=False)[0]
        x = x + self.down(self.act(self.up(self.norm2(x))))
        return self.head(x.mean(1))


class _Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(width, width, 3, padding=1), nn.BatchNorm2d(width)
        self.act = nn.ReLU()
        self.conv2, self.norm2 = nn.Conv2d(width, width, 3, padding=1), nn.BatchNorm2d(width)

    def forward(self, x):
        return torch.relu(x + self.norm2(self.conv2(self.act(self.norm1(self.conv1(x))))))


class FourStages(nn.Module):
    """Residual blocks at four resolutions."""

    def __init__(self):
        super().__init__()
        self.stem, self.early = nn.Conv2d(3, 8, 3, stride=2, padding=1), _Block(8)
        self.down1, self.second = nn.Conv2d(8, 8, 3, stride=2, padding=1), _Block(8)
        self.down2, self.third = nn.Conv2d(8, 8, 3, stride=2, padding=1), _Block(8)
        self.down3, self.late = nn.Conv2d(8, 8, 3, stride=2, padding=1), _Block(8)
        self.head = nn.Linear(8, 4)

    def forward(self, x):
        """(N, 3, H, W) -> (N, 4)."""
        x = self.second(self.down1(self.early(self.stem(x))))
        x = self.late(self.down3(self.third(self.down2(x))))
        return self.head(x.mean((2, 3)))


class FrozenBackbone(nn.Module):
    """Two frozen convolutions under a trained head."""

    def __init__(self):
        super().__init__()
        self.conv1, self.act, self.conv2 = nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3)
        self.head = nn.Linear(8, 4)
        for layer in (self.conv1, self.conv2):
            layer.requires_grad_(False)

    def forward(self, x):
        """(N, 3, H, W) -> (N, 4)."""
        return self.head(torch.relu(self.conv2(self.act(self.conv1(x)))).mean((2, 3)))


class StepByStep(nn.Module):
    """An LSTM cell over a sequence."""

    def __init__(self):
        super().__init__()
        self.cell = nn.GRUCell(8, 16)
        self.head = nn.Linear(16, 4)

    def forward(self, x):
        """(N, L, 8) -> (N, 4)."""
        state = x.new_zeros(x.shape[0], 16)
        for step in range(x.shape[1]):
            state = self.cell(x[:, step], state)
        return self.head(state)
