"""What an effect really is on a small network: many fresh seeds, trained far past t*, scored on held-out test data.

Each run is scored at its own early stop: at the step with the lowest mean validation loss, on test examples that have
decided nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import nn

from benchmarks.probes.studies import Small, session
from netadvise.probe.ledger import Ledger
from netadvise.probe.spec import Point, RunSpec
from netadvise.probe.statistics import crossed, improvement
from netadvise.probe.train import Training
from netadvise.worker.training import Session

Array = NDArray[np.float64]
LONG_SEEDS = range(7_000, 7_016)
LEAST, MOST = 3, 5
"""Runs are so many times t* long at least, and at most: in between, until twice their own best step."""
_LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Long:
    """What long runs found: effects on test data with 95 % intervals over seeds and examples."""

    seeds: int
    steps: int
    loss: tuple[float, float, float]
    """Effect, low, high."""
    accuracy: tuple[float, float, float]
    baseline_best: float
    """Median best step."""
    arm_best: float


@dataclass(frozen=True, slots=True)
class _Listening(Ledger):
    """A ledger that tells of each look."""

    heard: Callable[[Point], None] = field(default=lambda _: None)

    def look(self, spec: RunSpec, point: Point) -> None:
        Ledger.look(self, spec, point)
        self.heard(point)


def long_run(small: Small, folder: Path, best_step: int, seeds: Sequence[int] = LONG_SEEDS) -> Long:
    """Train the network as it is and the edited one on every seed; results of single runs stay in `folder`."""
    made, least, most = session(small, folder), LEAST * best_step, MOST * best_step
    specs = [[RunSpec(edits, seed, least, most) for seed in seeds] for edits in ((), small.edits)]
    runs = [[_test_scores(made, spec) for spec in arm] for arm in specs]
    losses, hits = (np.stack([[run[at] for run in arm] for arm in runs]) for at in (0, 1))
    best = [float(np.median([run[2][0] for run in arm])) for arm in runs]
    return Long(
        len(seeds), most, _effect(losses, lower_is_better=True), _effect(hits, lower_is_better=False), best[0], best[1]
    )


def _effect(scores: Array, *, lower_is_better: bool) -> tuple[float, float, float]:
    """Of scores [2, seeds, examples]."""
    effect = crossed(improvement(scores[0], scores[1], lower_is_better))
    return (effect.mean, *effect.interval(_LEVEL))


def _test_scores(made: Session, spec: RunSpec) -> tuple[Array, Array, Array]:
    """Losses and hits of the test examples, and the best step [1], of one run."""
    file = made.ledger.folder / f"{spec.id('long')}.npz"
    if not file.exists():
        np.savez(file, *_trained(made, spec))
    with np.load(file) as found:
        losses, hits, best = (np.asarray(found[f"arr_{at}"], dtype=np.float64) for at in range(3))
    return losses, hits, best


def _trained(made: Session, spec: RunSpec) -> tuple[Array, Array, Array]:
    lowest, best_step = float("inf"), 0
    scores: tuple[Array, Array] = (np.zeros(0), np.zeros(0))

    with made.network(spec.edits, spec.seed) as (module, masks):

        def heard(point: Point) -> None:
            nonlocal lowest, best_step, scores
            if point.validation_loss < lowest:
                lowest, best_step, scores = point.validation_loss, point.step, _scored(made, module)

        ledger = _Listening(made.ledger.folder / "long", "long", heard)
        ledger.begin(spec)
        Training(module, spec, made.material, masks, ledger).run()
    return *scores, np.array([float(best_step)])


def _scored(made: Session, module: nn.Module) -> tuple[Array, Array]:
    """Of each test example."""
    assert made.data.test is not None
    inputs, labels = made.data.test.raw(list(range(len(made.data.test))))
    training = module.training
    module.eval()
    with torch.no_grad():
        outputs = module(inputs)
    module.train(training)
    losses = F.cross_entropy(outputs, labels, reduction="none").double().numpy()
    return losses, (outputs.argmax(1) == labels).double().numpy()
