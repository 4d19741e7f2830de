from __future__ import annotations

from torch import nn

from .blocks import Block


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.block = Block(3)

    def forward(self, x):
        return self.block(x)
