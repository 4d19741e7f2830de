"""Networks for the tests of the rules on gradients that end on their way back."""

import torch
from torch import nn


class Detached(nn.Module):
    """The gradient ends between body and head."""

    def __init__(self):
        super().__init__()
        self.body = nn.Linear(16, 32)
        self.head = nn.Linear(32, 10)

    def forward(self, x):
        """(N, 16) -> (N, 10)."""
        return self.head(torch.relu(self.body(x)).detach())


class NoGradBody(Detached):
    """The body runs without gradients, and asks for them."""

    def forward(self, x):
        """(N, 16) -> (N, 10)."""
        with torch.no_grad():
            x = torch.relu(self.body(x))
        return self.head(x)


class DetachedFrozen(Detached):
    """The layers before the detach are frozen: nothing is lost."""

    def __init__(self):
        super().__init__()
        self.body.requires_grad_(False)


class StraightThrough(Detached):
    """Rounding with a straight-through estimator: the gradient goes around."""

    def forward(self, x):
        """(N, 16) -> (N, 10)."""
        x = torch.relu(self.body(x))
        return self.head(x + (torch.round(x) - x).detach())


class Siamese(Detached):
    """As in SimSiam: one output is detached, the other carries the gradient."""

    def forward(self, x):
        """(N, 16) -> (N, 10), (N, 32)."""
        x = torch.relu(self.body(x))
        return self.head(x), x.detach()


class Rounds(Detached):
    """Rounding on the only path."""

    def forward(self, x):
        """(N, 16) -> (N, 10)."""
        return self.head(torch.round(self.body(x)))


class ReturnsLabels(Detached):
    """The loss gets labels instead of logits."""

    def forward(self, x):
        """(N, 16) -> (N,)."""
        return self.head(torch.relu(self.body(x))).argmax(dim=1)


class LabelsInEvaluation(Detached):
    """Logits for the loss, labels for the user."""

    def forward(self, x):
        """(N, 16) -> (N, 10), in evaluation (N,)."""
        x = self.head(torch.relu(self.body(x)))
        return x if self.training else x.argmax(dim=1)


class MasksPadding(Detached):
    """A mask by comparison of the input: the features go around it."""

    def forward(self, x):
        """(N, 16) -> (N, 10)."""
        mask = (x.abs().sum(dim=1, keepdim=True) > 0).float()
        return self.head(torch.relu(self.body(x)) * mask)


class DetachedScale(Detached):
    """A learnt scale that only ever is read detached."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(32))

    def forward(self, x):
        """(N, 16) -> (N, 10)."""
        return self.head(torch.relu(self.body(x)) * self.scale.detach())


class FrozenScale(DetachedScale):
    """The same scale, frozen and so by intent."""

    def __init__(self):
        super().__init__()
        self.scale.requires_grad_(False)
