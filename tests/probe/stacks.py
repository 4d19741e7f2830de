"""Small networks of several kinds, and runs of them that are trained in a stack or one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netadvise.probe.batched import train_together
from netadvise.probe.ledger import Ledger
from netadvise.probe.masks import Masks
from netadvise.probe.network import in_one_thread
from netadvise.probe.spec import RunResult, RunSpec
from netadvise.probe.step import Material
from netadvise.probe.train import Training
from netadvise.probe.variants import DropBlock2d, StochasticDepth, key_masks
from tests.probe.small import CLASSES, CrossEntropy

Make = Callable[[float], nn.Module]
"""A network whose dropouts have a rate."""
SIDE = 6


class Residual(nn.Module):
    """A block that is dropped, sample by sample."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1, bias=False)
        self.norm, self.drop = nn.BatchNorm2d(4), StochasticDepth(p)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.drop(self.norm(self.conv(x))))


class Tied(nn.Module):
    """One weight under two names, and one that is not trained."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(SIDE * SIDE, SIDE * SIDE), nn.Linear(SIDE * SIDE, SIDE * SIDE)
        self.second.weight = self.first.weight
        self.scale = nn.Parameter(torch.full((), 0.5), requires_grad=False)
        self.head = nn.Linear(SIDE * SIDE, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(torch.tanh(self.second(torch.tanh(self.first(x.flatten(1)))) * self.scale))


class Words(nn.Module):
    """An embedding of what the pixels are rounded to."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.words, self.norm = nn.Embedding(8, 12), nn.LayerNorm(12)
        self.drop, self.head = nn.Dropout(p), nn.Linear(12, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        words = (x.flatten(1)[:, :7] * 2 + 4).round().clamp(0, 7).long()
        return self.head(self.drop(self.norm(self.words(words)).mean(1)))


def _flat(*layers: nn.Module) -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(SIDE * SIDE, 13), *layers, nn.Linear(13, CLASSES))


def _maps(*layers: nn.Module) -> nn.Module:
    first, norm = nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4)
    return nn.Sequential(first, norm, nn.GELU(), *layers, nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(16, CLASSES))


NETWORKS: Mapping[str, Make] = {
    "linear": lambda p: _flat(nn.Tanh(), nn.Dropout(p), nn.Linear(13, 13), nn.ReLU()),
    "batch norm of features": lambda p: _flat(nn.BatchNorm1d(13), nn.ReLU(), nn.Dropout(p)),
    "layer norm": lambda p: _flat(nn.LayerNorm(13), nn.SiLU(), nn.Dropout1d(p)),
    "alpha": lambda p: _flat(nn.SELU(), nn.AlphaDropout(p)),
    "feature alpha": lambda p: _maps(nn.FeatureAlphaDropout(p)),
    "channels": lambda p: _maps(nn.Dropout2d(p)),
    "blocks": lambda p: _maps(DropBlock2d(p, 2)),
    "residual": lambda p: _maps(Residual(p), Residual(p / 2)),
    "embedding": Words,
    "tied": lambda p: Tied(),
}


@dataclass
class Pictures:
    """Small pictures, and where they are brightest."""

    count: int
    seed: int = 0
    dtype: torch.dtype = torch.float32

    def __post_init__(self) -> None:
        generator = torch.Generator().manual_seed(self.seed)
        self.x = torch.randn(self.count, 1, SIDE, SIDE, generator=generator)
        self.y = self.x.flatten(1)[:, :CLASSES].argmax(1)

    def __len__(self) -> int:
        return self.count

    def batch(self, indices: Sequence[int], seed: int) -> tuple[Tensor, Tensor]:
        return self.x[list(indices)].to(self.dtype), self.y[list(indices)]


def adam(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.Adam(model.parameters(), lr=1e-2, fused=True)


def material(batch_size: int = 8, dtype: torch.dtype = torch.float32) -> Material:
    """What runs on pictures share."""
    return Material(Pictures(60, 0, dtype), Pictures(40, 1, dtype), CrossEntropy(), adam, batch_size)


Member = tuple[int, float]
"""Seed and rate of a run."""
MEMBERS: tuple[Member, ...] = ((0, 0.0), (1, 0.0), (0, 0.3), (1, 0.1), (2, 0.3))


def network(make: Make, seed: int, rate: float, dtype: torch.dtype = torch.float32) -> nn.Module:
    torch.manual_seed(seed)
    return make(rate).to(dtype)


def begun(
    folder: Path, make: Make, member: Member, shared: Material, least: int = 20, most: int = 40, attempt: str = ""
) -> Training:
    """A run in the making, with a folder of its own."""
    seed, rate = member
    spec, ledger = RunSpec((), seed, least, most, stack=1), Ledger(folder / f"{seed}-{rate}{attempt}", "key")
    ledger.begin(spec)
    model, masks = network(make, seed, rate, shared.train.batch([0], 0)[0].dtype), Masks(seed)
    key_masks(model, masks)
    return Training(model, spec, shared, masks, ledger)


def together(make: Make, runs: Sequence[Training]) -> list[RunResult]:
    """What comes of runs in one stack."""
    dtype = runs[0].material.train.batch([0], 0)[0].dtype
    raised = train_together(lambda: network(make, 0, 0.1, dtype), runs, lambda _: None)
    assert raised == [None] * len(runs)
    return [run.result for run in runs if run.result is not None]


def timeless(result: RunResult) -> tuple[object, ...]:
    """All there is of a result but how long it took, to be compared bit by bit."""
    arrays = (result.losses, result.metrics, result.losses_end, result.metrics_end)
    return replace(result.numbers, seconds=0.0, step_seconds=0.0), *(each.tobytes() for each in arrays)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    with in_one_thread():
        yield
