"""Networks with parts that nothing uses, and with parts that only look so."""

import torch
import torch.nn.functional as F
from torch import nn


class ForgottenLayer(nn.Module):
    """`extra` was built and is never called."""

    def __init__(self):
        super().__init__()
        self.body = nn.Linear(16, 32)
        self.extra = nn.Linear(32, 32)
        self.head = nn.Linear(32, 10)

    def forward(self, x):
        """(N, 16) -> (N, 10)."""
        return self.head(torch.relu(self.body(x)))


class ForgottenBlock(nn.Module):
    """A block with layers inside: one finding, for the block."""

    def __init__(self):
        super().__init__()
        self.block = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 16))
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        """(N, 16) -> (N, 10)."""
        return self.head(x)


class TwoNames(nn.Module):
    """One module under two names, called by one of them."""

    def __init__(self):
        super().__init__()
        self.body = nn.Linear(16, 16)
        self.alias = self.body
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        """(N, 16) -> (N, 10)."""
        return self.head(torch.relu(self.body(x)))


class TiedWeights(nn.Module):
    """The decoder's weight is read, the decoder is not called."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(16, 8)
        self.decoder = nn.Linear(8, 16, bias=False)

    def forward(self, x):
        """(N, 16) -> (N, 16)."""
        return F.linear(torch.relu(self.encoder(x)), self.decoder.weight)


class TrainingHead(nn.Module):
    """An auxiliary head for training alone."""

    def __init__(self):
        super().__init__()
        self.body = nn.Linear(16, 32)
        self.aux = nn.Linear(32, 10)
        self.head = nn.Linear(32, 10)

    def forward(self, x):
        """(N, 16) -> (N, 10), and the auxiliary logits in training."""
        x = torch.relu(self.body(x))
        return (self.head(x), self.aux(x)) if self.training else self.head(x)


class ModulesInList(nn.Module):
    """A ModuleList is never called itself."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(16, 16), nn.Linear(16, 16)])
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        """(N, 16) -> (N, 10)."""
        for layer in self.layers:
            x = torch.relu(layer(x))
        return self.head(x)


class ForgottenBranch(nn.Module):
    """`side` runs, and its result is dropped."""

    def __init__(self):
        super().__init__()
        self.body = nn.Linear(16, 32)
        self.side = nn.Linear(32, 32)
        self.head = nn.Linear(32, 10)

    def forward(self, x):
        """(N, 16) -> (N, 10)."""
        x = torch.relu(self.body(x))
        torch.relu(self.side(x))
        return self.head(x)


class UnusedIdentity(nn.Module):
    """What is thrown away costs nothing: an Identity, as in DLA."""

    def __init__(self):
        super().__init__()
        self.project = nn.Identity()
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        """(N, 16) -> (N, 10)."""
        self.project(x)
        return self.head(x)


class PythonList(nn.Module):
    """The layers work, and the optimiser never hears of them."""

    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(16, 16), nn.Linear(16, 16)]
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        """(N, 16) -> (N, 10)."""
        for layer in self.layers:
            x = torch.relu(layer(x))
        return self.head(x)


class PythonDict(nn.Module):
    """The same in a dict."""

    def __init__(self):
        super().__init__()
        self.heads = {"classes": nn.Linear(16, 10)}

    def forward(self, x):
        """(N, 16) -> (N, 10)."""
        return self.heads["classes"](x)


class HiddenTeacher(nn.Module):
    """A frozen teacher, kept out of parameters() on purpose."""

    def __init__(self):
        super().__init__()
        self.head = nn.Linear(16, 10)
        self._teacher = [nn.Linear(16, 10).requires_grad_(False)]

    def forward(self, x):
        """(N, 16) -> (N, 10), and the teacher's answer in training."""
        return (self.head(x), self._teacher[0](x)) if self.training else self.head(x)


class ListOfRegistered(nn.Module):
    """A list of modules that are registered as attributes, too."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(16, 16)
        self.second = nn.Linear(16, 10)
        self.order = [self.first, self.second]

    def forward(self, x):
        """(N, 16) -> (N, 10)."""
        for layer in self.order:
            x = torch.relu(layer(x))
        return x


class IgnoresInput(nn.Module):
    """A learnt row, repeated for each sample."""

    def __init__(self):
        super().__init__()
        self.row = nn.Parameter(torch.zeros(10))
        self.head = nn.Linear(10, 10)

    def forward(self, x):
        """(N, 16) -> (N, 10)."""
        return self.head(self.row).expand(x.shape[0], -1)


class LearntQuery(nn.Module):
    """A learnt query that attends to the input: the output depends on both."""

    def __init__(self):
        super().__init__()
        self.query = nn.Parameter(torch.zeros(16, 16))

    def forward(self, x):
        """(N, 16) -> (N, 16)."""
        return torch.softmax(x @ self.query, dim=1)
