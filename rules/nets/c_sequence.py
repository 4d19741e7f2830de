"""Networks for the test of the rule on batch_first."""

from torch import nn


class BatchTakenForTime(nn.Module):
    """(N, T, C) into an LSTM that expects (T, N, C)."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(16, 8)
        self.head = nn.Linear(8, 4)

    def forward(self, x):
        """(N, T, 16) -> (N, 4)."""
        return self.head(self.lstm(x)[0][:, -1])


class BatchFirst(BatchTakenForTime):
    """With batch_first."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(16, 8, batch_first=True)


class Transposed(BatchTakenForTime):
    """With a transpose before it."""

    def forward(self, x):
        """(N, T, 16) -> (N, 4)."""
        return self.head(self.lstm(x.transpose(0, 1))[0][-1])


class TimeFirst(BatchTakenForTime):
    """A network whose input is (T, N, C) by intent: the last step is taken from axis 0."""

    def forward(self, x):
        """(T, N, 16) -> (N, 4)."""
        return self.head(self.lstm(x)[0][-1])


class AttentionOverBatch(nn.Module):
    """(N, T, C) into an attention that expects (T, N, C)."""

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(16, 2, batch_first=self.batch_first())
        self.head = nn.Linear(16, 4)

    def batch_first(self):
        """torch's default."""
        return False

    def forward(self, x):
        """(N, T, 16) -> (N, 4)."""
        return self.head(self.attention(x, x, x, need_weights=False)[0].mean(1))


class WeightsOverBatch(AttentionOverBatch):
    """The same where the attention weights are asked for, which takes another path through torch."""

    def forward(self, x):
        """(N, T, C) -> (N, 4)."""
        return self.head(self.attention(x, x, x)[0].mean(1))


class AttentionBatchFirst(AttentionOverBatch):
    """With batch_first."""

    def batch_first(self):
        """As the input is laid out."""
        return True
