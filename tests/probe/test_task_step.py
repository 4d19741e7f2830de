"""Steps of tasks, of functions and of modules like Lightning's, and their optimizers."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netadvise.errors import TargetError, UsageError
from netadvise.probe.data_examples import Batch, TensorExamples
from netadvise.probe.task import Task, infer_task
from netadvise.probe.task_optimizer import make_optimizer, plan_optimizer
from netadvise.probe.task_pieces import pieces
from netadvise.probe.task_step import GROUP, MOST_ALONE, OwnStep, Step, make_step

X, Y = torch.randn(40, 6, generator=torch.Generator().manual_seed(0)), torch.arange(40) % 4
EXAMPLES = TensorExamples((X, Y))
BATCH = EXAMPLES.batch(range(10))
TASK = infer_task((10, 4), "float32", BATCH.target, Y, None, resolve={}.__getitem__)


class Lit(nn.Module):
    """What a LightningModule has, without the library."""

    def __init__(self, optimizers: Any = None, decay: float = 0.0) -> None:
        super().__init__()
        self.layer = nn.Linear(6, 4)
        self.optimizers, self.decay = optimizers, decay

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.layer(x)
        return result

    def training_step(self, batch: Any, batch_idx: int) -> Any:
        x, y = batch
        return {"loss": F.cross_entropy(self(x), y) + self.decay * self.layer.weight.square().sum()}

    def configure_optimizers(self) -> Any:
        optimizer = torch.optim.SGD(self.parameters(), lr=0.3)
        return self.optimizers(optimizer) if self.optimizers else optimizer


def step_of(function: Any, model: nn.Module | None = None, task: Task | None = TASK, count: int = 40) -> Step:
    return make_step("m:step", model or Lit(), task, BATCH, count, lambda _: function)


def plain(model: nn.Module, batch: Any) -> Tensor:
    return F.cross_entropy(model(batch[0]), batch[1])


def each(model: nn.Module, batch: Any) -> Tensor:
    return F.cross_entropy(model(batch[0]), batch[1], reduction="none") * 2


def penalised(model: nn.Module, batch: Any) -> Tensor:
    return plain(model, batch) + sum(parameter.square().sum() for parameter in model.parameters())


def test_the_tasks_own_step() -> None:
    net = nn.Linear(6, 4)
    step = make_step(None, net, TASK, BATCH, 40, {}.__getitem__)
    losses, metrics = step.evaluate(net, BATCH)
    assert losses.shape == metrics.shape == (10,) and (step.loss_name, step.metric_name) == (
        "CrossEntropyLoss",
        "accuracy",
    )
    assert torch.allclose(step.training_loss(net, BATCH, 0), F.cross_entropy(net(BATCH.inputs[0]), BATCH.target))


def test_a_step_that_gives_a_value_for_each_example_scores_them() -> None:
    net = Lit()
    step = step_of(each, net)
    losses, metrics = step.evaluate(net, BATCH)
    assert torch.allclose(losses, each(net, BATCH.raw)) and metrics.shape == (10,)
    assert torch.allclose(step.training_loss(net, BATCH, 0), each(net, BATCH.raw).mean())


def test_a_scalar_step_that_agrees_with_the_task_is_scored_by_it() -> None:
    net = Lit()
    step = step_of(plain, net)
    assert torch.allclose(step.evaluate(net, BATCH)[0], TASK.loss(net(BATCH.inputs[0]), BATCH.target))
    assert "that of CrossEntropyLoss" in step.notes[1]


@pytest.mark.parametrize(("count", "group"), [(MOST_ALONE, 1), (MOST_ALONE + 1, GROUP)])
def test_another_scalar_step_is_called_for_few_examples_at_a_time(count: int, group: int) -> None:
    net = Lit()
    step = step_of(penalised, net, count=count)
    batch = EXAMPLES.batch(range(40))
    losses, metrics = step.evaluate(net, batch)
    parts = [penalised(net, (X[at : at + group], Y[at : at + group])) for at in range(0, 40, group)]
    assert torch.allclose(losses, torch.stack(parts)) and metrics.shape == losses.shape
    assert ("one by one" if group == 1 else "groups of 16") in step.notes[1]


def test_without_a_task_the_loss_is_the_metric() -> None:
    net = Lit()
    step = step_of(plain, net, task=None)
    losses, metrics = step.evaluate(net, BATCH)
    assert torch.equal(losses, metrics) and (step.metric_name, step.metric_higher_is_better) == ("loss", False)


def test_trying_a_step_leaves_random_state_and_mode_alone() -> None:
    net = Lit().train()
    state = torch.get_rng_state()
    step_of(lambda model, batch: plain(model, batch) + torch.rand(()), net)
    assert torch.equal(torch.get_rng_state(), state) and net.training


@pytest.mark.parametrize(
    ("function", "kind", "text"),
    [
        (3, UsageError, "is a int, not a function"),
        (lambda model, batch: None, UsageError, "returned a NoneType, and no loss"),
        (lambda model, batch: {"cost": 1}, UsageError, "a dict with the keys cost"),
        (lambda model, batch: plain(model, batch).backward(), TargetError, "running the training step m:step"),
        (lambda model, batch: plain(model, batch[5]), TargetError, "IndexError"),
        (lambda model, batch: torch.ones(3), UsageError, "the shape [3] for 10 examples"),
    ],
)
def test_bad_steps_are_refused(function: Any, kind: type[Exception], text: str) -> None:
    with pytest.raises(kind) as error:
        step_of(function).evaluate(Lit(), BATCH)
    assert text in str(error.value)


def test_without_step_and_task_there_is_no_training() -> None:
    with pytest.raises(UsageError, match="no loss is known"):
        make_step(None, nn.Linear(6, 4), None, BATCH, 40, {}.__getitem__)


def test_a_module_like_lightnings_trains_itself() -> None:
    net = Lit(decay=0.5)
    step = make_step(None, net, TASK, BATCH, 40, {}.__getitem__)
    assert isinstance(step, OwnStep) and step.loss_name == "Lit.training_step" and step.group == 1
    assert torch.allclose(step.training_loss(net, BATCH, 0), net.training_step(BATCH.raw, 0)["loss"])
    assert step.evaluate(net, BATCH)[0].shape == (10,)
    assert make_step(None, net, TASK, BATCH, 40, {}.__getitem__, own=False).loss_name == "CrossEntropyLoss"


def test_optimising_by_hand_is_refused() -> None:
    net = Lit()
    net.automatic_optimization = False  # type: ignore[assignment]
    with pytest.raises(UsageError, match="optimises by hand"):
        make_step(None, net, TASK, BATCH, 40, {}.__getitem__)


@pytest.mark.parametrize(
    ("returned", "scheduled"),
    [
        (None, False),
        (lambda o: [o], False),
        (lambda o: ([o], []), False),
        (lambda o: ([o], ["schedule"]), True),
        (lambda o: {"optimizer": o}, False),
        (lambda o: {"optimizer": o, "lr_scheduler": "schedule"}, True),
        (lambda o: [{"optimizer": o, "lr_scheduler": {}}], True),
    ],
)
def test_what_configure_optimizers_may_return(returned: Any, scheduled: bool) -> None:
    plan = plan_optimizer(None, Lit(returned), None, None, {}.__getitem__)
    assert (plan.name, plan.learning_rate) == ("SGD", 0.3)
    assert any("schedule" in note for note in plan.notes) == scheduled
    net = Lit(returned)
    assert plan.build(net).param_groups[0]["params"][0] is net.layer.weight


@pytest.mark.parametrize(("returned", "text"), [(lambda o: [o, o], "2 optimizers"), (lambda o: {"a": o}, "a NoneType")])
def test_other_returns_are_refused(returned: Any, text: str) -> None:
    with pytest.raises(UsageError) as error:
        plan_optimizer(None, Lit(returned), None, None, {}.__getitem__)
    assert text in error.value.message


def test_what_is_asked_for_goes_before_the_modules_own() -> None:
    assert plan_optimizer("AdamW", Lit(), 0.01, None, {}.__getitem__).name == "AdamW"


@pytest.mark.parametrize(
    ("text", "lr", "decay", "name", "rates"),
    [
        (None, None, None, "Adam", (1e-3, 0.0)),
        (None, 0.02, 0.1, "Adam", (0.02, 0.1)),
        ("adamw", None, None, "AdamW", (1e-3, 0.01)),
        ("torch.optim.SGD", None, None, "SGD", (1e-2, 0.0)),
        ("RMSprop", 0.5, None, "RMSprop", (0.5, 0.0)),
    ],
)
def test_optimizers_by_name(
    text: str | None, lr: float | None, decay: float | None, name: str, rates: tuple[float, float]
) -> None:
    plan = plan_optimizer(text, nn.Linear(2, 2), lr, decay, {}.__getitem__)
    assert (plan.name, (plan.learning_rate, plan.weight_decay)) == (name, rates)
    assert any("momentum 0.9" in note for note in plan.notes) == (name == "SGD")


def test_an_optimizer_of_the_users_own() -> None:
    plan = plan_optimizer("m:make", nn.Linear(2, 2), 0.7, None, lambda _: torch.optim.Adagrad)
    assert (plan.name, plan.learning_rate) == ("Adagrad", 0.7)
    with pytest.raises(UsageError, match="returned a list, not an optimizer"):
        make_optimizer("m:make", nn.Linear(2, 2).parameters(), None, None, lambda _: lambda params: [])


@pytest.mark.parametrize(
    ("text", "lr", "message"),
    [
        ("Adamm", None, "torch.optim has no Adamm"),
        ("LBFGS", None, "calls the model several times"),
        ("Adam", -1.0, "cannot be made"),
    ],
)
def test_bad_optimizers_are_refused(text: str, lr: float | None, message: str) -> None:
    with pytest.raises(UsageError) as error:
        make_optimizer(text, nn.Linear(2, 2).parameters(), lr, None, {}.__getitem__)
    assert message in error.value.message


def test_a_model_with_nothing_to_train_is_refused() -> None:
    with pytest.raises(UsageError, match="no trainable parameters"):
        make_optimizer(None, nn.Linear(2, 2).requires_grad_(False).parameters(), None, None, {}.__getitem__)


def test_pieces_keep_the_form_of_a_batch() -> None:
    raw = {"x": X[:5], "ids": list("abcde"), "rest": (Y[:5], 3), "weight": torch.ones(7)}
    found = pieces(raw, 5, 2, "step")
    assert [len(part["x"]) for part in found] == [2, 2, 1]
    assert found[2]["ids"] == ["e"]
    assert found[1]["rest"][0].tolist() == Y[2:4].tolist() and found[1]["rest"][1] == 3
    assert len(found[0]["weight"]) == 7
    with pytest.raises(UsageError, match="cannot be divided"):
        pieces(object(), 5, 2, "step")


def test_a_batch_without_targets_trains_by_its_own_step() -> None:
    batch = TensorExamples((X,)).batch(range(10))
    assert isinstance(batch, Batch) and batch.target is None and len(batch.inputs) == 1
    step = make_step("m:step", Lit(), None, batch, 40, lambda _: lambda model, raw: model(raw[0]).square().mean())
    assert step.evaluate(Lit(), batch)[0].shape == (10,)
