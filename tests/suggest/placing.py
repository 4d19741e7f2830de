"""Small networks with places for dropout, and what the shipped rules say of them."""

from __future__ import annotations

from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netadvise.api.positions import suggest_dropout
from netadvise.position import Position, PositionReport


class Functional(nn.Module):
    """Everything but the layers with weights is a function."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 8, 3), nn.Conv2d(8, 16, 3)
        self.hidden, self.head = nn.Linear(400, 32), nn.Linear(32, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return F.log_softmax(self.head(F.relu(self.hidden(x.flatten(1)))), 1)


class Read(nn.Module):
    """Functions that two layers read, so that only the call itself is a place."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.left, self.right = nn.Linear(16, 32), nn.Linear(32, 8), nn.Linear(32, 8)
        self.head = nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.hidden(x))
        scores: Tensor = self.head(F.relu(self.left(x)) * F.relu(self.right(x)))
        return scores


class Recurrent(nn.Module):
    """The last state goes to the head."""

    def __init__(self, layers: int = 2, dropout: float = 0.0) -> None:
        super().__init__()
        self.embed = nn.Embedding(50, 8)
        self.lstm = nn.LSTM(8, 16, layers, batch_first=True, dropout=dropout)
        self.head = nn.Linear(16, 4)

    def forward(self, ids: Tensor) -> Tensor:
        _, (state, _) = self.lstm(self.embed(ids))
        scores: Tensor = self.head(state[-1])
        return scores


class Transformer(nn.Module):
    """torch's own encoder layers on tokens and positions."""

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(16, 2, 32, dropout=dropout, batch_first=True)
        self.tokens, self.positions = nn.Embedding(50, 16), nn.Embedding(12, 16)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(16, 4)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.encoder(self.tokens(ids) + self.positions(torch.arange(ids.shape[1])))
        scores: Tensor = self.head(x.mean(1))
        return scores


class Block(nn.Module):
    """A basic residual block, whose activation runs twice."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.norm2 = nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm2(self.conv2(self.relu(self.norm1(self.conv1(x)))))
        y += x
        out: Tensor = self.relu(y)
        return out


class Residual(nn.Module):
    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.stem, self.first, self.second = nn.Conv2d(3, width, 3, padding=1), Block(width), Block(width)
        self.head = nn.Linear(width, 10)

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.head(self.second(self.first(F.relu(self.stem(x)))).mean((2, 3)))
        return scores


def _twice(inside: int, outside: int, *, norms: bool) -> nn.Sequential:
    layers: list[nn.Module] = []
    for width in (inside, outside):
        layers += [nn.Conv2d(width, outside, 3, padding=1), *([nn.BatchNorm2d(outside)] if norms else []), nn.ReLU()]
    return nn.Sequential(*layers)


class UNet(nn.Module):
    def __init__(self, *, norms: bool = False) -> None:
        super().__init__()
        self.down, self.middle = _twice(1, 8, norms=norms), _twice(8, 16, norms=norms)
        self.pool, self.enlarge = nn.MaxPool2d(2), nn.ConvTranspose2d(16, 8, 2, 2)
        self.up, self.out = _twice(16, 8, norms=norms), nn.Conv2d(8, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        early = self.down(x)
        late = self.enlarge(self.middle(self.pool(early)))
        scores: Tensor = self.out(self.up(torch.cat([late, early], 1)))
        return scores


def plain_cnn(*, norms: bool) -> nn.Sequential:
    """Two convolutions, pooled, and a head with a hidden layer."""
    pooled = [nn.MaxPool2d(2), nn.AdaptiveAvgPool2d(4), nn.Flatten()]
    return nn.Sequential(*_twice(3, 8, norms=norms), *pooled, nn.Linear(128, 32), nn.ReLU(), nn.Linear(32, 10))


NETS: dict[str, tuple[nn.Module, str]] = {
    "cnn": (plain_cnn(norms=False), "1,3,16,16"),
    "cnn with norms": (plain_cnn(norms=True), "1,3,16,16"),
    "functional": (Functional(), "1,1,28,28"),
    "read twice": (Read(), "1,16"),
    "lstm": (Recurrent(), "1,12:int64"),
    "one lstm": (Recurrent(1), "1,12:int64"),
    "transformer": (Transformer(), "1,12:int64"),
    "transformer that drops": (Transformer(0.1), "1,12:int64"),
    "residual": (Residual(), "1,3,16,16"),
    "wide residual": (Residual(160), "1,3,16,16"),
    "unet": (UNet(), "1,1,32,32"),
    "unet with norms": (UNet(norms=True), "1,1,32,32"),
    "selu": (nn.Sequential(nn.Linear(16, 32), nn.SELU(), nn.Linear(32, 4)), "1,16"),
}


@cache
def said_of(name: str) -> PositionReport:
    """The report on one of the networks."""
    net, inputs = NETS[name]
    return suggest_dropout(net, inputs)


def accepted(name: str) -> dict[str, Position]:
    """The accepted places of one of the networks, by what they are called."""
    return {position.place: position for position in said_of(name).accepted}


def refused(name: str) -> dict[str, Position]:
    """The refused ones."""
    return {position.place: position for position in said_of(name).refused}
