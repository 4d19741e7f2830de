"""Networks for the tests of the rules on the last activation and its loss."""

import torch
import torch.nn.functional as F
from torch import nn


class ReturnsProbabilities(nn.Module):
    """A functional softmax at the end."""

    def __init__(self):
        super().__init__()
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        """(N, 16) -> (N, 10)."""
        return F.softmax(self.head(x), dim=1)


class ProbabilitiesInEvaluation(ReturnsProbabilities):
    """Logits for the loss, probabilities for the user."""

    def forward(self, x):
        """(N, 16) -> (N, 10)."""
        x = self.head(x)
        return x if self.training else torch.softmax(x, dim=1)


class LogitsAndProbabilities(ReturnsProbabilities):
    """Both: which of them the loss takes cannot be seen."""

    def forward(self, x):
        """(N, 16) -> (N, 10), (N, 10)."""
        x = self.head(x)
        return x, torch.softmax(x, dim=1)


class LogOfSoftmax(ReturnsProbabilities):
    """Log-probabilities in two steps."""

    def forward(self, x):
        """(N, 16) -> (N, 10)."""
        return torch.log(torch.softmax(self.head(x), dim=1))


class FunctionalOverBatch(ReturnsProbabilities):
    """A softmax over axis 0."""

    def forward(self, x):
        """(N, 16) -> (N, 10)."""
        return F.softmax(self.head(x), dim=0)


class OverTimeFirst(nn.Module):
    """Pooling by attention with time on axis 0, after a transpose: axis 0 is not the batch."""

    def __init__(self):
        super().__init__()
        self.score = nn.Linear(16, 1)
        self.head = nn.Linear(16, 4)

    def forward(self, x):
        """(N, T, 16) -> (N, 4)."""
        x = x.transpose(0, 1)
        weights = torch.softmax(self.score(x), dim=0)
        return self.head((weights * x).sum(0))
