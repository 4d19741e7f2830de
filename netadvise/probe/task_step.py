"""One batch learnt from, and scored: by a task's loss, by a function of the user's, or by a LightningModule's own step.

A step of the user's own may give one number for a whole batch, which says nothing of single examples. Where it agrees
with the task's loss, that loss scores the examples; else the step is called for each example, or for groups of 16.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from netadvise.errors import UsageError
from netadvise.probe.data_errors import user_code
from netadvise.probe.data_examples import Batch, seeded
from netadvise.probe.task import Task
from netadvise.probe.task_lightning import is_lightning, lightning_step
from netadvise.probe.task_outputs import per_example, primary_output
from netadvise.probe.task_pieces import pieces

MOST_ALONE = 2000
"""Validation examples that are scored one by one by a step that gives one number for a batch."""
GROUP = 16
"""The size of the groups in which more of them are scored: each group then counts as one example."""

Call = Callable[[nn.Module, Any, int], Any]
"""Model, batch as the data set gives it, and number of the step; to a loss."""


class Step(Protocol):
    """How a batch is learnt from, and scored."""

    @property
    def loss_name(self) -> str: ...
    @property
    def metric_name(self) -> str: ...
    @property
    def metric_higher_is_better(self) -> bool: ...
    @property
    def notes(self) -> tuple[str, ...]: ...

    def training_loss(self, model: nn.Module, batch: Batch, index: int) -> Tensor:
        """A scalar to be minimised."""

    def evaluate(self, model: nn.Module, batch: Batch) -> tuple[Tensor, Tensor]:
        """Loss and metric, [N] each; without a metric the loss is in its place (`metric_name` is "loss").

        The caller sets evaluation mode and turns gradients off.
        """


def make_step(
    text: str | None,
    model: nn.Module,
    task: Task | None,
    sample: Batch,
    validation_examples: int,
    resolve: Callable[[str], Any],
    *,
    own: bool = True,
) -> Step:
    """The step that `text` ("module:function") names; without it a LightningModule's own, or else the task's.

    `model` is one to try the step on with `sample`, in evaluation mode: give one that is thrown away. `task` is None
    where none could be inferred. `own=False` leaves a LightningModule's step aside, for a loss that was asked for.
    Raises `UsageError`, and `TargetError` where the step raises.
    """
    if text is not None:
        with user_code(f"importing {text}"):
            function = resolve(text)
        if not callable(function):
            raise UsageError(f"{text} is a {type(function).__name__}, not a function of model and batch")
        return _own_step(
            OwnStep(text, lambda net, raw, index: function(net, raw), task), model, sample, validation_examples
        )
    if own and is_lightning(model):
        name = f"{type(model).__name__}.training_step"
        return _own_step(OwnStep(name, lightning_step, task), model, sample, validation_examples)
    if task is None:
        raise UsageError("no loss is known for this model and these data", hint="Give --train-step module:function.")
    return TaskStep(task)


@dataclass(frozen=True, slots=True)
class TaskStep:
    """The mean of the task's loss."""

    task: Task

    @property
    def loss_name(self) -> str:
        return self.task.loss_name

    @property
    def metric_name(self) -> str:
        return self.task.metric_name

    @property
    def metric_higher_is_better(self) -> bool:
        return self.task.metric_higher_is_better

    @property
    def notes(self) -> tuple[str, ...]:
        return self.task.notes

    def training_loss(self, model: nn.Module, batch: Batch, index: int) -> Tensor:
        return self.task.loss(_outputs(model, batch), batch.target).mean()

    def evaluate(self, model: nn.Module, batch: Batch) -> tuple[Tensor, Tensor]:
        outputs = _outputs(model, batch)
        return self.task.loss(outputs, batch.target), self.task.metric(outputs, batch.target)


@dataclass(frozen=True, slots=True)
class OwnStep:
    """A step of the user's own."""

    name: str
    call: Call
    task: Task | None
    """What scores examples by its metric, where there is one."""
    group: int | None = None
    """Examples to each number, for a step that gives one number for a batch; None for one that gives [N]."""
    by_task: bool = False
    """Whether the task's loss scores the examples, because it gives what the step gives."""
    notes: tuple[str, ...] = ()

    @property
    def loss_name(self) -> str:
        return self.name

    @property
    def metric_name(self) -> str:
        return self.task.metric_name if self.task else "loss"

    @property
    def metric_higher_is_better(self) -> bool:
        return self.task.metric_higher_is_better if self.task else False

    def training_loss(self, model: nn.Module, batch: Batch, index: int) -> Tensor:
        return self.value(model, batch.raw, index).mean()

    def evaluate(self, model: nn.Module, batch: Batch) -> tuple[Tensor, Tensor]:
        if self.by_task and self.task:
            return TaskStep(self.task).evaluate(model, batch)
        if self.group is None:
            losses = per_example(self.value(model, batch.raw, 0), batch.size, self.name)
            return losses, self._metric(model, batch, losses)
        parts = pieces(batch.raw, batch.size, self.group, self.name)
        losses = torch.stack([self.value(model, part, 0).mean() for part in parts]).float()
        return losses, self._metric(model, batch, losses)

    def value(self, model: nn.Module, raw: Any, index: int) -> Tensor:
        """What the step gives: a scalar, or [N, ...]."""
        with user_code(f"running the training step {self.name}", hint=_STEP_HINT):
            found = self.call(model, raw, index)
        loss = found.get("loss") if isinstance(found, dict) else found
        if not isinstance(loss, Tensor):
            raise UsageError(f"the training step {self.name} returned {_what(found)}, and no loss", hint=_STEP_HINT)
        return loss

    def _metric(self, model: nn.Module, batch: Batch, losses: Tensor) -> Tensor:
        if self.task is None:
            return losses
        values = self.task.metric(_outputs(model, batch), batch.target)
        if self.group is None:
            return values
        return torch.stack([values[at : at + self.group].mean() for at in range(0, len(values), self.group)])


_STEP_HINT = "It must return the loss, as a tensor, and leave backward() and the optimizer to netadvise."


def _outputs(model: nn.Module, batch: Batch) -> Tensor:
    with user_code(f"running {type(model).__name__} on a batch"):
        outputs = model(*batch.inputs, **batch.kwargs)
    return primary_output(outputs)


def _what(found: Any) -> str:
    return (
        f"a dict with the keys {', '.join(map(str, found))}" if isinstance(found, dict) else f"a {type(found).__name__}"
    )


def _own_step(step: OwnStep, model: nn.Module, sample: Batch, validation_examples: int) -> OwnStep:
    """The step with what one try of it shows: whether it gives [N] or a scalar, and whether the task's loss agrees."""
    training = model.training
    model.eval()
    try:
        with torch.no_grad(), seeded(0):
            value = step.value(model, sample.raw, 0)
            agrees = value.dim() == 0 and _agrees(step, model, sample, value)
    finally:
        model.train(training)
    said = f"trained by {step.name}"
    if value.dim():
        return replace(step, notes=(said, *_metric_notes(step)))
    if agrees and step.task:
        note = f"its loss is that of {step.task.loss_name}, which scores the validation examples"
        return replace(step, by_task=True, notes=(said, note))
    group = 1 if validation_examples <= MOST_ALONE else GROUP
    note = "it gives one number for a batch, so validation examples are scored one by one"
    if group > 1:
        note = f"it gives one number for a batch, so groups of {group} validation examples count as one"
    return replace(step, group=group, notes=(said, note, *_metric_notes(step)))


def _agrees(step: OwnStep, model: nn.Module, sample: Batch, value: Tensor) -> bool:
    """Whether the step's number is the mean of the task's loss, over the sample and over its first half."""
    if step.task is None:
        return False
    losses = step.task.loss(_outputs(model, sample), sample.target)
    if not torch.allclose(losses.mean(), value.float(), rtol=1e-4, atol=1e-6):
        return False
    half = max(1, sample.size // 2)
    first = pieces(sample.raw, sample.size, half, step.name)[0]
    return torch.allclose(losses[:half].mean(), step.value(model, first, 0).float(), rtol=1e-4, atol=1e-6)


def _metric_notes(step: OwnStep) -> tuple[str, ...]:
    return () if step.task else ("no metric is known for it: the loss is the metric, too",)
