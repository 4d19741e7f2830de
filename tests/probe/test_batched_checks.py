"""A stack is refused where it would not do what training one by one does; and timed where it would."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netadvise.probe import batched_checks
from netadvise.probe.batched_checks import tried
from netadvise.probe.ledger import Ledger
from netadvise.probe.masks import Masks
from netadvise.probe.spec import Checks, RunSpec, Stacked
from netadvise.probe.step import Material
from netadvise.probe.task_step import OwnStep
from netadvise.probe.variants import key_masks
from tests.probe.small import CLASSES
from tests.probe.stacks import NETWORKS, SIDE, Make, adam, material, network, one_thread

__all__ = ["one_thread"]


def outcome(make: Callable[[], nn.Module], shared: Material | None = None, width: int = 3) -> Stacked:
    def build(seed: int) -> tuple[nn.Module, Masks]:
        model, masks = network(lambda _: make(), seed, 0.0), Masks(seed)
        key_masks(model, masks)
        return model, masks

    return tried(build, shared or material(), width)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batched_checks, "_SECONDS", 0.0)


@pytest.mark.parametrize("make", NETWORKS.values(), ids=NETWORKS.keys())
def test_networks_that_can_be_stacked_are_timed(make: Make) -> None:
    found = outcome(lambda: make(0.2))
    assert found.refused == ""
    assert (found.width, found.most) == (3, 32)
    assert found.step_seconds is not None
    assert 0.05 < found.gain < 20


class Body(nn.Module):
    """A network with something in its forward pass."""

    def __init__(self, middle: Callable[[Any, Tensor], Tensor], state: Callable[[], Any] = lambda: None) -> None:
        super().__init__()
        self.first, self.head = nn.Linear(SIDE * SIDE, 12), nn.Linear(12, CLASSES)
        self.middle, self.state = middle, state()

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.middle(self, F.relu(self.first(x.flatten(1)))))


class Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm, self.head = nn.LSTM(SIDE, 8, batch_first=True), nn.Linear(8, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.lstm(x.squeeze(1))[0][:, -1])


class Hooked(nn.Module):
    """A weight whose gradient is changed on its way."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(SIDE * SIDE, CLASSES)
        self.head.weight.register_hook(lambda gradient: gradient * 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(x.flatten(1))


class Half(nn.Module):
    """A weight that nothing is computed with, and a buffer that is exchanged instead of changed."""

    def __init__(self, unused: bool) -> None:
        super().__init__()
        self.head = nn.Linear(SIDE * SIDE, CLASSES)
        if unused:
            self.other = nn.Linear(2, 2)
        self.register_buffer("seen", torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            self.seen = self.seen + 1
        return self.head(x.flatten(1))


def decided(model: Any, x: Tensor) -> Tensor:
    return x * 2 if float(x.sum()) > 0 else x


def thrown(model: Any, x: Tensor) -> Tensor:
    return x * 0.5 if model.training and random.random() < 0.5 else x


def counted(model: Any, x: Tensor) -> Tensor:
    return x + float(np.random.rand()) * model.training


REFUSED: dict[str, tuple[Callable[[], nn.Module], str]] = {
    "recurrent": (Recurrent, "cannot be trained"),
    "functional dropout": (lambda: Body(lambda m, x: F.dropout(x, 0.3, m.training)), "random numbers of its own"),
    "Python's dice": (lambda: Body(thrown), "random numbers of its own"),
    "numpy's dice": (lambda: Body(counted), "random numbers of its own"),
    "control flow": (lambda: Body(decided), "cannot be trained"),
    "hidden tensors": (lambda: Body(lambda m, x: x * m.state, lambda: torch.rand(12) * 3), "in a stack"),
    "hooks": (Hooked, "gradients come out differently"),
    "unused weights": (lambda: Half(True), "no gradient"),
    "exchanged buffers": (lambda: Half(False), "seen comes out differently"),
}


@pytest.mark.parametrize(("make", "why"), REFUSED.values(), ids=REFUSED.keys())
def test_networks_that_cannot_be_stacked_are_refused_with_the_reason(make: Callable[[], nn.Module], why: str) -> None:
    found = outcome(make)
    assert why in found.refused
    assert found.gain == 0


class Clipped(torch.optim.SGD):
    """Looks at all weights at once."""


def hooked(model: nn.Module) -> torch.optim.Optimizer:
    optimizer = adam(model)
    optimizer.register_step_pre_hook(lambda *_: None)
    return optimizer


def own_step(model: Any, raw: Any, index: int) -> Tensor:
    return F.cross_entropy(model(raw[0]), raw[1])


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"optimizer": lambda model: Clipped(model.parameters(), lr=0.1)}, "Clipped"),
        ({"optimizer": hooked}, "hooks"),
        ({"step": OwnStep("own:step", own_step, None)}, "own:step"),
    ],
    ids=["optimizer", "hooks", "step"],
)
def test_ways_to_train_that_may_do_anything_are_refused(change: dict[str, Any], why: str) -> None:
    assert why in outcome(lambda: NETWORKS["linear"](0.1), replace(material(), **change)).refused


def test_nothing_is_tried_where_nothing_is_to_be_gained(monkeypatch: pytest.MonkeyPatch) -> None:
    def build(seed: int) -> tuple[nn.Module, Masks]:
        raise AssertionError

    assert "as many processes" in tried(build, material(), 1).refused
    monkeypatch.setattr(batched_checks, "_SLOW", 1e-6)
    assert "a step takes" in outcome(lambda: NETWORKS["linear"](0.1)).refused
    monkeypatch.setattr(batched_checks, "_MEMORY", 100)
    assert "no memory" in outcome(lambda: NETWORKS["linear"](0.1)).refused


def test_a_stack_is_no_wider_than_there_is_memory_for(monkeypatch: pytest.MonkeyPatch) -> None:
    size = sum(each.numel() * 4 for each in NETWORKS["linear"](0.1).parameters())
    monkeypatch.setattr(batched_checks, "_MEMORY", 7 * size * 5)
    found = outcome(lambda: NETWORKS["linear"](0.1), width=8)
    assert (found.width, found.most) == (5, 5)


@pytest.mark.parametrize("stacked", [Stacked(), Stacked("no"), Stacked("", 4, 0.001, 0.003, 32)])
def test_what_was_found_is_in_the_ledger(tmp_path: Path, stacked: Stacked) -> None:
    ledger, spec = Ledger(tmp_path, "key"), RunSpec((), 0, 0, 0, checks=True)
    ledger.begin(spec)
    ledger.keep_checks(spec, Checks(0.1, True, 0.0, 0.0, 0.1, 0.2, stacked))
    found = ledger.checks(spec)
    assert found is not None
    assert found.stacked == stacked
