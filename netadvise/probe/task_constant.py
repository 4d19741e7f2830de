"""The best constant prediction: what a model scores that has learnt nothing but how frequent the targets are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from netadvise.probe.data_examples import spread
from netadvise.probe.task_kinds import IGNORED, Kind, Signature, aligned
from netadvise.probe.task_losses import Loss

_MOST = 2**26
"""Output values that are made up for the whole of it, at most: fewer examples are scored where there would be more."""
_AT_ONCE = 2**22
_UNSEEN = 0.5
"""The count of a class that is scored and was never seen."""
_MEDIANS = ("L1Loss", "SmoothL1Loss", "HuberLoss")


def trivial_loss(
    kind: Kind,
    signature: Signature,
    loss: Loss,
    scores: Callable[[Any, Tensor], Tensor],
    train: Tensor,
    targets: Tensor | None = None,
) -> float:
    """Mean loss, on `targets`, of the constant that suits the training targets best.

    Classes: their frequencies, so that the loss on the training targets is the entropy of the class prior. Labels:
    each label's frequency. Amounts: each output's mean, or its median for losses of absolute differences.
    """
    scored = train if targets is None else targets
    per_example = max(1, scored[:1].numel()) * (max(signature.output[1:]) if kind.family == "classes" else 1)
    scored = scored[spread(len(scored), max(1, _MOST // per_example))]
    total, size = 0.0, max(1, _AT_ONCE // per_example)
    constant = _constant(kind, signature, loss, train, scored)
    for start in range(0, len(scored), size):
        part = scored[start : start + size]
        outputs = _spread_out(kind, signature, constant, part)
        total += float(scores(outputs, part).double().sum())
    return total / len(scored)


def _constant(kind: Kind, signature: Signature, loss: Loss, train: Tensor, scored: Tensor) -> Tensor:
    if kind.family == "classes":
        counts, asked = (_counts(kind, signature, each) for each in (train, scored))
        counts[(counts == 0) & (asked > 0)] = _UNSEEN
        prior = (counts / counts.sum()).float()
        return prior if _takes_probabilities(signature, loss) else prior.clamp_min(1e-30).log()
    amounts = train.float()
    if kind.family == "binary":
        share = amounts.mean(dim=0).clamp(1e-6, 1 - 1e-6)
        return share if _takes_probabilities(signature, loss) else share.logit()
    name = loss.name.partition("(")[0]
    if name == "PoissonNLLLoss":
        return amounts.mean(dim=0).clamp_min(1e-6).log()
    return amounts.median(dim=0).values if name in _MEDIANS else amounts.mean(dim=0)


def _takes_probabilities(signature: Signature, loss: Loss) -> bool:
    if loss.family is None:
        return signature.activation in ("softmax", "sigmoid")
    return loss.name.startswith(("BCELoss", "NLLLoss of"))


def _counts(kind: Kind, signature: Signature, targets: Tensor) -> Tensor:
    classes = signature.output[kind.class_axis(signature)]
    dummy = torch.empty(1).expand(len(targets), *signature.output[1:])
    labels = aligned(kind, signature, dummy, targets)[1]
    return torch.bincount(labels[labels != IGNORED], minlength=classes).double()


def _spread_out(kind: Kind, signature: Signature, constant: Tensor, targets: Tensor) -> Tensor:
    """The constant in the layout of the model's outputs, for as many examples and positions as there are targets."""
    if kind.family != "classes":
        whole = constant.expand(targets.shape)
        sized = whole.numel() == len(targets) * torch.Size(signature.output[1:]).numel()
        return whole.reshape(len(targets), *signature.output[1:]) if sized else whole
    dummy = torch.empty(1).expand(len(targets), *signature.output[1:])
    labels = aligned(kind, signature, dummy, targets)[1]
    axis = kind.class_axis(signature)
    shaped = constant.reshape(-1, *(1,) * (labels.dim() - 1)).expand(len(labels), -1, *labels.shape[1:])
    return shaped.movedim(1, axis)
