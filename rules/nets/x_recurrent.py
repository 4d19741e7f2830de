"""Recurrent loops with dropout, for the sequence rules."""

import torch
from torch import nn


class FreshMaskEachStep(nn.Module):
    """Drops the hidden state inside the loop, with a new mask each time."""

    def __init__(self):
        super().__init__()
        self.cell = nn.GRUCell(8, 8)
        self.drop = nn.Dropout(0.2)
        self.head = nn.Linear(8, 2)

    def forward(self, x):
        state = torch.zeros(x.shape[0], 8)
        for step in range(x.shape[1]):
            state = self.drop(self.cell(x[:, step], state))
        return self.head(state)


class DropoutOnTheOutput(nn.Module):
    """Drops what the loop hands out, not the state."""

    def __init__(self):
        super().__init__()
        self.cell = nn.GRUCell(8, 8)
        self.drop = nn.Dropout(0.2)
        self.head = nn.Linear(8, 2)

    def forward(self, x):
        state = torch.zeros(x.shape[0], 8)
        for step in range(x.shape[1]):
            state = self.cell(x[:, step], state)
        return self.head(self.drop(state))
