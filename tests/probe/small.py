"""A small thing to learn, and networks that learn it: what the tests of training share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netadvise.probe.ledger import Ledger
from netadvise.probe.masks import Masks
from netadvise.probe.spec import RunSpec
from netadvise.probe.step import Material, seed_everything
from netadvise.probe.train import Training
from netadvise.probe.variants import key_masks

FEATURES, CLASSES = 8, 3


class Net(nn.Module):
    """Two hidden layers; `during` drops by a function, whose mask is torch's own."""

    def __init__(self, during: float = 0.0, norm: bool = False) -> None:
        super().__init__()
        self.during = during
        self.first = nn.Linear(FEATURES, 16)
        self.norm = nn.BatchNorm1d(16) if norm else nn.Identity()
        self.second = nn.Linear(16, 16)
        self.head = nn.Linear(16, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.norm(self.first(x)))
        x = F.relu(self.second(F.dropout(x, self.during, self.training)))
        return self.head(x)


@dataclass
class Rows:
    """Examples that note down which of them were fetched."""

    count: int
    seed: int = 0
    fetched: list[list[int]] = field(default_factory=list)
    noise: float = 1.0

    def __post_init__(self) -> None:
        generator = torch.Generator().manual_seed(self.seed)
        self.x = torch.randn(self.count, FEATURES, generator=generator)
        self.y = (self.x[:, :CLASSES] + self.noise * torch.randn(self.count, CLASSES, generator=generator)).argmax(1)

    def __len__(self) -> int:
        return self.count

    def batch(self, indices: Sequence[int], seed: int) -> tuple[Tensor, Tensor]:
        self.fetched.append(list(indices))
        chosen = list(indices)
        return self.x[chosen], self.y[chosen]


class CrossEntropy:
    """The loss of a classification, and whether it was right."""

    def training_loss(self, model: nn.Module, batch: tuple[Tensor, Tensor], index: int) -> Tensor:
        return F.cross_entropy(model(batch[0]), batch[1])

    def evaluate(self, model: nn.Module, batch: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        logits = model(batch[0])
        return F.cross_entropy(logits, batch[1], reduction="none"), (logits.argmax(1) == batch[1]).float()


def material(*, train: int = 40, validation: int = 30, batch_size: int = 8, rate: float = 1e-2) -> Material:
    """What runs of a small study share."""
    return Material(
        Rows(train),
        Rows(validation, seed=1),
        CrossEntropy(),
        lambda model: torch.optim.Adam(model.parameters(), lr=rate),
        batch_size,
    )


def built(seed: int, during: float = 0.0, *, norm: bool = False) -> tuple[Net, Masks]:
    """The network of a seed, and its masks."""
    seed_everything(seed)
    model, masks = Net(during, norm), Masks(seed)
    key_masks(model, masks)
    return model, masks


def training(folder: Path, spec: RunSpec, shared: Material | None = None, model: nn.Module | None = None) -> Training:
    """A run in the making, of a network with dropout by a function."""
    ledger = Ledger(folder, "key")
    ledger.begin(spec)
    made, masks = built(spec.seed, 0.3)
    return Training(made if model is None else model, spec, shared or material(), masks, ledger)
