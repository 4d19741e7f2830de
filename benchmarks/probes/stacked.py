"""Many seeds of a tiny network trained at once, to know what an effect really is.

Members are trained as `netadvise.probe.train` trains one run: Adam, shuffled passes, the same looks, the same rule for
the end, the same cross-fitted early stop. Each member keeps its weights of the best step of either half of the
validation examples, and is scored with them on test data that no run has seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from netadvise.probe.train import PATIENCE, looks

Array = NDArray[np.float64]
Pair = tuple[Tensor, Tensor]
Weights = list[Tensor]


@dataclass(frozen=True)
class Task:
    """What all members are trained and scored on."""

    train: Pair
    validation: Pair
    test: Pair
    batch_size: int
    learning_rate: float
    least: int
    most: int


def trained(
    build: Callable[[int], nn.Module], task: Task, seeds: Sequence[int], rates: tuple[float, ...], halves: Tensor
) -> Members:
    """Two members for each seed, without dropout and with `rates` behind the hidden layers, trained to their ends.

    Both have the same initial weights and batches. `halves`: [validation], which half each example is in.
    """
    networks = [build(seed) for seed in seeds] * 2
    drop = [[0.0] * len(seeds) + [rate] * len(seeds) for rate in rates]
    rate_of = [torch.tensor(each)[:, None, None] for each in drop]
    members = Members(_stack(networks), rate_of, task, list(seeds) * 2, halves)
    members.train()
    return members


def _stack(networks: Sequence[nn.Module]) -> Weights:
    """The weights of networks that are chains of `Linear`: [members, in, out] and [members, 1, out] in turn."""
    rows = [[each for each in network.modules() if isinstance(each, nn.Linear)] for network in networks]
    found: Weights = []
    for layers in zip(*rows, strict=True):
        found.append(torch.stack([layer.weight.detach().T.clone() for layer in layers]).requires_grad_())
        found.append(torch.stack([layer.bias.detach()[None].clone() for layer in layers]).requires_grad_())
    return found


def _forward(weights: Weights, x: Tensor, rates: Sequence[Tensor] | None) -> Tensor:
    """[members, N, in] -> [members, N, classes]; with `rates`, values behind hidden layers are dropped."""
    last = len(weights) // 2 - 1
    for layer in range(last + 1):
        x = torch.baddbmm(weights[2 * layer + 1], x, weights[2 * layer])
        if layer < last:
            x = torch.relu(x)
            if rates is not None:
                x = x * (torch.rand_like(x) >= rates[layer]) / (1 - rates[layer])
    return x


def _scores(weights: Weights, data: Pair) -> tuple[Tensor, Tensor]:
    """Losses and hits of each member and example: [members, N] each."""
    with torch.no_grad():
        inputs = data[0].expand(len(weights[0]), *data[0].shape)
        outputs = _forward(weights, inputs, None)
        targets = data[1].expand(outputs.shape[:2])
        losses = F.cross_entropy(outputs.flatten(0, 1), targets.flatten(), reduction="none").view_as(targets)
        return losses, (outputs.argmax(-1) == targets).float()


@dataclass
class Members:
    """Networks in one stack: those without dropout first."""

    weights: Weights
    rates: Sequence[Tensor]
    task: Task
    seeds: Sequence[int]
    halves: Tensor

    def train(self) -> None:
        """All members until the last one has ended."""
        count = len(self.seeds)
        self.best = torch.full((2, count), float("inf"))
        self.kept = [[each.detach().clone() for each in self.weights] for _ in range(2)]
        self.lowest, self.lowest_at = torch.full((count,), float("inf")), torch.zeros(count)
        self.ended = torch.zeros(count, dtype=torch.bool)
        optimizer, step = torch.optim.Adam(self.weights, lr=self.task.learning_rate, fused=True), 0
        torch.manual_seed(self.seeds[0])
        for look in looks(self.task.most):
            while step < look:
                self._step(optimizer, step)
                step += 1
            self._look(step)
            if bool(self.ended.all()):
                return

    def _step(self, optimizer: torch.optim.Optimizer, step: int) -> None:
        count, size = len(self.task.train[1]), self.task.batch_size
        epoch, place = divmod(step, count // size)
        if place == 0:
            orders = {seed: _order(count, seed, epoch) for seed in set(self.seeds)}
            self.orders = torch.stack([orders[seed] for seed in self.seeds])
        chosen = self.orders[:, place * size : (place + 1) * size]
        outputs = _forward(self.weights, self.task.train[0][chosen], self.rates)
        loss = F.cross_entropy(outputs.flatten(0, 1), self.task.train[1][chosen].flatten()) * len(self.seeds)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    def _look(self, step: int) -> None:
        losses, _ = _scores(self.weights, self.task.validation)
        for side in (0, 1):
            own = losses[:, self.halves == side].mean(1)
            better = (own < self.best[side]) & ~self.ended
            self.best[side] = torch.where(better, own, self.best[side])
            for kept, now in zip(self.kept[side], self.weights, strict=True):
                kept[better] = now.detach()[better]
        whole = losses.mean(1)
        better = (whole < self.lowest) & ~self.ended
        self.lowest = torch.where(better, whole, self.lowest)
        self.lowest_at[better] = step
        self.ended |= step >= (PATIENCE * self.lowest_at).clamp(min=self.task.least)

    def on_test(self) -> tuple[Array, Array]:
        """Mean test loss and accuracy [2, seeds], over the two stops of each member."""
        sides = [_scores(weights, self.task.test) for weights in self.kept]
        losses, hits = (torch.stack([side[at].double().mean(1) for side in sides]).mean(0) for at in (0, 1))
        return losses.reshape(2, -1).numpy(), hits.reshape(2, -1).numpy()

    def on_validation(self) -> tuple[Array, Array]:
        """Losses and hits [2, seeds, examples]: each half of the examples at the step that is best for the other."""
        sides = [_scores(weights, self.task.validation) for weights in self.kept]
        own = [torch.where(self.halves == 0, sides[1][at], sides[0][at]).double() for at in (0, 1)]
        losses, hits = (each.reshape(2, -1, each.shape[-1]).numpy() for each in own)
        return losses, hits


def _order(count: int, seed: int, epoch: int) -> Tensor:
    return torch.randperm(count, generator=torch.Generator().manual_seed(seed * 10_007 + epoch))
