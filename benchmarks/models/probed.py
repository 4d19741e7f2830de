"""Small networks, and data for them, on which it is known what dropout does; for `benchmarks.probes`.

Every data function returns (train, validation, test), each a pair of tensors. Digits are scikit-learn's: 1,797 of 8x8.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Pair = tuple[Tensor, Tensor]
Splits = tuple[Pair, Pair, Pair]
FEATURES, CLASSES = 20, 3


class Tiny(nn.Module):
    """Points [N, 20] to three scores: two hidden layers, wide enough to learn 300 points by heart."""

    example_inputs = torch.zeros(1, FEATURES)

    def __init__(self, width: int = 32, outputs: int = CLASSES) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(FEATURES, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, outputs)
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


def teacher(number: int = 0, train: int = 300, validation: int = 300, noise: float = 0.1, test: int = 10_000) -> Splits:
    """A classification task of its own for each number: a random two-layer net labels, and some labels are random.

    `noise`: the share of labels that are drawn anew. The test data are fresh draws of the same, noise included.
    """
    generator = torch.Generator().manual_seed(number)
    count = train + validation + test
    points = torch.randn(count, FEATURES, generator=generator)
    first = torch.randn(FEATURES, 16, generator=generator) / math.sqrt(FEATURES)
    second = torch.randn(16, CLASSES, generator=generator)
    scores = torch.tanh(2 * points @ first) @ second
    labels = (scores - scores.mean(0)).argmax(1)
    drawn = torch.randint(CLASSES, (count,), generator=generator)
    labels = torch.where(torch.rand(count, generator=generator) < noise, drawn, labels)
    return _split(points, labels, train, validation)


class DigitsMLP(nn.Module):
    """Digits [N, 64] to ten scores, one hidden layer."""

    example_inputs = torch.zeros(1, 64)

    def __init__(self, width: int = 128) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Linear(width, 10))

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


class NormCNN(nn.Module):
    """Digits [N, 1, 8, 8] to ten scores: two convolutions, each with a batch norm behind it."""

    example_inputs = torch.zeros(2, 1, 8, 8)

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, width, 3, padding=1)
        self.norm1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, 2 * width, 3, padding=1)
        self.norm2 = nn.BatchNorm2d(2 * width)
        self.pool = nn.MaxPool2d(2)
        self.act1 = nn.ReLU()
        self.act2 = nn.ReLU()
        self.head = nn.Linear(2 * width * 4, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(self.act1(self.norm1(self.conv1(x))))
        x = self.pool(self.act2(self.norm2(self.conv2(x))))
        return self.head(x.flatten(1))


class DeepNormCNN(nn.Module):
    """Digits [N, 1, 8, 8] to ten scores: four convolutions, each with a batch norm directly behind it."""

    example_inputs = torch.zeros(2, 1, 8, 8)

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(1, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.norm2 = nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
        self.conv3, self.norm3 = nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
        self.conv4, self.norm4 = nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
        self.head = nn.Linear(width, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x))))))
        x = F.max_pool2d(x, 2)
        x = F.relu(self.norm4(self.conv4(F.relu(self.norm3(self.conv3(x))))))
        return self.head(x.mean((2, 3)))


class Residual(nn.Module):
    """Digits [N, 64] to ten scores: two residual blocks, the first with a projection on its shortcut."""

    example_inputs = torch.zeros(1, 64)

    def __init__(self, width: int = 48) -> None:
        super().__init__()
        self.stem = nn.Linear(64, 32)
        self.blocks = nn.ModuleList([Block(32, width), Block(width, width)])
        self.head = nn.Linear(width, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x)


class Block(nn.Module):
    """[N, before] -> [N, width]: shortcut and a branch of two layers, added."""

    def __init__(self, before: int, width: int) -> None:
        super().__init__()
        self.shortcut = nn.Identity() if before == width else nn.Linear(before, width, bias=False)
        self.first = nn.Linear(before, width)
        self.act = nn.ReLU()
        self.second = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.shortcut(x) + self.second(self.act(self.first(x)))


class RowLSTM(nn.Module):
    """Digits [N, 8, 8], read row by row, to ten scores: an LSTM of two layers."""

    example_inputs = torch.zeros(1, 8, 8)

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.lstm = nn.LSTM(8, width, num_layers=2, batch_first=True)
        self.head = nn.Linear(width, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.lstm(x)[0][:, -1])


def digits(train: int = 300, validation: int = 500, shape: str = "64", noise: float = 0.0) -> Splits:
    """Digits in an order of their own, as points ("64"), images ("1x8x8") or sequences ("8x8"); the rest is the test.

    `noise`: the share of all labels that are drawn anew, those of validation and test included.
    """
    from sklearn.datasets import load_digits

    found = load_digits()
    generator = torch.Generator().manual_seed(0)
    order = torch.randperm(len(found.data), generator=generator)
    images = torch.tensor(found.data, dtype=torch.float32)[order] / 16
    labels = torch.tensor(found.target, dtype=torch.int64)[order]
    drawn = torch.randint(10, labels.shape, generator=generator)
    labels = torch.where(torch.rand(labels.shape, generator=generator) < noise, drawn, labels)
    return _split(images.reshape(-1, *map(int, shape.split("x"))), labels, train, validation)


def _split(inputs: Tensor, labels: Tensor, train: int, validation: int) -> Splits:
    cuts = (train, train + validation)
    first, second, third = (
        (inputs[start:end], labels[start:end]) for start, end in ((0, cuts[0]), cuts, (cuts[1], len(labels)))
    )
    return first, second, third
