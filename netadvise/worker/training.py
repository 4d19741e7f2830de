"""What the runs of a study share is made once in each process; each run then gets a network of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from netadvise.capture.edits import edited
from netadvise.capture.failures import described, place_of
from netadvise.capture.lazy import has_uninitialised
from netadvise.capture.load import load
from netadvise.edit import Edit
from netadvise.errors import InternalError, NetadviseError
from netadvise.evidence import Recipe
from netadvise.graph import Graph
from netadvise.probe.batched import train_together
from netadvise.probe.batched_checks import Build, tried
from netadvise.probe.checks import checked
from netadvise.probe.data import Batch, Data, load_data
from netadvise.probe.execute import Group, Outcome, Tell, one_by_one
from netadvise.probe.grouping import united
from netadvise.probe.ledger import Ledger
from netadvise.probe.masks import Masks, key
from netadvise.probe.network import (
    carry_over,
    check_device,
    copied,
    outputs_of,
    same_weights,
    shares_tensors,
    weights,
)
from netadvise.probe.spec import Failure, RunSpec
from netadvise.probe.step import Material, seed_everything
from netadvise.probe.task import Task, infer_task
from netadvise.probe.task_lightning import is_lightning
from netadvise.probe.task_optimizer import OptimizerPlan, plan_optimizer
from netadvise.probe.task_step import Step, make_step
from netadvise.probe.train import Training
from netadvise.probe.variants import CLASSES, key_masks
from netadvise.quantity import Unknown
from netadvise.study import StudyRequest
from netadvise.target import Target, make_target
from netadvise.worker.answer import recorded
from netadvise.worker.names import resolve

if TYPE_CHECKING:
    from torch import nn

FIRST, SECOND = 0, 1
"""Seeds whose initial weights are compared."""


@dataclass(frozen=True)
class Lesson:
    """What is learnt, and how: made on a network that is thrown away."""

    step: Step
    optimizer: OptimizerPlan
    task: Task | None
    """None where only the user's own step says what is learnt."""
    without_task: str = ""
    """Why there is none."""


@dataclass
class Session:
    """What all runs of a study share: the data, what is learnt, how to build the network."""

    request: StudyRequest
    ledger: Ledger

    @cached_property
    def target(self) -> Target:
        """What names the network."""
        request = self.request
        return make_target(request.target, (), request.arguments, "eval")

    @cached_property
    def data(self) -> Data:
        """Examples to train on and to score."""
        request = self.request
        like, dtype = request.input_shape or None, request.input_dtype or None
        # a split that the user's code draws without a seed is to be the same in every process
        seed_everything(key("data"))
        return load_data(request.recipe.data, resolve, like=like, like_dtype=dtype)

    @cached_property
    def graph(self) -> Graph:
        """The recording that insertions behind functions are checked against."""
        request = self.request
        target = make_target(request.target, request.inputs, request.arguments, "eval")
        return recorded(target, lambda _: None).graph

    @cached_property
    def batch_size(self) -> int:
        """As given; else 32, or less where that would leave fewer than eight batches to a pass."""
        wanted = self.request.recipe.batch_size
        return wanted or max(2, min(32, len(self.data.train) // 8))

    @cached_property
    def max_steps(self) -> int:
        """As given; else 100 passes over the data, but 2,000 steps at least and 20,000 at most."""
        wanted = self.request.recipe.max_steps
        passes = 100 * max(len(self.data.train) // self.batch_size, 1)
        return wanted or min(max(passes, 2_000), 20_000)

    @cached_property
    def lesson(self) -> Lesson:
        """Inferred from one batch, as far as the request leaves it open."""
        recipe = self.request.recipe
        if self.request.engine != "ray":  # whose nodes have the device, and look for it themselves
            check_device(recipe.device)
        model = self.fresh(0)
        sample = self.data.train.batch(list(range(min(self.batch_size, len(self.data.train)))), 0)
        task, why = self._task(model, sample)
        own = recipe.loss is None
        step = make_step(recipe.train_step, model, task, sample, len(self.data.validation), resolve, own=own)
        plan = plan_optimizer(recipe.optimizer, model, recipe.learning_rate, recipe.weight_decay, resolve)
        return Lesson(step, plan, task, why)

    def _task(self, model: nn.Module, sample: Batch) -> tuple[Task | None, str]:
        """The task, or why there is none: a step of the user's own may do without."""
        recipe = self.request.recipe
        try:
            outputs = outputs_of(model, sample)
            return infer_task(
                tuple(outputs.shape),
                outputs.dtype,
                sample.target,
                self.data.train.targets(),
                self.request.output_activation,
                loss=recipe.loss,
                metric=recipe.metric,
                resolve=resolve,
            ), ""
        except NetadviseError as error:
            if recipe.train_step is None and not is_lightning(model):
                raise
            return None, error.message

    @cached_property
    def material(self) -> Material:
        """What every run trains with."""
        lesson = self.lesson
        return Material(
            self.data.train,
            self.data.validation,
            lesson.step,
            lesson.optimizer.build,
            self.batch_size,
            self.request.recipe.device,
        )

    @cached_property
    def recipe(self) -> Recipe:
        """What the report says of all this."""
        lesson, data = self.lesson, self.data
        notes = (*data.notes, *lesson.step.notes, *lesson.optimizer.notes, *self._weight_notes())
        return Recipe(
            task=lesson.task.name if lesson.task else "custom",
            loss=lesson.step.loss_name,
            metric=lesson.step.metric_name,
            optimizer=lesson.optimizer.name,
            learning_rate=lesson.optimizer.learning_rate,
            weight_decay=lesson.optimizer.weight_decay,
            batch_size=self.batch_size,
            max_steps=self.max_steps,
            data=data.description,
            train_examples=len(data.train),
            validation_examples=len(data.validation),
            test_examples=len(data.test) if data.test is not None else 0,
            notes=tuple(dict.fromkeys(notes)),
        )

    @cached_property
    def trivial_loss(self) -> float | Unknown:
        """Of the best constant prediction, on the validation data."""
        task = self.lesson.task
        if task is None:
            return Unknown(self.lesson.without_task)
        train, validation = self.data.train.targets(), self.data.validation.targets()
        if train is None or validation is None:
            return Unknown("the targets of the examples are no tensors of one shape")
        loss = task.trivial_loss(train, validation)
        return Unknown("no constant prediction can be told for the task") if loss is None else loss

    def fresh(self, seed: int) -> nn.Module:
        """A network as its author builds it, with the initial weights of a seed."""
        shared = self.shared  # which draws when it is asked for first: before the seed
        seed_everything(key(seed, "init"))
        module = self._loaded() if shared is None else copied(shared)
        if has_uninitialised(module):
            outputs_of(module, self.data.train.batch([0, 1], 0))
        return module

    @cached_property
    def shared(self) -> nn.Module | None:
        """What loading gives every time, if it gives one network, or networks of the same tensors, again and again.

        Runs train copies of it, or each would go on with what the one before has learnt.
        """
        seed_everything(key("shared"))
        first, second = self._loaded(), self._loaded()
        return copied(first) if shares_tensors(first, second) else None

    def _loaded(self) -> nn.Module:
        module = load(self.target, real=True).module
        if any(parameter.is_meta for parameter in module.parameters()):
            raise InternalError("the network was built without its weights")
        return module

    def _weight_notes(self) -> tuple[str, ...]:
        if not same_weights(self.fresh(FIRST), self.fresh(SECOND)):
            return ()
        return (
            "every run starts from the same weights, because the target seeds them, loads them or is made once: seeds "
            "differ in the order of the data and in the masks alone",
        )

    @contextmanager
    def network(self, edits: tuple[Edit, ...], seed: int) -> Iterator[tuple[nn.Module, Masks]]:
        """The edited network of a seed, with keyed masks: what the edits leave alone starts as in the baseline."""
        module, masks = self.fresh(seed), Masks(seed)
        before = weights(module) if edits else {}
        with ExitStack() as stack:
            if edits:
                recorded = self.graph  # which draws when it is asked for first
                seed_everything(key(seed, "edits"))
                stack.enter_context(edited(module, edits, recorded, CLASSES))
                carry_over(module, before)
            key_masks(module, masks)
            yield module, masks

    def train_group(self, group: Group, tell: Tell) -> Outcome:
        """Train the runs of a group into the ledger: in a stack, where that is asked for."""
        if any(spec.checks or not spec.stack for spec in group):
            return one_by_one(self.train)(group, tell)
        with ExitStack() as stack:
            begun = [self._begun(spec, tell, stack) for spec in group]
            runs = [run for run in begun if isinstance(run, Training)]
            template = partial(self._template, united(group), group[0].seed, stack)
            raised = iter(train_together(template, runs, tell))
            return tuple(_outcome(next(raised)) if isinstance(run, Training) else run for run in begun)

    def _begun(self, spec: RunSpec, tell: Tell, stack: ExitStack) -> Training | Failure:
        """A run in the making, or why there is none."""
        try:
            self.ledger.begin(spec)
            module, masks = stack.enter_context(self.network(spec.edits, spec.seed))
            return Training(module, spec, self.material, masks, self.ledger, tell)
        except (Exception, SystemExit) as error:
            return _failure(error)

    def _template(self, edits: tuple[Edit, ...], seed: int, stack: ExitStack) -> nn.Module:
        return stack.enter_context(self.network(edits, seed))[0]

    def train(self, spec: RunSpec, tell: Tell) -> Failure | None:
        """Train one run into the ledger; what went wrong, if anything did."""
        try:
            self.ledger.begin(spec)
            self._train(spec, tell)
        except (Exception, SystemExit) as error:
            return _failure(error)
        return None

    def _check(self, spec: RunSpec, tell: Tell, build: Build) -> None:
        found = checked(lambda: build(spec.seed), self.material, spec.seed, tell)
        self.ledger.keep_checks(spec, replace(found, stacked=tried(build, self.material, spec.stack)))

    def _train(self, spec: RunSpec, tell: Tell) -> None:
        if spec.checks:
            with ExitStack() as stack:
                self._check(spec, tell, lambda seed: stack.enter_context(self.network((), seed)))
            return
        with self.network(spec.edits, spec.seed) as (module, masks):
            Training(module, spec, self.material, masks, self.ledger, tell).run()


def _outcome(error: BaseException | None) -> Failure | None:
    return None if error is None else _failure(error)


def _failure(error: BaseException) -> Failure:
    if isinstance(error, NetadviseError):
        return Failure(error.message, error.where)
    told = described(error)
    if isinstance(error, MemoryError) or "out of memory" in told.lower() or "allocate memory" in told:
        return Failure(f"out of memory: {told}", kind="memory")
    if isinstance(error, OSError) and error.errno is not None:
        return Failure(f"{error.strerror}{f': {error.filename}' if error.filename else ''}", kind="disk")
    return Failure(told, place_of(error)[0])
