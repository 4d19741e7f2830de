"""The kinds of task, told by the shapes of outputs and targets; each brings both into one layout.

    kind             outputs              targets          brought to
    classification   [N, C]               [N] int          [N, C] and [N]
    segmentation     [N, C, *space]       [N, *space] int  [N, C, *space] and [N, *space]
    tokens           [N, L, C], [N, C, L] [N, L] int       [N, C, L] and [N, L]
    binary           [N], [N, 1]          [N] of 0 and 1   [N] and [N]
    multilabel       [N, ...]             same, 0 and 1    [N, ...] and [N, ...]
    regression       [N, ...]             same             [N, ...] and [N, ...]

C is at least 2; axes of size 1 are no difference. Classes are integers from 0, and -100 is counted by no loss.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

IGNORED = -100
"""The class that torch's losses leave out."""

Family = Literal["classes", "binary", "values"]
"""What a loss compares with outputs: an index for each position, zeros and ones, or amounts."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What is known of outputs and targets before anything is trained."""

    output: tuple[int, ...]
    target: tuple[int, ...]
    integer: bool
    binary: bool
    """Whether every target is 0 or 1."""
    one_hot: bool
    """Whether every row of targets has a single 1 and zeros beside it."""
    activation: str = ""
    """Of the outputs: "softmax", "log_softmax", "sigmoid"; empty for none of them."""

    @staticmethod
    def of(output: tuple[int, ...], sample: Tensor, targets: Tensor, activation: str) -> Signature:
        """The signature of outputs of a shape and targets: a sample as large as the outputs, and more of them."""
        values = targets if not targets.is_floating_point() else targets[targets.isfinite()]
        binary = targets.dtype == torch.bool or bool(((values == 0) | (values == 1)).all())
        rows = binary and targets.dim() == 2 and targets.shape[1] > 1
        return Signature(
            output=output,
            target=tuple(sample.shape),
            integer=not targets.is_floating_point(),
            binary=binary,
            one_hot=rows and bool((targets.sum(dim=1) == 1).all()),
            activation=activation,
        )

    @property
    def same_shape(self) -> bool:
        """Whether targets have the shape of outputs, axes of size 1 left out."""
        return _bare(self.output) == _bare(self.target)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of task: when it is meant, and how outputs and targets are brought to the layout of its losses."""

    name: str
    family: Family
    fits: Callable[[Signature], bool]
    class_axis: Callable[[Signature], int]
    """The axis of classes in the model's outputs."""
    accuracy: str = "accuracy"


def kind_of(signature: Signature, family: Family | None) -> Kind | None:
    """The first kind that fits, of one family when a loss has decided it; None when none does."""
    return next((kind for kind in KINDS if family in (None, kind.family) and kind.fits(signature)), None)


def aligned(kind: Kind, signature: Signature, outputs: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Outputs and targets in the layout of the kind's losses."""
    if kind.family != "classes":
        target = target.to(outputs.dtype)
        return (outputs, target) if outputs.shape == target.shape else (outputs.reshape(target.shape), target)
    axis = kind.class_axis(signature)
    outputs = outputs.movedim(axis, 1) if axis != 1 else outputs
    if kind.name == "classification":
        outputs = outputs.flatten(1)
        target = target.argmax(dim=1) if signature.one_hot and target.dim() == 2 else target.reshape(len(target))
    elif target.dim() == outputs.dim() and target.shape[1] == 1:
        target = target.squeeze(1)
    return outputs, target.long()


def _bare(shape: tuple[int, ...]) -> tuple[int, ...]:
    return shape[:1] + tuple(size for size in shape[1:] if size != 1)


def _is_classification(given: Signature) -> bool:
    if len(_bare(given.output)) != 2 or len(given.output) < 2 or given.output[1] < 2:
        return False
    labels = given.integer and len(_bare(given.target)) == 1
    rows = given.one_hot and given.same_shape and given.activation != "sigmoid"
    return labels or rows


def _is_segmentation(given: Signature) -> bool:
    space = given.output[2:]
    masks = given.target[1:] in (space, (1, *space))
    return len(space) > 1 and given.output[1] > 1 and given.integer and masks


def _is_tokens(given: Signature) -> bool:
    if len(given.output) != 3 or len(given.target) != 2 or not given.integer:
        return False
    return given.output[_token_axis(given)] > 1 and given.target[1] in given.output[1:]


def _token_axis(given: Signature) -> int:
    """Classes stand last, as transformers have them, unless only the other way fits."""
    return 2 if given.output[1] == given.target[1] else 1


def _is_binary(given: Signature) -> bool:
    return given.binary and given.same_shape and len(_bare(given.output)) == 1


def _is_multilabel(given: Signature) -> bool:
    return given.binary and given.same_shape and len(_bare(given.output)) > 1


def _first(_: Signature) -> int:
    return 1


KINDS: tuple[Kind, ...] = (
    Kind("classification", "classes", _is_classification, _first),
    Kind("segmentation", "classes", _is_segmentation, _first, "pixel accuracy"),
    Kind("tokens", "classes", _is_tokens, _token_axis, "token accuracy"),
    Kind("binary classification", "binary", _is_binary, _first),
    Kind("multilabel classification", "binary", _is_multilabel, _first, "label accuracy"),
    Kind("regression", "values", lambda given: given.same_shape, _first),
)
