"""The parts of a data set as a source gives them, and the split of one that has no validation part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from netadvise.errors import UsageError
from netadvise.probe.data_examples import DatasetExamples, Examples, TensorExamples

_MOST_FETCHED = 5000
"""Items that are fetched only to know their classes, at most."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How data is to be read: see `data.load_data`."""

    validation_share: float = 0.25
    seed: int = 0
    like: tuple[int, ...] | None = None
    like_dtype: str | None = None
    image_size: int | tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """What a source holds."""

    train: Examples
    validation: Examples | None
    test: Examples | None
    notes: tuple[str, ...] = ()


def divided(parts: Parts, shown: str, wanted: Wanted) -> Parts:
    """The parts with a validation part: split off the training part where the source has none."""
    if parts.validation is not None:
        return parts
    labels = class_labels(parts.train)
    kept, held = split_indices(len(parts.train), labels, wanted, shown)
    how = "at random" if labels is None else "at random, class by class"
    note = f"no validation part: {len(held)} of {len(parts.train)} examples were held out {how} (seed {wanted.seed})"
    return replace(
        parts, train=parts.train.subset(kept), validation=parts.train.subset(held), notes=(*parts.notes, note)
    )


def split_indices(
    length: int, labels: Tensor | None, wanted: Wanted, shown: str
) -> tuple[Sequence[int], Sequence[int]]:
    """Indices to train on and to hold out; each class loses its share, and none its last example.

    Raises `UsageError` for a share outside (0, 1) and for fewer than two examples.
    """
    if not 0 < wanted.validation_share < 1:
        raise UsageError(f"a validation share of {wanted.validation_share:g} is not between 0 and 1")
    if length < 2:
        raise UsageError(f"{shown}: {_count(length)} cannot be divided into a training and a validation part")
    order = torch.randperm(length, generator=torch.Generator().manual_seed(wanted.seed))
    groups = [order] if labels is None else [order[labels[order] == label] for label in classes_of(labels)]
    held: list[int] = []
    seen = 0
    for group in groups:
        # shares of the classes before it, rounded together: the whole comes out right, too
        due = round((seen + len(group)) * wanted.validation_share) - round(seen * wanted.validation_share)
        held += group[: min(due, len(group) - 1)].tolist()
        seen += len(group)
    held = held or order[:1].tolist()
    taken = set(held)
    return [index for index in range(length) if index not in taken], sorted(held)


def _count(length: int) -> str:
    return "an empty set" if length == 0 else "one example"


def class_labels(examples: Examples) -> Tensor | None:
    """The class of every example, int64 [n]; None where the targets are no classes, or cost too much to fetch."""
    labels = _labels(examples)
    return labels if labels is not None and looks_like_classes(labels) else None


def _labels(examples: Examples) -> Tensor | None:
    if isinstance(examples, TensorExamples) or len(examples) <= _MOST_FETCHED:
        return examples.targets(limit=len(examples))
    if isinstance(examples, DatasetExamples):
        # torchvision's data sets keep their targets in a list.
        known = getattr(examples.dataset, "targets", None)
        if known is not None and len(known) == len(examples.dataset):
            return torch.as_tensor(known)[list(examples.indices)]
    return None


def looks_like_classes(labels: Tensor) -> bool:
    """Whether targets are one class for each example: integers from 0, each of which occurs four times on average."""
    if labels.dim() != 1 or labels.is_floating_point() or labels.is_complex() or not len(labels):
        return False
    return bool(labels.min() >= 0) and len(classes_of(labels)) <= max(2, len(labels) // 4)


def classes_of(labels: Tensor) -> list[int]:
    """The classes that occur, in order."""
    found: list[int] = np.unique(labels.numpy()).tolist()
    return found
