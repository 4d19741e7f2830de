"""What is trained: how outputs are compared with targets, and what the best constant answer would score."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from netadvise.errors import UsageError
from netadvise.probe.data_errors import user_code
from netadvise.probe.task_constant import trivial_loss
from netadvise.probe.task_kinds import IGNORED, Kind, Signature, aligned, kind_of
from netadvise.probe.task_losses import Loss, Scores, named_loss, nll_of_probabilities, own_loss
from netadvise.probe.task_metrics import Metric, named_metric, own_metric
from netadvise.probe.task_outputs import primary_output

__all__ = ["Task", "infer_task", "primary_output"]

_ACTIVATIONS = {"softmax": "softmax", "logsoftmax": "log_softmax", "sigmoid": "sigmoid"}


@dataclass(frozen=True, slots=True)
class Task:
    """A loss and a metric, each with one value for every example: a mean over the positions of the example."""

    name: str
    """"classification", "segmentation", "tokens", "binary classification", "multilabel classification",
    "regression", or "custom"."""
    loss_name: str
    metric_name: str
    metric_higher_is_better: bool
    loss: Callable[[Any, Tensor], Tensor]
    """Of what the model returned and the targets [N, ...]: [N]."""
    metric: Callable[[Any, Tensor], Tensor]
    """The same, in the metric's own orientation: an error is positive."""
    trivial_loss: Callable[[Tensor, Tensor | None], float | None]
    """Mean loss of the best constant prediction for training targets, on other targets (None: on the same);
    None where no constant can be told for the task."""
    notes: tuple[str, ...] = ()


def infer_task(
    output_shape: tuple[int, ...],
    output_dtype: str | torch.dtype,
    targets_sample: Any,
    train_targets: Tensor | None,
    output_activation: str | None,
    *,
    loss: str | None = None,
    metric: str | None = None,
    resolve: Callable[[str], Any],
) -> Task:
    """The task that outputs of that shape, and targets, speak of.

    `targets_sample` are the targets of the batch that gave the outputs; `train_targets` are many (see
    `Examples.targets`). `output_activation` is what the model ends in: "softmax", "log_softmax", "sigmoid" or None.
    `loss` and `metric` are names, or "module:function" for `resolve`.

    Raises `UsageError` where nothing fits, or the loss or metric does not.
    """
    sample = _checked(output_shape, output_dtype, targets_sample)
    targets = sample if train_targets is None else train_targets
    activation = _ACTIVATIONS.get((output_activation or "").lower().replace("_", ""), "")
    signature = Signature.of(tuple(output_shape), sample, targets, activation)
    given = None if loss is None else _loss_of(loss, resolve)
    kind = kind_of(signature, given.family if given else None)
    if kind is None:
        if given is None or given.family is not None:
            raise _no_fit(signature, given)
        return _custom(given, metric, resolve)
    if kind.family == "classes":
        _check_labels(signature, kind, targets)
    chosen, notes = (given, _doubts(given, activation)) if given else _default(kind, activation)
    return _task(kind, signature, chosen, _metric_of(metric, kind, chosen, activation, resolve), notes)


def _checked(output_shape: tuple[int, ...], dtype: str | torch.dtype, sample: Any) -> Tensor:
    if not isinstance(sample, Tensor):
        found = "no targets" if sample is None else f"targets that are a {type(sample).__name__}"
        raise UsageError(
            f"the data has {found}, and a loss needs a tensor to compare outputs with",
            hint="Return (x, y) items, or say how the model is trained with --train-step module:function.",
        )
    if "float" not in str(dtype):
        raise UsageError(f"the model's output is {dtype}, which no loss can be taken of")
    if not output_shape or output_shape[0] != len(sample):
        raise UsageError(
            f"the model returns the shape {list(output_shape)} for {len(sample)} examples: its first axis is no batch",
            hint="Let it return outputs with the batch first, or use --train-step module:function.",
        )
    return sample


def _loss_of(text: str, resolve: Callable[[str], Any]) -> Loss:
    if ":" not in text:
        return named_loss(text)
    with user_code(f"importing {text}"):
        return own_loss(text, resolve(text))


def _metric_of(text: str | None, kind: Kind, loss: Loss, activation: str, resolve: Callable[[str], Any]) -> Metric:
    if text is None or ":" not in text:
        threshold = 0.5 if activation == "sigmoid" or loss.name.startswith("BCELoss") else 0.0
        return named_metric(text, kind, threshold)
    with user_code(f"importing {text}"):
        return own_metric(text, resolve(text))


def _default(kind: Kind, activation: str) -> tuple[Loss, tuple[str, ...]]:
    """The loss of a kind, for what the model ends in."""
    if kind.family == "classes" and activation == "log_softmax":
        return named_loss("NLLLoss"), ("the model ends in log_softmax: its outputs are taken as log probabilities",)
    if kind.family == "classes" and activation == "softmax":
        note = "the model ends in a softmax: the loss is the negative logarithm of its outputs"
        return nll_of_probabilities(), (note,)
    if kind.family == "binary" and activation == "sigmoid":
        return named_loss("BCELoss"), ("the model ends in a sigmoid: its outputs are taken as probabilities",)
    names = {"classes": "CrossEntropyLoss", "binary": "BCEWithLogitsLoss", "values": "MSELoss"}
    return named_loss(names[kind.family]), ()


_SECOND = {
    ("CrossEntropyLoss", "softmax"): "applies a softmax of its own to the model's softmax",
    ("BCEWithLogitsLoss", "sigmoid"): "applies a sigmoid of its own to the model's sigmoid",
    ("NLLLoss", "softmax"): "takes log probabilities, and the model returns probabilities",
}


def _doubts(loss: Loss, activation: str) -> tuple[str, ...]:
    doubt = _SECOND.get((loss.name.partition("(")[0], activation))
    return (f"{loss.name} {doubt}; it is used as asked",) if doubt else ()


def _task(kind: Kind, signature: Signature, loss: Loss, metric: Metric, notes: tuple[str, ...]) -> Task:
    scores = _on_outputs(loss.scores, None if loss.family is None else kind, signature)

    def trivial(train: Tensor, targets: Tensor | None = None) -> float:
        return trivial_loss(kind, signature, loss, scores, train, targets)

    return Task(
        name=kind.name,
        loss_name=loss.name,
        metric_name=metric.name,
        metric_higher_is_better=metric.higher_is_better,
        loss=scores,
        metric=_on_outputs(metric.scores, None if metric.own else kind, signature),
        trivial_loss=trivial,
        notes=(*_remarks(kind, signature), *notes, *metric.notes),
    )


def _on_outputs(scores: Scores, kind: Kind | None, signature: Signature) -> Callable[[Any, Tensor], Tensor]:
    """The scores of what a model returned; without a kind, outputs and targets are handed over as they are."""

    def of(outputs: Any, target: Tensor) -> Tensor:
        primary = primary_output(outputs)
        return scores(primary, target) if kind is None else scores(*aligned(kind, signature, primary, target))

    return of


def _remarks(kind: Kind, signature: Signature) -> tuple[str, ...]:
    if kind.name == "tokens" and signature.output[1] == signature.output[2]:
        return (f"outputs {list(signature.output)}: the last axis was taken for the classes",)
    if kind.name == "classification" and signature.one_hot:
        return ("every row of targets has a single 1: one class for each example",)
    if kind.family == "binary" and not signature.integer:
        return ("all targets are 0 or 1: labels, not amounts",)
    if kind.name == "regression" and signature.integer:
        return ("integer targets were taken for amounts, because the model has no output for each class",)
    return ()


def _custom(loss: Loss, metric: str | None, resolve: Callable[[str], Any]) -> Task:
    """A loss of the user's own on outputs and targets that no kind of task is known for."""
    own = None
    if metric is not None:
        if ":" not in metric:
            raise UsageError(f"the metric {metric} does not suit outputs of this shape", hint="Give module:function.")
        with user_code(f"importing {metric}"):
            own = own_metric(metric, resolve(metric))
    scores = _on_outputs(loss.scores, None, _NOTHING)
    note = "no kind of task is known for these shapes" + ("" if own else ": the loss is the metric, too")
    return Task(
        name="custom",
        loss_name=loss.name,
        metric_name=own.name if own else "loss",
        metric_higher_is_better=own.higher_is_better if own else False,
        loss=scores,
        metric=_on_outputs(own.scores, None, _NOTHING) if own else scores,
        trivial_loss=_no_constant,
        notes=(note, *(own.notes if own else ())),
    )


def _no_constant(train: Tensor, targets: Tensor | None = None) -> None:
    return None


_NOTHING = Signature((), (), False, False, False)


def _check_labels(signature: Signature, kind: Kind, targets: Tensor) -> None:
    if signature.one_hot and targets.dim() == 2:
        return
    counted = targets[targets != IGNORED]
    if not counted.numel():
        raise UsageError(f"every target is {IGNORED}, which no loss counts")
    classes = signature.output[kind.class_axis(signature)]
    low, high = int(counted.min()), int(counted.max())
    if low < 0 or high >= classes:
        hint = "Subtract 1 from the targets." if low > 0 and high == classes else ""
        raise UsageError(
            f"the targets run from {low} to {high}, and the model has outputs for the {classes} classes 0 to "
            f"{classes - 1}",
            hint=hint or "Number the classes from 0, and give the model an output for each; -100 is left out.",
        )


def _no_fit(given: Signature, loss: Loss | None) -> UsageError:
    dtype = "integers" if given.integer else "floats"
    asked = f", for the loss {loss.name}," if loss else ""
    hint = "Class indices must be integers." if not given.integer and not given.same_shape else ""
    return UsageError(
        f"outputs of the shape {list(given.output)} and targets {list(given.target)} of {dtype}{asked} fit no task",
        notes=(
            "classes: outputs [N, C], [N, L, C] or [N, C, height, width], and integer targets without the axis C",
            "labels of 0 and 1, or amounts: targets of the shape of the outputs",
        ),
        hint=f"{hint} Give a loss with --loss module:function, or --train-step module:function.".strip(),
    )
