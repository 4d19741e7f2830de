"""Networks with stages, for the rules about their depths and widths."""

from torch import nn


def _stage(inside, outside, depth):
    layers = []
    for index in range(depth):
        first = index == 0
        layers += [nn.Conv2d(inside if first else outside, outside, 3, stride=2 if first else 1, padding=1), nn.ReLU()]
    return nn.Sequential(*layers)


class _Staged(nn.Module):
    def __init__(self, widths, depths):
        super().__init__()
        pairs = zip([3, *widths], [*widths], depths, strict=False)
        self.stages = nn.Sequential(*(_stage(inside, outside, depth) for inside, outside, depth in pairs))
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(widths[-1], 10)

    def forward(self, x):
        return self.head(self.pool(self.stages(x)).flatten(1))


class Growing(_Staged):
    """Depths and widths grow."""

    def __init__(self):
        super().__init__([8, 16, 32, 64], [2, 2, 3, 3])


class Shrinking(_Staged):
    """The second stage is the deepest."""

    def __init__(self):
        super().__init__([8, 16, 32, 64], [2, 6, 3, 3])


class ConstantWidth(_Staged):
    """The resolution halves and the width stays."""

    def __init__(self):
        super().__init__([16, 16, 16, 16], [2, 2, 2, 2])
