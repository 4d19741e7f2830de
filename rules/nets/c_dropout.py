"""Networks for the tests of the rules on dropout and randomness."""

import torch
import torch.nn.functional as F
from torch import nn


class AlwaysOn(nn.Module):
    """Functional dropout with its default, training=True."""

    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(16, 32)
        self.head = nn.Linear(32, 4)

    def forward(self, x):
        """(N, 16) -> (N, 4)."""
        x = torch.relu(self.hidden(x))
        x = F.dropout(x, p=0.5)
        return self.head(x)


class FollowsTraining(AlwaysOn):
    """The same, switched off by model.eval()."""

    def forward(self, x):
        """(N, 16) -> (N, 4)."""
        x = torch.relu(self.hidden(x))
        x = F.dropout(x, p=0.5, training=self.training)
        return self.head(x)


class DropsLogits(AlwaysOn):
    """Functional dropout, switched correctly, behind the last layer."""

    def forward(self, x):
        """(N, 16) -> (N, 4)."""
        x = self.head(torch.relu(self.hidden(x)))
        return F.dropout(x, p=0.5, training=self.training)


class AttentionAlwaysOn(nn.Module):
    """Attention whose dropout does not ask for the mode."""

    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(16, 48)
        self.proj = nn.Linear(16, 16)
        self.rate = 0.1

    def forward(self, x):
        """(N, L, 16) -> (N, L, 16)."""
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        x = F.scaled_dot_product_attention(q, k, v, dropout_p=self.dropout_p())
        return self.proj(x)

    def dropout_p(self):
        """The rate, in training and in evaluation."""
        return self.rate


class AttentionFollowsTraining(AttentionAlwaysOn):
    """The rate is zero in evaluation."""

    def dropout_p(self):
        """The rate of the mode."""
        return self.rate if self.training else 0.0


class MultiheadWithDropout(nn.Module):
    """nn.MultiheadAttention switches its dropout itself."""

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(16, 2, dropout=0.1, batch_first=True)

    def forward(self, x):
        """(N, L, 16) -> (N, L, 16)."""
        return self.attention(x, x, x, need_weights=False)[0]


class NoiseAlways(nn.Module):
    """Noise on the features, in evaluation too."""

    def __init__(self):
        super().__init__()
        self.body = nn.Linear(16, 4)

    def forward(self, x):
        """(N, 16) -> (N, 4)."""
        return self.body(x + 0.1 * torch.randn_like(x))


class NoiseInTraining(NoiseAlways):
    """Noise for augmentation, in training alone."""

    def forward(self, x):
        """(N, 16) -> (N, 4)."""
        if self.training:
            x = x + 0.1 * torch.randn_like(x)
        return self.body(x)


class UnusedNoise(NoiseAlways):
    """Random numbers that do not reach the output."""

    def forward(self, x):
        """(N, 16) -> (N, 4)."""
        self.last_noise = torch.rand(3)
        return self.body(x)


class DropoutLeftInTraining(nn.Module):
    """A dropout module that forward puts back into training mode."""

    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(16, 32)
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(32, 4)

    def forward(self, x):
        """(N, 16) -> (N, 4)."""
        self.drop.train()
        return self.head(self.drop(torch.relu(self.hidden(x))))


class DropPath(nn.Module):
    """Stochastic depth per sample, as timm writes it."""

    def __init__(self, drop_prob):
        super().__init__()
        self.drop_prob = drop_prob

    def forward(self, x):
        """Whole samples become zero in training."""
        if not self.training or self.drop_prob == 0.0:
            return x
        keep = 1 - self.drop_prob
        mask = x.new_empty((x.shape[0],) + (1,) * (x.ndim - 1)).bernoulli_(keep)
        return x * mask.div_(keep)


class DropPathAlone(nn.Module):
    """A dropped path with nothing beside it."""

    def __init__(self):
        super().__init__()
        self.body = nn.Linear(16, 16)
        self.drop_path = DropPath(0.2)
        self.head = nn.Linear(16, 4)

    def forward(self, x):
        """(N, 16) -> (N, 4)."""
        return self.head(self.drop_path(torch.relu(self.body(x))))


class DropPathInBranch(DropPathAlone):
    """The shortcut carries the samples whose branch was dropped."""

    def forward(self, x):
        """(N, 16) -> (N, 4)."""
        return self.head(x + self.drop_path(torch.relu(self.body(x))))


class DropPathScaledBranch(DropPathAlone):
    """The same, with a learnt scale between the dropped path and the sum."""

    def __init__(self):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(16))

    def forward(self, x):
        """(N, 16) -> (N, 4)."""
        return self.head(x + self.gamma * self.drop_path(torch.relu(self.body(x))))
