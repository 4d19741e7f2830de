"""Runs recorded look by look, each trained once and long enough: what any shorter run of it would have come to.

A run of a study ends by its own rule, at a step that depends on t*; what it came to is a function of the looks before.
So a run that was recorded to the end of all of them answers for every one, whatever t*, patience or cap.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from netadvise.document.edits import alternatives_json
from netadvise.probe.fleet import Edits
from netadvise.probe.ledger import Ledger
from netadvise.probe.masks import key
from netadvise.probe.spec import Ending, Numbers, Point, RunResult, RunSpec
from netadvise.probe.step import shuffled
from netadvise.probe.train import PATIENCE, Training
from netadvise.worker.training import Session

Array = NDArray[np.float32]
STEP_SECONDS = 1.0
"""Of a step in what is replayed: seconds are steps there."""


@dataclass(frozen=True, slots=True)
class Record:
    """One run: its looks, and the loss and metric of each validation example at each of them."""

    steps: NDArray[np.int64]
    train_loss: Array
    losses: Array
    metrics: Array
    seconds: float

    def run(self, spec: RunSpec, patience: float = PATIENCE) -> RunResult:
        """What the run of a spec would have come to; one that is longer than the recording ends with it."""
        means = self.losses.mean(axis=1)
        within = int((self.steps <= spec.most).sum())
        best = [int(means[: count + 1].argmin()) for count in range(within)]
        enough = [self.steps[at] >= max(spec.least, patience * self.steps[best[at]]) for at in range(within)]
        ending: Ending = "stopped" if any(enough) else "horizon"
        last = enough.index(True) if any(enough) else within - 1
        half = _halves(self.losses.shape[1])
        stops = {side: int(self.losses[: last + 1, half == side].mean(axis=1).argmin()) for side in (False, True)}
        # each half of the examples is scored at the step that is best for the other one
        losses, metrics = (
            np.where(half, each[stops[False]], each[stops[True]]).astype(np.float64)
            for each in (self.losses, self.metrics)
        )
        steps = [int(step) for step in self.steps[: last + 1]]
        curve = tuple(Point(step, float(self.train_loss[at]), float(means[at]), 0.0) for at, step in enumerate(steps))
        numbers = Numbers(
            best_step=steps[best[last]],
            steps=steps[-1],
            ending=ending,
            train_loss=float(self.train_loss[best[last]]),
            seconds=steps[-1] * STEP_SECONDS,
            step_seconds=STEP_SECONDS,
            curve=curve,
        )
        end = (self.losses[last].astype(np.float64), self.metrics[last].astype(np.float64))
        return RunResult(numbers, losses, metrics, *end)


def _halves(count: int) -> NDArray[np.bool_]:
    half = np.zeros(count, dtype=np.bool_)
    half[list(shuffled(count, key("halves"))[: count // 2])] = True
    return half


@dataclass
class _Recorded(Training):
    """A training run that also keeps every look."""

    kept: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = field(default_factory=list)

    def _look(self) -> None:
        super()._look()
        self.kept.append((self.progress.losses, self.progress.metrics))


@dataclass(frozen=True, slots=True)
class Records:
    """Recorded runs in a folder, each trained where it is not there yet."""

    session: Session
    folder: Path
    steps: int
    """Of every recording."""

    def of(self, edits: Edits, seed: int) -> Record:
        """The recording of a run."""
        spec = RunSpec(edits, seed, self.steps, self.steps)
        file = self._file(spec)
        if not file.exists():
            self._record(spec, file)
        with np.load(file) as found:
            seconds = float(found["seconds"])
            return Record(found["steps"], found["train_loss"], found["losses"], found["metrics"], seconds)

    def has(self, edits: Edits, seed: int) -> bool:
        """Whether a run was recorded."""
        return self._file(RunSpec(edits, seed, self.steps, self.steps)).exists()

    def _file(self, spec: RunSpec) -> Path:
        return self.folder / f"{spec.id('recorded')}.npz"

    def _record(self, spec: RunSpec, file: Path) -> None:
        scratch = Ledger(self.folder, "scratch")
        scratch.begin(spec)
        started = time.process_time()
        with self.session.network(spec.edits, spec.seed) as (module, masks):
            training = _Recorded(module, spec, self.session.material, masks, scratch)
            training.run()
        scratch.discard(spec)
        looks = training.progress.curve
        draft = file.with_suffix(f".{os.getpid()}.draft.npz")
        np.savez(
            draft,
            steps=np.array([point.step for point in looks]),
            train_loss=np.array([point.train_loss for point in looks], dtype=np.float32),
            losses=np.stack([losses for losses, _ in training.kept]).astype(np.float32),
            metrics=np.stack([metrics for _, metrics in training.kept]).astype(np.float32),
            seconds=time.process_time() - started,
        )
        draft.replace(file)


def named(edits: Edits) -> str:
    """Edits as the key of a recording."""
    return alternatives_json([edits])
