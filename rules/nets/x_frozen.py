"""Networks with frozen, shared and size-bound parts."""

from torch import nn


class ProbeOnFrozen(nn.Module):
    """A linear probe on a frozen trunk: under 1 % of the parameters train."""

    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(64, 512), nn.ReLU(), nn.Linear(512, 64))
        self.trunk.requires_grad_(False)
        self.head = nn.Linear(64, 4)

    def forward(self, x):
        return self.head(self.trunk(x))


class HalfFrozen(nn.Module):
    """One of two layers is frozen."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(64, 64)
        self.first.requires_grad_(False)
        self.act = nn.ReLU()
        self.head = nn.Linear(64, 64)

    def forward(self, x):
        return self.head(self.act(self.first(x)))


class SharedLayer(nn.Module):
    """The same linear layer twice."""

    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(16, 16)
        self.act = nn.ReLU()

    def forward(self, x):
        return self.act(self.hidden(self.act(self.hidden(x))))


class FixedBatch(nn.Module):
    """A batch of two is written into the code."""

    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(16, 16)
        self.head = nn.Linear(16, 4)

    def forward(self, x):
        return self.head(self.hidden(x).relu().view(2, 16))
