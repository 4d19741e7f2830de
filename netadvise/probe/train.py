"""One training run: until its validation loss has not improved for as long as it took to get there.

Everything random is a function of the seed and the step: the order of the data, the masks, and what torch, Python and
numpy draw inside a step. So a run that goes on from a checkpoint is bit for bit the run that was never interrupted, and
two runs of one seed differ in their edits alone.

Looks at the validation data come at steps that grow by a twentieth, the same for every run. The own early stop is cross
fitted: each half of the validation examples is scored at the step that is best for the other half, so that choosing the
step does not flatter the score.
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

from netadvise.probe.ledger import Ledger, packed
from netadvise.probe.masks import Masks, key
from netadvise.probe.shift import variance_shift
from netadvise.probe.spec import Ending, Numbers, Point, RunResult, RunSpec, Vector

GROWTH = 1.05
"""Each look is at most this factor of steps behind the one before."""
FIRST_LOOK = 5
PATIENCE = 2.0
"""A run ends when it has trained this many times as long as it took to its best step."""
TRAIN_SAMPLE = 512
"""Training examples on which the training loss is measured, at most."""
_LOOK_BATCH = 256
_SAVE_SECONDS = 10.0
_TELL_SECONDS = 5.0
_EXPLODED = 1e6


Batch = Any
"""What one call of the model gets, as its data set hands it out."""
Side = NDArray[np.bool_]


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


def looks(most: int) -> list[int]:
    """The steps at which a run of that length is looked at, the last one included."""
    found, step = [], FIRST_LOOK
    while step < most:
        found.append(step)
        step = max(step + 1, int(step * GROWTH))
    return [*found, most]


@dataclass
class _Best:
    """The best step so far for one half of the examples, and what the other half scores there."""

    own: float = float("inf")
    losses: Vector = field(default_factory=lambda: np.zeros(0))
    metrics: Vector = field(default_factory=lambda: np.zeros(0))


@dataclass
class _Progress:
    """Where a run has got to, apart from the weights."""

    step: int = 0
    seconds: float = 0.0
    training_seconds: float = 0.0
    curve: list[Point] = field(default_factory=list)
    best: dict[bool, _Best] = field(default_factory=lambda: {False: _Best(), True: _Best()})
    losses: Vector = field(default_factory=lambda: np.zeros(0))
    metrics: Vector = field(default_factory=lambda: np.zeros(0))
    ending: Ending | None = None

    @property
    def best_step(self) -> int:
        return min(self.curve, key=lambda point: point.validation_loss).step if self.curve else 0


@dataclass
class Training:
    """One run in the making."""

    model: nn.Module
    spec: RunSpec
    material: Material
    masks: Masks
    ledger: Ledger
    tell: Callable[[int], None] = lambda _: None
    """Told the step at each look, and in between from time to time."""

    def __post_init__(self) -> None:
        self.model.to(self.material.device)
        self.optimizer = self.material.optimizer(self.model)
        self.progress = _Progress()
        self.half = _halves(len(self.material.validation))
        count = min(len(self.material.train), TRAIN_SAMPLE)
        self.sample = _order(len(self.material.train), key("sample"))[:count]

    def run(self) -> RunResult:
        """Train to the end, from where a state says; the result is in the ledger, too."""
        self._resume()
        schedule = looks(self.spec.most)
        saved = time.monotonic()
        for step in [step for step in schedule if step > self.progress.step]:
            started = time.perf_counter()
            self._train_to(step)
            self._look()
            self.progress.seconds += time.perf_counter() - started
            self.tell(step)
            if self._ended():
                break
            if time.monotonic() - saved > _SAVE_SECONDS:
                self._save()
                saved = time.monotonic()
        result = self._result()
        self.ledger.keep(self.spec, result)
        return result

    def _train_to(self, step: int) -> None:
        started = told = time.perf_counter()
        self.model.train()
        while self.progress.step < step and self.progress.ending is None:
            self.progress.step += 1
            if time.perf_counter() - told > _TELL_SECONDS:
                told = time.perf_counter()
                self.tell(self.progress.step)
            loss = train_step(self.model, self.optimizer, self.material, self.masks, self.spec.seed, self.progress.step)
            if not loss < _EXPLODED:
                self.progress.ending = "diverged"
        self.progress.training_seconds += time.perf_counter() - started

    def _look(self) -> None:
        progress = self.progress
        losses, metrics = score(self.model, self.material.validation, self.material)
        train_loss = float(score(self.model, self.material.train, self.material, self.sample)[0].mean())
        if len(self.half) != len(losses):
            self.half = _halves(len(losses))
        progress.losses, progress.metrics = losses, metrics
        point = Point(progress.step, train_loss, float(losses.mean()), float(metrics.mean()))
        progress.curve.append(point)
        self.ledger.look(self.spec, point)
        if not np.isfinite(losses).all():
            progress.ending = "diverged"
            return
        for side, best in progress.best.items():
            own = float(losses[self.half == side].mean())
            if own < best.own:
                other = self.half != side
                progress.best[side] = _Best(own, losses[other], metrics[other])

    def _ended(self) -> bool:
        progress = self.progress
        if progress.ending is None and progress.step >= max(self.spec.least, PATIENCE * progress.best_step):
            progress.ending = "stopped"
        return progress.ending is not None

    def _result(self) -> RunResult:
        progress = self.progress
        at_stop = (np.empty_like(progress.losses), np.empty_like(progress.metrics))
        for side, best in progress.best.items():
            other = self.half != side
            at_stop[0][other] = best.losses if len(best.losses) else np.nan
            at_stop[1][other] = best.metrics if len(best.metrics) else np.nan
        best_step = progress.best_step
        numbers = Numbers(
            best_step=best_step,
            steps=progress.step,
            ending=progress.ending or "horizon",
            train_loss=next((point.train_loss for point in progress.curve if point.step == best_step), float("nan")),
            seconds=progress.seconds,
            step_seconds=progress.training_seconds / max(progress.step, 1),
            bn_shift=variance_shift(self.model, self._pass_over_sample),
            curve=tuple(progress.curve),
        )
        return RunResult(numbers, at_stop[0], at_stop[1], progress.losses, progress.metrics)

    def _pass_over_sample(self) -> None:
        score(self.model, self.material.train, self.material, self.sample)

    def _save(self) -> None:
        state = {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict(), "progress": self.progress}
        self.ledger.save_state(self.spec, packed(state))

    def _resume(self) -> None:
        """Go on from the state that a killed run left; from the start where there is none, or where it is damaged."""
        path = self.ledger.state(self.spec)
        if not path.exists():
            return
        try:
            # our own file, from a folder that only this user's runs write to
            state = torch.load(path, map_location=self.material.device, weights_only=False)
            self.model.load_state_dict(state["model"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.progress = state["progress"]
        except Exception:
            self.ledger.discard(self.spec)
            self.ledger.begin(self.spec)


def train_step(
    model: nn.Module, optimizer: torch.optim.Optimizer, material: Material, masks: Masks, seed: int, step: int
) -> float:
    """One step on the batch that belongs to it; the loss before it.

    `step` counts from 1. Batches are those of a shuffled pass; a rest too small for a batch is left out of the pass.
    """
    count, size = len(material.train), min(material.batch_size, len(material.train))
    per_epoch = max(count // size, 1)
    epoch, place = divmod(step - 1, per_epoch)
    indices = _order(count, key(seed, "order", epoch))[place * size : (place + 1) * size]
    masks.begin(step)
    seed_everything(key(seed, "step", step))
    batch = material.train.batch(indices, key(seed, "fetch", step))
    loss = material.step.training_loss(model, batch, step - 1)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    return float(loss.detach())


def score(
    model: nn.Module, examples: Examples, material: Material, indices: Sequence[int] | None = None
) -> tuple[Vector, Vector]:
    """Loss and metric of each example, in evaluation mode; the mode comes back afterwards."""
    wanted = range(len(examples)) if indices is None else indices
    training = model.training
    model.eval()
    found: list[tuple[Tensor, Tensor]] = []
    with torch.no_grad():
        for start in range(0, len(wanted), _LOOK_BATCH):
            batch = examples.batch(list(wanted[start : start + _LOOK_BATCH]), key("look", start))
            found.append(material.step.evaluate(model, batch))
    model.train(training)
    losses, metrics = (torch.cat([each[at].double().cpu().reshape(-1) for each in found]) for at in (0, 1))
    return losses.numpy(), metrics.numpy()


def seed_everything(seed: int) -> None:
    """What torch, Python and numpy draw from now on follows from `seed`.

    `torch.manual_seed` would also note down the call stack for devices that are not in use: a third of a small step.
    """
    torch.default_generator.manual_seed(seed)
    if torch.cuda.is_initialized():
        torch.cuda.manual_seed_all(seed)
    random.seed(seed)
    np.random.seed(seed % 2**32)


def _halves(count: int) -> Side:
    """Which half each validation example is in: the same in every run."""
    order = np.array(_order(count, key("halves")))
    half = np.zeros(count, dtype=np.bool_)
    half[order[: count // 2]] = True
    return half


@lru_cache(maxsize=8)
def _order(count: int, seed: int) -> list[int]:
    generator = torch.Generator().manual_seed(seed)
    order: list[int] = torch.randperm(count, generator=generator).tolist()
    return order
