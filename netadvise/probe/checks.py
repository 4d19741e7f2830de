"""What is tried before anything is trained for long: does it learn, is evaluation still, does it repeat itself?"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import median

import numpy as np
from torch import nn
from torch.optim import Optimizer

from netadvise.probe.masks import Masks, key
from netadvise.probe.spec import Checks, Vector
from netadvise.probe.step import Batch, Beat, Material, is_sound, learn, score, seed_everything, train_step

ONE_BATCH_STEPS = 200
_LEARNT = 0.1
"""The loss on one batch, over that before, at which it counts as learnt and the trying ends."""
_CLEARLY, _STEADY, _NOISE = 0.95, 0.5, 3.0
"""A loss still falls to this share of the quarter of the steps before; or with this share of its fastest pace, and this
many times its noise."""
_REPLICATE_STEPS = 20
_WARM_UP = 3

Build = Callable[[], tuple[nn.Module, Masks]]
"""A fresh network of one seed, and its masks."""


def checked(build: Build, material: Material, seed: int, tell: Callable[[int], None] = lambda _: None) -> Checks:
    """The checks on fresh networks of one seed; `tell` is told from time to time that they go on."""
    beat = Beat(tell)
    ratio, falling = _one_batch(build, material, seed, beat)
    first, step_seconds = _short_run(build, material, seed, beat)
    second, _ = _short_run(build, material, seed, beat)
    model, _ = build()
    leak, look_seconds = _leak(model.to(material.device), material, beat)
    return Checks(ratio, falling, leak, float(np.abs(first - second).max()), step_seconds, look_seconds)


def _one_batch(build: Build, material: Material, seed: int, beat: Beat) -> tuple[float, bool]:
    """The loss on one batch after training on it alone, over the loss before; and whether it was falling to the end."""
    model, masks = build()
    model.to(material.device).train()
    optimizer = material.optimizer(model)
    size = min(material.batch_size, len(material.train))
    batch = material.batch(material.train, list(range(size)), key(seed, "one batch"))
    losses: list[float] = []
    for step in range(ONE_BATCH_STEPS):
        beat(step)
        masks.begin(step)
        seed_everything(key(seed, "one batch", step))
        losses.append(_learnt(model, optimizer, material, batch))
        if not np.isfinite(losses[-1]) or losses[-1] < _LEARNT * losses[0]:
            break
    if not np.isfinite(losses).all():
        return float("inf"), False
    # of a loss that may be negative there is no share that is left
    # what dropout or a noisy step does to the last loss alone is no sign
    end = min(losses[-1], float(np.mean(losses[-5:])))
    return end / losses[0] if losses[0] > 0 else float("nan"), still_falls(losses)


def still_falls(losses: Sequence[float]) -> bool:
    """Whether losses fell to the end: by a twentieth in the last quarter, or at half their fastest pace or more.

    The latter is how a network looks that learns, but too slowly; one that learns nothing has no pace beyond its noise.
    """
    size = len(losses) // 4
    if size == 0:
        return False
    quarters = np.array([np.mean(losses[at * size : (at + 1) * size]) for at in range(4)])
    paces = quarters[:-1] - quarters[1:]
    noise = float(np.std(np.diff(losses))) / np.sqrt(size)
    steady = paces[-1] > max(_STEADY * paces.max(), _NOISE * noise)
    return bool(quarters[3] < _CLEARLY * quarters[2] or steady)


def _learnt(model: nn.Module, optimizer: Optimizer, material: Material, batch: Batch) -> float:
    """The loss of one step; infinite where the loss refuses what exploded weights make."""
    try:
        return learn(model, optimizer, material.step, batch, 0)
    except Exception:
        if is_sound(model):
            raise
        return float("inf")


def _short_run(build: Build, material: Material, seed: int, beat: Beat) -> tuple[Vector, float]:
    """The losses of a few steps, and the seconds of one."""
    model, masks = build()
    model.to(material.device).train()
    optimizer = material.optimizer(model)
    losses, seconds = [], []
    for step in range(1, _REPLICATE_STEPS + 1):
        beat(step)
        started = time.perf_counter()
        losses.append(train_step(model, optimizer, material, masks, seed, step))
        seconds.append(time.perf_counter() - started)
    return np.array(losses), median(seconds[_WARM_UP:])


def _leak(model: nn.Module, material: Material, beat: Beat) -> tuple[float, float]:
    """The largest difference between two passes in evaluation mode, and the seconds of one."""
    count = min(len(material.validation), 256)
    seed_everything(1)
    first = score(model, material.validation, material, range(count), lambda: beat(0))[0]
    started = time.perf_counter()
    seed_everything(2)
    second = score(model, material.validation, material, range(count), lambda: beat(0))[0]
    seconds = (time.perf_counter() - started) * len(material.validation) / max(count, 1)
    return float(np.nanmax(np.abs(first - second), initial=0.0)), seconds
