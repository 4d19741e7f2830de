"""Finished runs as the training would leave them, made from a few numbers."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from netadvise.probe.spec import Ending, Numbers, Point, RunResult

EXAMPLES = 60


def run(
    seed: int,
    shift: float = 0.0,
    *,
    ending: Ending = "stopped",
    best_step: int = 150,
    steps: int = 300,
    train_loss: float = 0.2,
    rise: float = 0.3,
    bn_shift: float | None = None,
    noise: float = 0.02,
) -> RunResult:
    """A run whose losses are those of its seed, `shift` better, with noise of its own."""
    paired = np.random.default_rng(seed)
    own = np.random.default_rng([seed, int(abs(shift) * 1000) + 1])
    losses = (
        1.0 + paired.exponential(0.5, EXAMPLES) + 0.05 * paired.normal() - shift + noise * own.normal(size=EXAMPLES)
    )
    points = tuple(
        Point(step, 1.0 / step, 1.5 - shift + 0.2 * np.log(step / best_step) ** 2, 0.5)
        for step in range(10, steps + 1, 10)
    )
    numbers = Numbers(best_step, steps, ending, train_loss, 1.0, 0.01, bn_shift, points)
    right = (losses < 1.5).astype(np.float64)
    return RunResult(numbers, losses, right, losses + rise, right)


def runs(seeds: Iterable[int] = range(4), shift: float = 0.0, **given: object) -> dict[int, RunResult]:
    """The same for several seeds."""
    return {seed: run(seed, shift, **given) for seed in seeds}  # type: ignore[arg-type]
