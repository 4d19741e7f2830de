"""One training run as a value, and what is kept of it.

spec   ::= edits seed horizon              what to train; its id is the hash of this and of the study's key
result ::= numbers, and arrays of one value for each validation example
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from netadvise.document.edits import alternatives_json
from netadvise.edit import Edit

T = TypeVar("T")
Vector = NDArray[np.float64]
Ending = Literal["stopped", "horizon", "diverged"]
"""Why a run ended: its loss had not improved for as long as it took to get there; out of steps; not finite any more."""


@dataclass(frozen=True, slots=True)
class RunSpec:
    """One run: a network with edits, trained from scratch."""

    edits: tuple[Edit, ...]
    seed: int
    """Of the initial weights, the order of the data and the masks: two runs of one seed are a pair."""
    least: int
    """Steps that it trains at least: twice the baseline's best step, so that nothing is judged too early."""
    most: int
    """Steps that it trains at most."""
    checks: bool = False
    """Whether this is no training run, but the checks before all others."""
    replicate: int = 0
    """Number of the repetition of the same run, to see whether it comes out the same."""
    stack: int = field(default=0, compare=False)
    """How it is trained, which is no part of what it is: so many runs in one stack at most; 0: by itself.

    Of checks: the width of the stack that is tried.
    """

    def id(self, study: str) -> str:
        """What the run is called in the ledger of a study."""
        told = (study, alternatives_json([self.edits]), self.seed, self.least, self.most, self.checks, self.replicate)
        return sha256("\x1f".join(map(str, told)).encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Point:
    """A look at a run, in evaluation mode: over a fixed part of the training data, and all of the validation data."""

    step: int
    train_loss: float
    validation_loss: float
    metric: float


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a run came to, without what there is of each example."""

    best_step: int
    """With the lowest mean validation loss."""
    steps: int
    ending: Ending
    train_loss: float
    """At the best step."""
    seconds: float
    step_seconds: float
    """Of one training step, looks left out."""
    bn_shift: float | None = None
    """Largest ratio, over the batch norms, of the variance that one meets in evaluation and the one that it stores."""
    curve: tuple[Point, ...] = ()

    @property
    def capped(self) -> bool:
        """Whether more steps might have improved it."""
        return self.ending == "horizon"


@dataclass(frozen=True, slots=True)
class Stacked:
    """How runs fared that were trained in one stack, beside one by one: the default for what was not tried."""

    refused: str = "it was not tried"
    """Why runs cannot be, or need not be, trained in a stack; empty where they can."""
    width: int = 0
    """Runs in the stack that was timed."""
    step_seconds: float | None = None
    """Of one step of one run in the stack."""
    alone_seconds: float | None = None
    """Of one step of a run by itself, measured in turn with that."""
    most: int = 0
    """How many runs a stack may have, for its memory."""

    @property
    def gain(self) -> float:
        """How many times as fast a stack is; 0 where there is none."""
        if self.refused or self.step_seconds is None or self.alone_seconds is None:
            return 0.0
        return self.alone_seconds / self.step_seconds


@dataclass(frozen=True, slots=True)
class Checks:
    """What was found out before any run."""

    one_batch_ratio: float
    """Loss on one batch after so many steps on it alone, over the loss before: infinite where one of them was no
    number, and no number where the loss before was not positive."""
    one_batch_falling: bool
    eval_leak: float
    """Largest difference of two passes in evaluation mode over the same examples."""
    replicate: float
    """Difference of the losses of two short runs of one seed."""
    step_seconds: float
    look_seconds: float
    """Of one look at the validation data."""
    stacked: Stacked = Stacked()


@dataclass(frozen=True)
class RunResult:
    """A finished run. Arrays have one value for each validation example, or pass over a fixed batch of them."""

    numbers: Numbers
    losses: Vector
    """At its own early stop: each half of the examples at the step that is best for the other half."""
    metrics: Vector
    losses_end: Vector
    """At its last step."""
    metrics_end: Vector


@dataclass(frozen=True, slots=True)
class Failure:
    """A run that has no result, and why."""

    message: str
    where: str = ""
    kind: str = "crash"
    attempts: int = field(default=1)


def encode(value: object) -> bytes:
    """Plain values as JSON; NaN and Infinity as Python writes them, so that a loss that diverged comes back."""
    return json.dumps(msgspec.to_builtins(value, enc_hook=float), separators=(",", ":")).encode()


def decode(content: bytes, kind: type[T]) -> T:
    """What `encode` wrote; raises `ValueError` for anything else."""
    return msgspec.convert(json.loads(content), kind)
