"""One training run: until its validation loss has not improved for as long as it took to get there.

Everything random is a function of the seed and the step: the order of the data, the masks, and what torch, Python and
numpy draw inside a step. So a run that goes on from a checkpoint is bit for bit the run that was never interrupted, and
two runs of one seed differ in their edits alone.

Looks at the validation data come at steps that grow by a twentieth, the same for every run. The own early stop is cross
fitted: each half of the validation examples is scored at the step that is best for the other half, so that choosing the
step does not flatter the score.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from netadvise.probe.ledger import Ledger, packed
from netadvise.probe.masks import Masks, key
from netadvise.probe.shift import variance_shift
from netadvise.probe.spec import Ending, Numbers, Point, RunResult, RunSpec, Vector
from netadvise.probe.step import EXPLODED, Beat, Material, is_sound, score, shuffled, train_step

GROWTH = 1.05
"""Each look is at most this factor of steps behind the one before."""
FIRST_LOOK = 5
PATIENCE = 2.0
"""A run ends when it has trained this many times as long as it took to its best step."""
TRAIN_SAMPLE = 512
"""Training examples on which the training loss is measured, at most."""
_SAVE_SECONDS = 10.0

Side = NDArray[np.bool_]


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
    first_loss: float = 0.0
    """Of the first batch: what a loss that explodes is compared with."""
    curve: list[Point] = field(default_factory=list)
    best: dict[bool, _Best] = field(default_factory=lambda: {False: _Best(), True: _Best()})
    losses: Vector = field(default_factory=lambda: np.zeros(0))
    metrics: Vector = field(default_factory=lambda: np.zeros(0))
    ending: Ending | None = None

    @property
    def best_step(self) -> int:
        return min(self.curve, key=lambda point: point.validation_loss).step if self.curve else 0

    def heard(self, loss: float) -> None:
        """Take in the loss of a training step."""
        if self.step == 1:
            self.first_loss = loss
        if not loss < EXPLODED * max(1.0, abs(self.first_loss)):
            self.ending = "diverged"


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
        self.beat = Beat(self.tell)
        count = min(len(self.material.train), TRAIN_SAMPLE)
        self.sample = shuffled(len(self.material.train), key("sample"))[:count]
        self.schedule = looks(self.spec.most)
        self.saved = time.monotonic()
        self.result: RunResult | None = None

    def run(self) -> RunResult:
        """Train to the end, from where a state says; the result is in the ledger, too."""
        self.resume()
        return self.go_on()

    def go_on(self) -> RunResult:
        """Train to the end, from where the run is."""
        while (step := self.next_look) is not None:
            started = time.perf_counter()
            self._advance(step)
            self.progress.seconds += time.perf_counter() - started
            self.looked()
        return self.finish()

    @property
    def next_look(self) -> int | None:
        """The step of the look that comes next; None for a run that is over."""
        if self.progress.ending is not None:
            return None
        return next((step for step in self.schedule if step > self.progress.step), None)

    def looked(self) -> None:
        """Say that there was a look, and keep the state if that is due: a run that is over needs none."""
        self.tell(self.progress.step)
        if self._ended():
            return
        if self.is_due:
            self.save()
            self.saved = time.monotonic()

    @property
    def is_due(self) -> bool:
        """Whether the last state that was kept is so old that the next look keeps another."""
        return time.monotonic() - self.saved > _SAVE_SECONDS

    def finish(self) -> RunResult:
        """The result of a run that is over, which is in the ledger from now on."""
        result = self._result()
        self.ledger.keep(self.spec, result)
        self.result = result
        return result

    def _advance(self, step: int) -> None:
        try:
            self._train_to(step)
            self._look()
        except Exception:
            # some losses refuse what is no number, with an error of their own
            if is_sound(self.model):
                raise
            self.progress.ending = "diverged"
            self.progress.losses = self.progress.metrics = np.full(self._scores(), np.nan)

    def _train_to(self, step: int) -> None:
        started, progress = time.perf_counter(), self.progress
        self.model.train()
        while progress.step < step and progress.ending is None:
            progress.step += 1
            self.beat(progress.step)
            progress.heard(
                train_step(self.model, self.optimizer, self.material, self.masks, self.spec.seed, progress.step)
            )
        progress.training_seconds += time.perf_counter() - started

    def _look(self) -> None:
        losses, metrics = score(self.model, self.material.validation, self.material, beat=self._alive)
        self.seen(losses, metrics, float(self._score_sample().mean()))

    def seen(self, losses: Vector, metrics: Vector, train_loss: float) -> None:
        """Take in a look: loss and metric of each validation example, and the mean loss of the sample."""
        progress = self.progress
        progress.losses, progress.metrics = losses, metrics
        point = Point(progress.step, train_loss, float(losses.mean()), float(metrics.mean()))
        progress.curve.append(point)
        self.ledger.look(self.spec, point)
        if not np.isfinite(losses).all():
            progress.ending = "diverged"
            return
        half = _halves(len(losses))
        for side, best in progress.best.items():
            own = float(losses[half == side].mean())
            if own < best.own:
                other = half != side
                progress.best[side] = _Best(own, losses[other], metrics[other])

    def _ended(self) -> bool:
        """Whether the run is over, which it is when it has trained long enough behind its best step."""
        progress = self.progress
        if progress.ending is None and progress.step >= max(self.spec.least, PATIENCE * progress.best_step):
            progress.ending = "stopped"
        return progress.ending is not None

    def _result(self) -> RunResult:
        progress = self.progress
        half = _halves(len(progress.losses))
        at_stop = (np.full_like(progress.losses, np.nan), np.full_like(progress.metrics, np.nan))
        for side, best in progress.best.items():
            if len(best.losses):
                at_stop[0][half != side], at_stop[1][half != side] = best.losses, best.metrics
        best_step = progress.best_step
        numbers = Numbers(
            best_step=best_step,
            steps=progress.step,
            ending=progress.ending or "horizon",
            train_loss=next((point.train_loss for point in progress.curve if point.step == best_step), float("nan")),
            seconds=progress.seconds,
            step_seconds=progress.training_seconds / max(progress.step, 1),
            bn_shift=self._bn_shift(),
            curve=tuple(progress.curve),
        )
        return RunResult(numbers, *at_stop, progress.losses, progress.metrics)

    def _bn_shift(self) -> float | None:
        """Of weights that have exploded, it would say nothing."""
        return None if self.progress.ending == "diverged" else variance_shift(self.model, self._score_sample)

    def _score_sample(self) -> Vector:
        return score(self.model, self.material.train, self.material, self.sample, self._alive)[0]

    def _alive(self) -> None:
        self.beat(self.progress.step)

    def _scores(self) -> int:
        """Values of one look at the validation data: one for each example, or for each group of them."""
        if len(self.progress.losses):
            return len(self.progress.losses)
        group = getattr(self.material.step, "group", None) or 1
        return -(-len(self.material.validation) // group)

    def save(self) -> None:
        """Write down where the run has got to."""
        # copies: a tensor of a stack would be written with the whole stack
        tensors = {name: tensor.detach().clone() for name, tensor in tensors_of(self.model).items()}
        state = {"tensors": tensors, "optimizer": self.optimizer.state_dict(), "progress": self.progress}
        self.ledger.save_state(self.spec, packed(state))

    def resume(self) -> None:
        """Go on from the state that a killed run left; from the start where there is none, or where it is damaged."""
        path = self.ledger.state(self.spec)
        if not path.exists():
            return
        initial = {name: tensor.detach().clone() for name, tensor in tensors_of(self.model).items()}
        try:
            # our own file, from a folder that only this user's runs write to
            state = torch.load(path, map_location=self.material.device, weights_only=False)
            _put(self.model, state["tensors"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.progress = state["progress"]
        except Exception:
            _put(self.model, initial)
            self.optimizer = self.material.optimizer(self.model)
            self.ledger.discard(self.spec)
            self.ledger.begin(self.spec)


def tensors_of(model: nn.Module) -> dict[str, Tensor]:
    """What a network computes with: also buffers that no checkpoint holds, and layers that were inserted."""
    return {**dict(model.named_parameters()), **dict(model.named_buffers())}


def _put(model: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Write such values into a network; raises `ValueError` for those of another one."""
    own = tensors_of(model)
    if {name: tensor.shape for name, tensor in own.items()} != {name: each.shape for name, each in tensors.items()}:
        raise ValueError("the state is that of another network")
    with torch.no_grad():
        for name, tensor in own.items():
            if not torch.equal(tensor, tensors[name]):
                tensor.copy_(tensors[name])


@lru_cache(maxsize=8)
def _halves(count: int) -> Side:
    """Which half each validation example is in: the same in every run."""
    half = np.zeros(count, dtype=np.bool_)
    half[list(shuffled(count, key("halves"))[: count // 2])] = True
    return half
