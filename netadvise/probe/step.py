"""One step of training, and one look at examples: functions of the network, the seed and the number of the step.

What every run of a study shares is `Material`. Everything random in a step follows from the seed and the step: the
order of the data, the masks, and what torch, Python and numpy draw.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from netadvise.probe.data_examples import map_tensors
from netadvise.probe.masks import Masks, key
from netadvise.probe.spec import Vector

_LOOK_BATCH = 256
_TELL_SECONDS = 5.0
EXPLODED = 1e6
"""A loss so many times the first one, or a weight so large, has left for good."""

Batch = Any
"""What one call of the model gets, as its data set hands it out."""


class Examples(Protocol):
    """A set of examples that is fetched by index."""

    def __len__(self) -> int: ...

    def batch(self, indices: Sequence[int], seed: int) -> Batch:
        """The examples of these indices; what is random about fetching them follows from `seed`."""


class Step(Protocol):
    """How a batch is learnt from, and scored."""

    def training_loss(self, model: nn.Module, batch: Batch, index: int) -> Tensor:
        """A scalar to be minimised."""

    def evaluate(self, model: nn.Module, batch: Batch) -> tuple[Tensor, Tensor]:
        """Loss and metric of each example: [N], [N]."""


@dataclass(frozen=True)
class Material:
    """What every run of a study shares."""

    train: Examples
    validation: Examples
    step: Step
    optimizer: Callable[[nn.Module], torch.optim.Optimizer]
    batch_size: int
    device: str = "cpu"

    def batch(self, examples: Examples, indices: Sequence[int], seed: int) -> Batch:
        """Examples where the network is."""
        batch = examples.batch(indices, seed)
        if self.device == "cpu":
            return batch
        parts = (batch.inputs, batch.kwargs, batch.target, batch.raw)
        return type(batch)(*(map_tensors(lambda leaf: leaf.to(self.device), part) for part in parts))


@dataclass
class Beat:
    """A sign of life, passed on from time to time: what says nothing for long is taken for hung."""

    tell: Callable[[int], None] = lambda _: None
    _told: float = field(default_factory=time.monotonic)

    def __call__(self, step: int) -> None:
        """Say that the run is at a step, unless that was just said."""
        if time.monotonic() - self._told > _TELL_SECONDS:
            self._told = time.monotonic()
            self.tell(step)


def train_step(
    model: nn.Module, optimizer: torch.optim.Optimizer, material: Material, masks: Masks, seed: int, step: int
) -> float:
    """One step on the batch that belongs to it; the loss before it.

    `step` counts from 1. Batches are those of a shuffled pass; a rest too small for a batch is left out of the pass.
    """
    masks.begin(step)
    seed_everything(key(seed, "step", step))
    return learn(model, optimizer, material.step, batch_of(material, seed, step), step - 1)


def batch_of(material: Material, seed: int, step: int) -> Batch:
    """The batch that belongs to a step of a seed."""
    count, size = len(material.train), min(material.batch_size, len(material.train))
    per_epoch = max(count // size, 1)
    epoch, place = divmod(step - 1, per_epoch)
    indices = _order(count, key(seed, "order", epoch))[place * size : (place + 1) * size]
    return material.batch(material.train, indices.tolist(), key(seed, "fetch", step))


def learn(model: nn.Module, optimizer: torch.optim.Optimizer, how: Step, batch: Batch, index: int) -> float:
    """One step of the optimizer on a batch; the loss before it."""
    loss = how.training_loss(model, batch, index)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    return float(loss.detach())


def is_sound(model: nn.Module) -> bool:
    """Whether no weight has exploded."""
    return all(bool((tensor.detach().abs() < EXPLODED).all()) for tensor in model.parameters())


def score(
    model: nn.Module,
    examples: Examples,
    material: Material,
    indices: Sequence[int] | None = None,
    beat: Callable[[], None] = lambda: None,
) -> tuple[Vector, Vector]:
    """Loss and metric of each example, in evaluation mode; the mode comes back afterwards."""
    return scores([model], examples, material, indices, beat)[0]


def scores(
    models: Sequence[nn.Module],
    examples: Examples,
    material: Material,
    indices: Sequence[int] | None = None,
    beat: Callable[[], None] = lambda: None,
) -> list[tuple[Vector, Vector]]:
    """The same of several networks: the examples are fetched once for all of them."""
    wanted = range(len(examples)) if indices is None else indices
    modes = [model.training for model in models]
    found: list[list[tuple[Tensor, Tensor]]] = [[] for _ in models]
    try:
        for model in models:
            model.eval()
        with torch.no_grad():
            for start in range(0, len(wanted), _LOOK_BATCH):
                batch = material.batch(examples, list(wanted[start : start + _LOOK_BATCH]), key("look", start))
                for model, own in zip(models, found, strict=True):
                    own.append(material.step.evaluate(model, batch))
                    beat()
    finally:
        for model, mode in zip(models, modes, strict=True):
            model.train(mode)
    return [(_joined(own, 0), _joined(own, 1)) for own in found]


def _joined(found: Sequence[tuple[Tensor, Tensor]], at: int) -> Vector:
    joined: Vector = torch.cat([each[at].cpu().double().reshape(-1) for each in found]).numpy()
    return joined


def seed_everything(seed: int) -> None:
    """What torch, Python and numpy draw from now on follows from `seed`.

    `torch.manual_seed` would also note down the call stack for devices that are not in use: a third of a small step.
    """
    torch.default_generator.manual_seed(seed)
    if torch.cuda.is_initialized():
        torch.cuda.manual_seed_all(seed)
    random.seed(seed)
    np.random.seed(seed % 2**32)


def shuffled(count: int, seed: int) -> tuple[int, ...]:
    """The numbers below `count` in an order that belongs to the seed."""
    return tuple(_order(count, seed).tolist())


@lru_cache(maxsize=40)
def _order(count: int, seed: int) -> NDArray[np.int64]:
    """The same as an array: one for each seed that is trained at a time."""
    return torch.randperm(count, generator=torch.Generator().manual_seed(seed)).numpy()
