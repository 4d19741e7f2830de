"""Networks for the test of the rule on the number of classes."""

from torch import nn


class TwoHeads(nn.Module):
    """Two outputs: which of them has the classes cannot be seen."""

    def __init__(self):
        super().__init__()
        self.body = nn.Linear(16, 32)
        self.classes = nn.Linear(32, 10)
        self.boxes = nn.Linear(32, 4)

    def forward(self, x):
        """(N, 16) -> (N, 4), (N, 10)."""
        x = self.body(x).relu()
        return self.boxes(x), self.classes(x)
