"""Which task shapes speak of, and what its losses and metrics give."""

from __future__ import annotations

import math
from collections import namedtuple
from dataclasses import dataclass
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from netadvise.errors import TargetError, UsageError
from netadvise.probe.task import Task, infer_task, primary_output


def infer(output: tuple[int, ...], targets: Tensor, activation: str | None = None, **options: Any) -> Task:
    resolve = options.pop("resolve", {}.__getitem__)
    return infer_task(output, "float32", targets, None, activation, resolve=resolve, **options)


def ints(*shape: int, below: int = 4) -> Tensor:
    return torch.arange(math.prod(shape)).reshape(shape) % below


KINDS: list[tuple[tuple[int, ...], Tensor, str, str, str]] = [
    ((8, 4), ints(8), "classification", "CrossEntropyLoss", "accuracy"),
    ((8, 4), ints(8, 1), "classification", "CrossEntropyLoss", "accuracy"),
    ((8, 4, 1, 1), ints(8), "classification", "CrossEntropyLoss", "accuracy"),
    ((8, 2), ints(8, below=2).bool(), "classification", "CrossEntropyLoss", "accuracy"),
    ((8, 4), torch.eye(4).repeat(2, 1), "classification", "CrossEntropyLoss", "accuracy"),
    ((8, 4, 5, 5), ints(8, 5, 5), "segmentation", "CrossEntropyLoss", "pixel accuracy"),
    ((8, 4, 5, 5), ints(8, 1, 5, 5), "segmentation", "CrossEntropyLoss", "pixel accuracy"),
    ((2, 4, 3, 5, 5), ints(2, 3, 5, 5), "segmentation", "CrossEntropyLoss", "pixel accuracy"),
    ((8, 5, 4), ints(8, 5), "tokens", "CrossEntropyLoss", "token accuracy"),
    ((8, 4, 5), ints(8, 5), "tokens", "CrossEntropyLoss", "token accuracy"),
    ((8, 4, 4), ints(8, 4), "tokens", "CrossEntropyLoss", "token accuracy"),
    ((8,), ints(8, below=2), "binary classification", "BCEWithLogitsLoss", "accuracy"),
    ((8, 1), ints(8, below=2), "binary classification", "BCEWithLogitsLoss", "accuracy"),
    ((8, 1), ints(8, below=2).float(), "binary classification", "BCEWithLogitsLoss", "accuracy"),
    ((8,), ints(8, 1, below=2).bool(), "binary classification", "BCEWithLogitsLoss", "accuracy"),
    ((8, 5), ints(8, 5, below=2).float(), "multilabel classification", "BCEWithLogitsLoss", "label accuracy"),
    ((8, 1, 4, 4), ints(8, 4, 4, below=2), "multilabel classification", "BCEWithLogitsLoss", "label accuracy"),
    ((8, 1), torch.linspace(0, 3, 8), "regression", "MSELoss", "mae"),
    ((8, 3), torch.linspace(0, 3, 24).reshape(8, 3), "regression", "MSELoss", "mae"),
    ((8, 3, 4, 4), torch.linspace(0, 3, 384).reshape(8, 3, 4, 4), "regression", "MSELoss", "mae"),
    ((8, 1), ints(8, below=9), "regression", "MSELoss", "mae"),
]


@pytest.mark.parametrize(("shape", "targets", "name", "loss", "metric"), KINDS)
def test_the_task_follows_from_the_shapes(
    shape: tuple[int, ...], targets: Tensor, name: str, loss: str, metric: str
) -> None:
    task = infer(shape, targets)
    assert (task.name, task.loss_name, task.metric_name) == (name, loss, metric)
    outputs = torch.rand(shape, generator=torch.Generator().manual_seed(0), requires_grad=True)
    losses, metrics = task.loss(outputs, targets), task.metric(outputs, targets)
    assert losses.shape == metrics.shape == (len(targets),) and losses.isfinite().all()
    losses.mean().backward()
    assert outputs.grad is not None and bool((outputs.grad != 0).any())
    assert task.metric_higher_is_better == (name != "regression")
    trivial = task.trivial_loss(targets, None)
    assert trivial is not None and math.isfinite(trivial) and trivial >= 0


def test_a_loss_is_the_mean_over_the_positions_that_count() -> None:
    targets = ints(3, 5)
    targets[0, 1:] = -100
    targets[2] = -100
    outputs = torch.randn(3, 5, 4)
    task = infer((3, 5, 4), targets)
    single = F.cross_entropy(outputs[0, :1], targets[0, :1])
    assert torch.allclose(
        task.loss(outputs, targets), torch.stack([single, F.cross_entropy(outputs[1], targets[1]), torch.tensor(0.0)])
    )
    right = F.one_hot(targets.clamp_min(0), 4).float()
    assert task.metric(right, targets).tolist() == [1, 1, 0]


def test_the_metric_of_each_kind() -> None:
    assert infer((2, 4), ints(2)).metric(torch.eye(4)[[0, 3]], ints(2)).tolist() == [1, 0]
    labels = torch.tensor([[1.0, 0, 1], [0, 1, 1]])
    assert infer((2, 3), labels).metric(torch.tensor([[1.0, -1, 1], [1, 1, 1]]), labels).tolist() == pytest.approx(
        [1, 2 / 3]
    )
    amounts = torch.tensor([0.0, 2.0])
    assert infer((2, 1), amounts).metric(torch.tensor([[3.0], [1.0]]), amounts).tolist() == [3, 1]
    assert infer((2, 1), amounts, metric="mse").metric(torch.tensor([[3.0], [1.0]]), amounts).tolist() == [9, 1]
    error = infer((2, 4), ints(2), metric="error")
    assert error.metric(torch.eye(4)[[0, 3]], ints(2)).tolist() == [0, 1] and not error.metric_higher_is_better


@pytest.mark.parametrize("classes_last", [True, False])
@given(counts=st.lists(st.integers(1, 9), min_size=2, max_size=5))
def test_the_trivial_loss_of_classes_is_the_entropy_of_their_prior(counts: list[int], classes_last: bool) -> None:
    labels = torch.cat([torch.full((count,), label) for label, count in enumerate(counts)])
    share = torch.tensor(counts).double() / sum(counts)
    entropy = float(-(share * share.log()).sum())
    assert infer((len(labels), len(counts)), labels).trivial_loss(labels, None) == pytest.approx(entropy, rel=1e-5)
    if len(counts) != 3:
        tokens = labels[:, None].expand(-1, 3)
        shape = (len(labels), 3, len(counts)) if classes_last else (len(labels), len(counts), 3)
        assert infer(shape, tokens).trivial_loss(tokens, None) == pytest.approx(entropy, rel=1e-5)
    softmax = infer((len(labels), len(counts)), labels, "softmax")
    assert softmax.trivial_loss(labels, None) == pytest.approx(entropy, rel=1e-5)


def test_the_trivial_loss_of_amounts_and_labels() -> None:
    amounts = torch.tensor([[0.0, 1], [2, 5], [7, 0]])
    assert infer((3, 2), amounts).trivial_loss(amounts, None) == pytest.approx(
        float(amounts.var(0, correction=0).mean())
    )
    median = infer((3, 2), amounts, loss="L1Loss").trivial_loss(amounts, None)
    assert median == pytest.approx(float((amounts - torch.tensor([2.0, 1])).abs().mean()))
    labels = torch.tensor([0, 0, 0, 1])
    entropy = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    assert infer((4, 1), labels).trivial_loss(labels, None) == pytest.approx(entropy)
    assert infer((4, 1), labels, "sigmoid").trivial_loss(labels, None) == pytest.approx(entropy)


def test_the_trivial_loss_of_other_targets_is_a_cross_entropy() -> None:
    train, scored = torch.tensor([0, 0, 0, 1]), torch.tensor([1, 1])
    assert infer((4, 2), train).trivial_loss(train, scored) == pytest.approx(math.log(4))
    unseen = infer((4, 3), train).trivial_loss(train, torch.tensor([2]))
    assert unseen == pytest.approx(math.log(4.5 / 0.5))


def test_what_the_model_ends_in_decides_the_loss() -> None:
    logits, labels = torch.randn(8, 4), ints(8)
    plain = infer((8, 4), labels).loss(logits, labels)
    for activation, outputs in (("softmax", logits.softmax(1)), ("log_softmax", logits.log_softmax(1))):
        task = infer((8, 4), labels, activation)
        assert torch.allclose(task.loss(outputs, labels), plain, atol=1e-5) and "NLLLoss" in task.loss_name
        assert f"ends in {'a ' * (activation == 'softmax')}{activation}" in task.notes[0]
    single, marks = torch.randn(8, 1), ints(8, below=2)
    sigmoid = infer((8, 1), marks, "Sigmoid")
    assert sigmoid.loss_name == "BCELoss"
    assert torch.allclose(sigmoid.loss(single.sigmoid(), marks), infer((8, 1), marks).loss(single, marks), atol=1e-5)
    assert torch.equal(sigmoid.metric(single.sigmoid(), marks), infer((8, 1), marks).metric(single, marks))


def test_rows_behind_a_sigmoid_are_labels_of_their_own() -> None:
    assert infer((8, 4), torch.eye(4).repeat(2, 1), "sigmoid").name == "multilabel classification"


@pytest.mark.parametrize(
    ("text", "shape", "targets", "shown"),
    [
        ("CrossEntropyLoss", (8, 4), ints(8), "CrossEntropyLoss"),
        ("cross_entropy", (8, 4), ints(8), "CrossEntropyLoss"),
        ("nn.CrossEntropyLoss(label_smoothing=0.1)", (8, 4), ints(8), "nn.CrossEntropyLoss(label_smoothing=0.1)"),
        (
            "CrossEntropyLoss(weight=[1.0, 2.0, 1.0, 1.0])",
            (8, 4),
            ints(8),
            "CrossEntropyLoss(weight=[1.0, 2.0, 1.0, 1.0])",
        ),
        ("NLLLoss", (8, 4), ints(8), "NLLLoss"),
        ("MultiMarginLoss", (8, 4), ints(8), "MultiMarginLoss"),
        ("bce_with_logits", (8, 1), ints(8, below=2), "BCEWithLogitsLoss"),
        ("BCELoss", (8, 1), ints(8, below=2), "BCELoss"),
        ("MultiLabelSoftMarginLoss", (8, 3), ints(8, 3, below=2), "MultiLabelSoftMarginLoss"),
        ("mse", (8, 1), ints(8, below=2), "MSELoss"),
        ("L1Loss", (8, 1), torch.ones(8), "L1Loss"),
        ("SmoothL1Loss", (8, 1), torch.rand(8), "SmoothL1Loss"),
        ("HuberLoss(delta=2.0)", (8, 1), torch.rand(8), "HuberLoss(delta=2.0)"),
        ("PoissonNLLLoss", (8, 1), ints(8), "PoissonNLLLoss"),
    ],
)
def test_losses_by_name(text: str, shape: tuple[int, ...], targets: Tensor, shown: str) -> None:
    task = infer(shape, targets, loss=text)
    assert task.loss_name == shown
    assert task.loss(torch.rand(shape), targets).shape == (8,)
    trivial = task.trivial_loss(targets, None)
    assert trivial is not None and math.isfinite(trivial)


def test_a_loss_of_amounts_makes_zeros_and_ones_amounts() -> None:
    assert infer((8, 1), ints(8, below=2), loss="MSELoss").name == "regression"


def test_a_second_softmax_is_doubted_and_used_as_asked() -> None:
    task = infer((8, 4), ints(8), "softmax", loss="CrossEntropyLoss")
    assert "a softmax of its own" in task.notes[0]
    outputs = torch.rand(8, 4)
    assert torch.allclose(task.loss(outputs, ints(8)), F.cross_entropy(outputs, ints(8), reduction="none"))


def own(outputs: Tensor, target: Tensor) -> Tensor:
    return (outputs.flatten(1).mean(1) - target.flatten(1).float().mean(1)).square()


def mae_like(outputs: Tensor, target: Tensor) -> Tensor:
    return (outputs - target).abs()


def test_functions_of_the_users_own() -> None:
    known = {"m:own": own, "m:mae_like": mae_like, "m:Class": lambda: own}
    task = infer((8, 3), torch.rand(8, 3), loss="m:own", metric="m:mae_like", resolve=known.__getitem__)
    assert (task.loss_name, task.metric_name, task.metric_higher_is_better) == ("m:own", "mae_like", False)
    assert task.metric(torch.ones(8, 3), torch.zeros(8, 3)).tolist() == [1] * 8
    unlike = infer((8, 3), torch.rand(8, 5), loss="m:own", resolve=known.__getitem__)
    assert (unlike.name, unlike.metric_name, unlike.metric_higher_is_better) == ("custom", "loss", False)
    assert unlike.trivial_loss(torch.rand(8, 5), None) is None


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda o, t: (o - t).mean(), "returned one number for a batch of 8"),
        (lambda o, t: (o - t)[:3], "returned the shape [3, 3] for 8 examples"),
        (lambda o, t: 1.0, "returned a float, not a tensor"),
    ],
)
def test_a_loss_gives_a_value_for_each_example(function: Any, text: str) -> None:
    task = infer((8, 3), torch.rand(8, 3), loss="m:own", resolve=lambda _: function)
    with pytest.raises(UsageError) as error:
        task.loss(torch.rand(8, 3), torch.rand(8, 3))
    assert text in error.value.message and 'reduction="none"' in error.value.hint


def test_a_loss_that_raises_is_told_with_its_line() -> None:
    def broken(outputs: Tensor, target: Tensor) -> Tensor:
        raise ValueError("no")

    task = infer((8, 3), torch.rand(8, 3), loss="m:broken", resolve=lambda _: broken)
    with pytest.raises(TargetError) as error:
        task.loss(torch.rand(8, 3), torch.rand(8, 3))
    assert "test_task.py:" in error.value.where


BAD: dict[str, tuple[tuple[int, ...], Any, dict[str, Any], str]] = {
    "no targets": ((8, 4), None, {}, "the data has no targets"),
    "a dict": ((8, 4), {"boxes": 1}, {}, "targets that are a dict"),
    "no batch": ((4,), ints(8), {}, "its first axis is no batch"),
    "shapes": ((8, 4), torch.rand(8, 5), {}, "outputs of the shape [8, 4] and targets [8, 5] of floats fit no task"),
    "float classes": ((8, 4), ints(8).float(), {}, "targets [8] of floats fit no task"),
    "classes from 1": ((8, 4), ints(8) + 1, {}, "run from 1 to 4, and the model has outputs for the 4 classes"),
    "negative": ((8, 4), ints(8) - 1, {}, "run from -1 to 2"),
    "all ignored": ((8, 4), torch.full((8,), -100), {}, "every target is -100"),
    "loss of amounts": ((8, 4), ints(8), {"loss": "MSELoss"}, "for the loss MSELoss, fit no task"),
    "loss of labels": ((8, 1), torch.rand(8), {"loss": "BCELoss"}, "for the loss BCELoss, fit no task"),
    "unknown loss": ((8, 4), ints(8), {"loss": "CrosEntropy"}, "there is no loss CrosEntropy"),
    "other loss": ((8, 4), ints(8), {"loss": "TripletMarginLoss"}, "needs more than outputs and targets"),
    "loss arguments": ((8, 4), ints(8), {"loss": "NLLLoss(smooth=1)"}, "cannot be made"),
    "loss expression": ((8, 4), ints(8), {"loss": "NLLLoss(x())"}, "cannot be read"),
    "unknown metric": ((8, 4), ints(8), {"metric": "f1"}, "there is no metric f1"),
    "unsuited metric": ((8, 4), ints(8), {"metric": "mae"}, "does not suit classification"),
}


@pytest.mark.parametrize(("shape", "targets", "options", "text"), BAD.values(), ids=BAD.keys())
def test_what_does_not_fit_is_refused(shape: tuple[int, ...], targets: Any, options: dict[str, Any], text: str) -> None:
    with pytest.raises(UsageError) as error:
        infer(shape, targets, **options)
    assert text in error.value.message


def test_integer_outputs_are_refused() -> None:
    with pytest.raises(UsageError, match="int64, which no loss"):
        infer_task((8, 4), "int64", ints(8), None, None, resolve={}.__getitem__)


def test_names_nearly_right_are_offered() -> None:
    with pytest.raises(UsageError) as error:
        infer((8, 4), ints(8), loss="CrosEntropy")
    assert "CrossEntropyLoss" in error.value.hint


@dataclass
class Answer:
    loss: None
    hidden: Tensor
    logits: Tensor


T, OTHER = torch.rand(2, 3), torch.rand(2, 9)
Pair = namedtuple("Pair", "aux logits")


@pytest.mark.parametrize(
    "outputs",
    [T, (T, OTHER), [T], {"aux": OTHER, "logits": T}, {"out": T, "aux": OTHER}, Answer(None, OTHER, T), Pair(OTHER, T)]
    + [(torch.arange(2), T), {"ids": torch.arange(2), "x": T}, ((T, OTHER), OTHER)],
)
def test_the_output_that_the_task_is_about(outputs: Any) -> None:
    assert primary_output(outputs) is T


@pytest.mark.parametrize("outputs", [None, (), {}, torch.arange(3), "text", [torch.arange(3)]])
def test_outputs_without_a_tensor_of_floats_are_refused(outputs: Any) -> None:
    with pytest.raises(UsageError, match="no tensor of floats"):
        primary_output(outputs)
