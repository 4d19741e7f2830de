"""Attention and gates by hand: softmaxes whose results multiply something."""

import torch
from torch import nn


class HandWritten(nn.Module):
    """Softmax, dropout, product with the values: the standard order."""

    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(16, 48)
        self.drop = nn.Dropout(0.1)
        self.proj = nn.Linear(16, 16)

    def forward(self, x):
        """(N, L, 16) -> (N, L, 16)."""
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        weights = torch.softmax(q @ k.transpose(-2, -1) * 0.25, dim=-1)
        return self.proj(self.drop(weights) @ v)


class SoftGate(nn.Module):
    """A mixture of two experts, weighted by a softmax with dropout."""

    def __init__(self):
        super().__init__()
        self.experts = nn.ModuleList([nn.Linear(16, 4), nn.Linear(16, 4)])
        self.router = nn.Linear(16, 2)
        self.drop = nn.Dropout(0.1)

    def forward(self, x):
        """(N, 16) -> (N, 4)."""
        weights = self.drop(torch.softmax(self.router(x), dim=1)).unsqueeze(-1)
        return (weights * torch.stack([expert(x) for expert in self.experts], dim=1)).sum(1)


class RelativeShift(nn.Module):
    """Scores by distance, shifted into place by a view, a cut and a view back, as in Transformer-XL."""

    def __init__(self):
        super().__init__()
        self.proj = nn.Linear(11, 11)

    def forward(self, x):
        """(N, L, 2 L - 1) -> (N, L, 2 L - 2)."""
        x = self.proj(x)
        batch, rows, columns = x.shape
        return x.view(batch, columns, rows)[:, 1:].reshape(batch, rows, columns - 1)
