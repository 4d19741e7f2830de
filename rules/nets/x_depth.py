"""Networks with stochastic depth, for the rules about its rates."""

from torch import nn


class DropPath(nn.Module):
    """Drops whole samples of a residual branch in training."""

    def __init__(self, drop_prob):
        super().__init__()
        self.drop_prob = drop_prob

    def forward(self, x):
        if not self.training or self.drop_prob == 0.0:
            return x
        keep = 1 - self.drop_prob
        mask = x.new_empty((x.shape[0],) + (1,) * (x.ndim - 1)).bernoulli_(keep)
        return x * mask.div_(keep)


class _Block(nn.Module):
    def __init__(self, rate):
        super().__init__()
        self.inner = nn.Linear(16, 16)
        self.act = nn.ReLU()
        self.drop = DropPath(rate)

    def forward(self, x):
        return x + self.drop(self.act(self.inner(x)))


class ConstantRates(nn.Sequential):
    """Twelve blocks, all with the same rate."""

    def __init__(self):
        super().__init__(*(_Block(0.2) for _ in range(12)), nn.Linear(16, 4))


class LinearRates(nn.Sequential):
    """Twelve blocks whose rate grows with depth."""

    def __init__(self):
        super().__init__(*(_Block(0.2 * index / 11) for index in range(12)), nn.Linear(16, 4))
