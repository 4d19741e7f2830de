"""Whether the runs of a study can be trained in a stack, and how fast: found out by doing it.

A stack is refused where it would not do what training one by one does, or where torch cannot; and not tried where
nothing is to be gained.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from netadvise.probe.batched_stack import ELEMENTWISE, Stack
from netadvise.probe.batched_step import NARROWEST, Stepping, quiet
from netadvise.probe.masks import Masks, key
from netadvise.probe.spec import Stacked
from netadvise.probe.step import Material, batch_of, learn, seed_everything, train_step
from netadvise.probe.task_step import OwnStep

Build = Callable[[int], tuple[nn.Module, Masks]]
"""A fresh network of a seed, and its masks."""

WIDEST = 32
"""Wider stacks were not faster."""
_MEMORY = 2**30
"""Bytes that the weights of a stack, their gradients, the optimizer's states and a copy of all that may take."""
_COPIES = 7
_SLOW = 0.03
"""Seconds of a step on a CPU beyond which the calls of functions, which a stack saves, are no share of it."""
_STEPS, _COMPARED = 3, 2
"""Steps, and networks, that are compared with training one by one."""
_CLOSE = 1e-3
_SECONDS, _ROUNDS, _ROUND_SECONDS = 1.0, 7, 0.01


class RefusedError(Exception):
    """Runs cannot be stacked; the message says why."""


def tried(build: Build, material: Material, width: int) -> Stacked:
    """A stack of a width beside training one by one: its numbers compared, its steps timed."""
    if width < NARROWEST:
        return Stacked("there are as many processes as runs")
    if isinstance(material.step, OwnStep):
        return Stacked(f"it is trained by {material.step.name}, which may do anything")
    try:
        with quiet():
            return _Trial(build, material).outcome(width)
    except RefusedError as error:
        return Stacked(str(error))
    except Exception as error:
        told = str(error).strip().partition("\n")[0][:200]
        return Stacked(f"a stack of the network cannot be trained: {type(error).__name__}: {told}")


class _Alone:
    """A run that is trained by itself, and what its first steps showed."""

    def __init__(self, build: Build, material: Material, seed: int) -> None:
        self.seed, self.material = seed, material
        self.model, self.masks = build(seed)
        self.model.to(material.device).train()
        self.optimizer = material.optimizer(self.model)
        self.losses: list[float] = []
        self.buffers: dict[str, Tensor] = {}
        self.gradients: dict[str, Tensor] = {}

    def begin(self) -> None:
        """The first step; raises `RefusedError` where what it does is not a function of the weights."""
        self.masks.begin(1)
        seed_everything(key(self.seed, "step", 1))
        batch = batch_of(self.material, self.seed, 1)
        before = _random_states()
        self.losses = [learn(self.model, self.optimizer, self.material.step, batch, 0)]
        if _random_states() != before:
            raise RefusedError("the network draws random numbers of its own in training")
        given = [each for group in self.optimizer.param_groups for each in group["params"]]
        if any(each.grad is None for each in given if each.requires_grad):
            raise RefusedError("some of its parameters get no gradient")
        self.buffers = {name: each.clone() for name, each in self.model.named_buffers()}
        named = self.model.named_parameters()
        self.gradients = {name: each.grad.clone() for name, each in named if each.grad is not None}

    def step(self, number: int) -> float:
        """A step, counted from 1; the loss before it."""
        return train_step(self.model, self.optimizer, self.material, self.masks, self.seed, number)


class _Trial:
    """Runs of one network with different seeds, in a stack and by themselves."""

    def __init__(self, build: Build, material: Material) -> None:
        self.build, self.material = build, material
        # on a busy machine the time that passes says little of the work that is done
        self.clock = time.process_time if material.device == "cpu" else time.perf_counter
        self.alone = [_Alone(build, material, seed) for seed in range(_COMPARED)]
        _check_optimizer(self.alone[0].optimizer)
        self.most = _most(self.alone[0].model)

    def outcome(self, width: int) -> Stacked:
        """What comes of a stack of a width, or as wide as may be; raises `RefusedError`."""
        self._begin()
        width = min(width, self.most)
        runs = [_Alone(self.build, self.material, seed) for seed in range(width)]
        networks = [(run.model, run.optimizer) for run in runs]
        stepping = Stepping(self.build(0)[0], networks, range(width), self.material)
        self._compare(0, stepping.step(1))
        for row, run in enumerate(self.alone):
            _compare_networks(run, row, stepping.stack)
        for number in range(1, _STEPS):
            self._compare(number, stepping.step(number + 1))
        together, apart = self._timed(stepping, width)
        return Stacked("", width, together / width, apart, self.most)

    def _begin(self) -> None:
        """The first steps one by one; raises `RefusedError` where they are slow."""
        seconds = float("inf")
        for run in self.alone:
            run.begin()
            for number in range(1, _STEPS):
                started = self.clock()
                run.losses.append(run.step(number + 1))
                seconds = min(seconds, self.clock() - started)
        if self.material.device == "cpu" and seconds > _SLOW:
            raise RefusedError(f"a step takes {seconds * 1000:.0f} ms: what a stack saves is a small part of it")

    def _compare(self, at: int, together: Sequence[float]) -> None:
        for run, other in zip(self.alone, together, strict=False):
            one = run.losses[at]
            if not abs(one - other) <= _CLOSE * (1 + abs(one)):
                raise RefusedError(f"the loss is {other:.6g} in a stack and {one:.6g} one by one")

    def _timed(self, stepping: Stepping, width: int) -> tuple[float, float]:
        """Seconds of a step of the stack, and of a run by itself: the least of some rounds that take turns."""
        alone, clock, until = self.alone[0], self.clock, time.perf_counter() + _SECONDS
        together, apart, number, many = float("inf"), float("inf"), _STEPS, 1
        for _ in range(_ROUNDS):
            steps = range(number + 1, number + many + 1)
            started = clock()
            for step in steps:
                stepping.step(step)
            between = clock()
            for step in steps:
                for _ in range(max(1, width // 2)):
                    alone.step(step)
            ended = clock()
            together = min(together, (between - started) / many)
            apart = min(apart, (ended - between) / many / max(1, width // 2))
            number, many = number + many, max(1, round(_ROUND_SECONDS / together))
            if time.perf_counter() > until:
                break
        return together, apart


def _check_optimizer(optimizer: Optimizer) -> None:
    kind = type(optimizer)
    if kind not in ELEMENTWISE:
        raise RefusedError(f"it is not known whether the optimizer {kind.__name__} treats every weight by itself")
    if any(value for name, value in vars(optimizer).items() if name.endswith("_hooks")):
        raise RefusedError("its optimizer has hooks")


def _most(model: nn.Module) -> int:
    """How many networks there is memory for."""
    size = sum(each.numel() * each.element_size() for each in model.parameters())
    most = min(WIDEST, _MEMORY // max(_COPIES * size, 1))
    if most < NARROWEST:
        raise RefusedError(f"its weights take {size / 2**20:.0f} MiB: there is no memory for several")
    return most


def _random_states() -> tuple[Any, ...]:
    by_numpy = cast("tuple[Any, ...]", np.random.get_state())
    return torch.get_rng_state().numpy().tobytes(), random.getstate(), by_numpy[1].tobytes(), by_numpy[2:]


def _compare_networks(alone: _Alone, row: int, stack: Stack) -> None:
    """Raises `RefusedError` where gradients or buffers, after one step, differ by more than rounding."""
    for name, buffer in alone.buffers.items():
        if not _is_close(buffer, stack.buffers[name][row]):
            raise RefusedError(f"the buffer {name} comes out differently in a stack")
    pairs = [(each, stack.gradients[name][row]) for name, each in alone.gradients.items() if name in stack.gradients]
    off = sum(float((one - other).square().sum()) for one, other in pairs)
    if not off <= _CLOSE**2 * sum(float(one.square().sum()) for one, _ in pairs):
        raise RefusedError("the gradients come out differently in a stack")


def _is_close(one: Tensor, other: Tensor) -> bool:
    return torch.allclose(one.double(), other.double(), rtol=_CLOSE, atol=1e-5, equal_nan=True)
