"""What is tried before anything is trained for long: does it learn, is evaluation still, does it repeat itself?"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import numpy as np
from torch import nn

from netadvise.probe.masks import Masks, key
from netadvise.probe.spec import Checks, Vector
from netadvise.probe.train import Material, score, seed_everything, train_step

ONE_BATCH_STEPS = 200
_LEARNT = 0.1
"""The loss on one batch, over that before, at which it counts as learnt and the trying ends."""
_REPLICATE_STEPS = 20
_WARM_UP = 3

Build = Callable[[], tuple[nn.Module, Masks]]
"""A fresh network of one seed, and its masks."""


def checked(build: Build, material: Material, seed: int) -> Checks:
    """The checks on fresh networks of one seed."""
    ratio, falling = _one_batch(build, material, seed)
    first, step_seconds = _short_run(build, material, seed)
    second, _ = _short_run(build, material, seed)
    model, _ = build()
    leak, look_seconds = _leak(model.to(material.device), material)
    return Checks(ratio, falling, leak, float(np.abs(first - second).max()), step_seconds, look_seconds)


def _one_batch(build: Build, material: Material, seed: int) -> tuple[float, bool]:
    """The loss on one batch after training on it alone, over the loss before; and whether it was falling to the end."""
    model, masks = build()
    model.to(material.device).train()
    optimizer = material.optimizer(model)
    size = min(material.batch_size, len(material.train))
    batch = material.train.batch(list(range(size)), key(seed, "one batch"))
    losses: list[float] = []
    for step in range(ONE_BATCH_STEPS):
        masks.begin(step)
        seed_everything(key(seed, "one batch", step))
        loss = material.step.training_loss(model, batch, 0)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
        if not np.isfinite(losses[-1]) or losses[-1] < _LEARNT * losses[0]:
            break
    if not np.isfinite(losses).all():
        return float("inf"), False
    tail = len(losses) // 4
    falling = tail > 0 and float(np.mean(losses[-tail:])) < 0.95 * float(np.mean(losses[-2 * tail : -tail]))
    # what dropout or a noisy step does to the last loss alone is no sign
    end = min(losses[-1], float(np.mean(losses[-5:])))
    return end / losses[0] if losses[0] > 0 else 0.0, falling


def _short_run(build: Build, material: Material, seed: int) -> tuple[Vector, float]:
    """The losses of a few steps, and the seconds of one."""
    model, masks = build()
    model.to(material.device).train()
    optimizer = material.optimizer(model)
    losses, seconds = [], []
    for step in range(1, _REPLICATE_STEPS + 1):
        started = time.perf_counter()
        losses.append(train_step(model, optimizer, material, masks, seed, step))
        seconds.append(time.perf_counter() - started)
    return np.array(losses), median(seconds[_WARM_UP:])


def _leak(model: nn.Module, material: Material) -> tuple[float, float]:
    """The largest difference between two passes in evaluation mode, and the seconds of one."""
    count = min(len(material.validation), 256)
    seed_everything(1)
    first = score(model, material.validation, material, range(count))[0]
    started = time.perf_counter()
    seed_everything(2)
    second = score(model, material.validation, material, range(count))[0]
    seconds = (time.perf_counter() - started) * len(material.validation) / max(count, 1)
    return float(np.nanmax(np.abs(first - second), initial=0.0)), seconds
