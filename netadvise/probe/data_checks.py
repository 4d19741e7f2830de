"""What makes data unfit to train on, found before anything is trained."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

import torch
from torch import Tensor

from netadvise.errors import UsageError
from netadvise.probe.data_examples import Batch, Examples, TensorExamples, as_batch, leaves, spread
from netadvise.probe.data_parts import Parts, class_labels, classes_of

_SAMPLED = 64
"""Items of a data set that are looked at; tensors are looked at whole."""


def missing_file(text: str) -> UsageError:
    """The error for a path that does not exist, with what is called nearly so."""
    path = Path(text)
    there = [each.name for each in path.parent.iterdir()] if path.parent.is_dir() else []
    close = get_close_matches(path.name, there, n=3)
    hint = f"In that folder there is {', '.join(close)}." if close else ""
    return UsageError(f"there is no file or folder {text}", hint=hint)


def check_parts(parts: Parts, shown: str) -> Parts:
    """The parts with notes on what is doubtful; raises `UsageError` for what cannot be trained on."""
    notes: list[str] = []
    for name, part in (("training", parts.train), ("validation", parts.validation), ("test", parts.test)):
        if part is not None:
            _check_part(part, f"{shown}: the {name} part", notes)
    assert parts.validation is not None
    _check_alike(parts.train.batch([0]), parts.validation.batch([0]), shown)
    _check_classes(parts.train, parts.validation, shown)
    return replace(parts, notes=(*parts.notes, *dict.fromkeys(notes)))


def _check_part(part: Examples, shown: str, notes: list[str]) -> None:
    if not len(part):
        raise UsageError(f"{shown} is empty")
    if isinstance(part, TensorExamples):
        batch = as_batch(part.tree)
    else:
        batch = part.batch(spread(len(part), _SAMPLED))
        if not _same(batch, part.batch(spread(len(part), _SAMPLED))):
            notes.append(
                f"{shown} gives other items when it is asked again under the same seed: it draws from a random "
                "generator of its own, so that runs cannot be paired exactly"
            )
    if not leaves((*batch.inputs, batch.kwargs)):
        raise UsageError(f"{shown} has no inputs, only targets")
    for name, leaf in leaves({"inputs": batch.inputs, **batch.kwargs, "targets": batch.target}):
        _check_finite(leaf, f"{shown}: {name.removesuffix('.0')}")
    _check_shift(batch, shown, notes)


def _check_finite(leaf: Tensor, shown: str) -> None:
    if not leaf.is_floating_point() or bool(torch.isfinite(leaf).all()):
        return
    bad = ~torch.isfinite(leaf)
    first = tuple(int(at) for at in bad.nonzero()[0])
    raise UsageError(
        f"{shown} hold {int(bad.sum())} values that are NaN or infinite, the first ({leaf[first].item()}) at index "
        f"{list(first)}, in {int(bad.flatten(1).any(1).sum()) if bad.dim() > 1 else int(bad.sum())} of "
        f"{len(leaf)} examples",
        hint="Leave those examples out, or fill the values in, before the data is handed over.",
    )


def _check_shift(batch: Batch, shown: str, notes: list[str]) -> None:
    """A model of the next token is trained on targets that are shifted by one; its own data may leave that to it."""
    first = next((leaf for _, leaf in leaves((*batch.inputs, batch.kwargs))), None)
    target = batch.target
    if first is None or not isinstance(target, Tensor) or first.is_floating_point() or first.shape != target.shape:
        return
    if target.dim() == 2 and torch.equal(first, target):
        notes.append(
            f"{shown} has targets equal to its inputs, token by token: a model that predicts the next token needs "
            "targets shifted by one"
        )


def _same(one: Batch, other: Batch) -> bool:
    pairs = list(zip(leaves(one.raw), leaves(other.raw), strict=False))
    return all(a.shape == b.shape and bool(torch.equal(a.nan_to_num(), b.nan_to_num())) for (_, a), (_, b) in pairs)


def _check_alike(train: Batch, validation: Batch, shown: str) -> None:
    """Inputs of both parts have the same number of axes and channels, and targets the same kind of values."""
    for (name, one), (_, other) in zip(leaves(train.raw), leaves(validation.raw), strict=False):
        same_dtype = one.is_floating_point() == other.is_floating_point()
        if one.dim() != other.dim() or not same_dtype:
            raise UsageError(
                f"{shown}: training and validation examples differ (value {name or 0}): "
                f"{list(one.shape[1:])} {_dtype(one)} and {list(other.shape[1:])} {_dtype(other)}"
            )


def _dtype(leaf: Tensor) -> str:
    return str(leaf.dtype).removeprefix("torch.")


def _check_classes(train: Examples, validation: Examples, shown: str) -> None:
    known = class_labels(train)
    if known is None:
        return
    found = validation.targets(limit=len(validation))
    if found is None or found.dim() != 1 or found.is_floating_point():
        return
    strange = sorted(set(classes_of(found)) - set(classes_of(known)))
    if strange:
        listed = ", ".join(map(str, strange[:8])) + (", ..." if len(strange) > 8 else "")
        raise UsageError(
            f"{shown}: {len(strange)} classes occur in the validation part only: {listed}",
            hint="Divide the data class by class; if the targets are amounts and no classes, give them as floats.",
        )
