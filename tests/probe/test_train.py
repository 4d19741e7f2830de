"""Runs: where they stop, what they keep, and that one which was killed comes out the same."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from netadvise.probe import train as module
from netadvise.probe.ledger import Ledger
from netadvise.probe.spec import RunResult, RunSpec
from netadvise.probe.train import GROWTH, Training, looks
from tests.probe.small import CrossEntropy, Net, built, material, training

SPEC = RunSpec((), 0, 40, 60)
"""40 to 60 steps."""


def same(one: RunResult, other: RunResult) -> bool:
    arrays = ("losses", "metrics", "losses_end", "metrics_end")
    timeless = [replace(each.numbers, seconds=0.0, step_seconds=0.0) for each in (one, other)]
    return timeless[0] == timeless[1] and all(np.array_equal(getattr(one, at), getattr(other, at)) for at in arrays)


class KilledError(BaseException):
    """Stands for the end of the process."""


def killed_at(run: Training, look: int) -> None:
    """Train, with a state kept at every look, until a process would be killed behind a look."""
    told: list[int] = []

    def tell(step: int) -> None:
        told.append(step)
        if len(told) > look:
            raise KilledError

    run.tell = tell
    with pytest.raises(KilledError):
        run.run()


@pytest.fixture
def _saved_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SAVE_SECONDS", -1.0)


@pytest.mark.usefixtures("_saved_at_once")
@pytest.mark.parametrize("look", [1, 5, 16])
def test_a_run_that_was_killed_goes_on_and_comes_out_bit_by_bit_the_same(tmp_path: Path, look: int) -> None:
    wanted = training(tmp_path / "whole", SPEC).run()
    killed_at(training(tmp_path / "killed", SPEC), look)
    again = training(tmp_path / "killed", SPEC)
    assert again.ledger.state(SPEC).exists()
    counted = again.material.train.fetched  # type: ignore[attr-defined]
    assert same(again.run(), wanted)
    assert len([batch for batch in counted if len(batch) == 8]) < wanted.numbers.steps
    assert same(again.ledger.result(SPEC), wanted)  # type: ignore[arg-type]
    assert not again.ledger.state(SPEC).exists()


@pytest.mark.usefixtures("_saved_at_once")
@pytest.mark.parametrize("harm", ["cut", "empty", "other", "optimizer"])
def test_a_run_with_a_damaged_state_starts_anew(tmp_path: Path, harm: str) -> None:
    wanted = training(tmp_path / "whole", SPEC).run()
    killed_at(training(tmp_path / "killed", SPEC), 8)
    path = Ledger(tmp_path / "killed", "key").state(SPEC)
    if harm in ("cut", "empty"):
        path.write_bytes(path.read_bytes()[: 0 if harm == "empty" else -1000])
    else:
        state = torch.load(path, weights_only=False)
        if harm == "other":
            state["tensors"]["head.bias"] = torch.zeros(7)
        else:
            # the weights of this one are taken over before its optimizer turns out to be none
            state["optimizer"] = {"nothing": True}
        torch.save(state, path)
    assert same(training(tmp_path / "killed", SPEC).run(), wanted)


@pytest.mark.usefixtures("_saved_at_once")
def test_a_state_has_what_no_checkpoint_would(tmp_path: Path) -> None:
    class Counting(Net):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("seen", torch.zeros(()), persistent=False)

        def forward(self, x: Tensor) -> Tensor:
            if self.training:
                self.seen += 1
            return super().forward(x) * (1 + self.seen / 100)

    def made() -> Counting:
        torch.manual_seed(0)
        return Counting()

    wanted = training(tmp_path / "whole", SPEC, model=made()).run()
    killed_at(training(tmp_path / "killed", SPEC, model=made()), 6)
    assert same(training(tmp_path / "killed", SPEC, model=made()).run(), wanted)


def test_looks_grow_by_a_twentieth_and_end_at_the_last_step() -> None:
    for most in (1, 5, 6, 100, 2000, 20_000):
        found = looks(most)
        assert found[-1] == most
        assert found == sorted(set(found))
        assert all(after - before <= max(1, before * (GROWTH - 1)) for before, after in pairwise(found))
    assert looks(2000)[:-1] == [step for step in looks(20_000) if step < 2000]
    assert len(looks(20_000)) < 200


class Scripted(CrossEntropy):
    """Losses of the validation data that follow a script: example by example, at each look."""

    def __init__(self, script: list[list[float]]) -> None:
        self.script = script
        self.at = -1

    def evaluate(self, model: nn.Module, batch: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        losses, metrics = super().evaluate(model, batch)
        if len(losses) != len(self.script[0]):
            return losses, metrics
        self.at = min(self.at + 1, len(self.script) - 1)
        told = torch.tensor(self.script[self.at])
        return told, -told


def scripted(folder: Path, script: list[list[float]], spec: RunSpec) -> RunResult:
    shared = replace(material(validation=len(script[0])), step=Scripted(script))
    return training(folder, spec, shared).run()


def test_each_half_is_scored_at_the_step_that_is_best_for_the_other(tmp_path: Path) -> None:
    half = module._halves(4)
    one, other = np.where(half, 1.0, 0.0), np.where(half, 0.0, 1.0)
    # the first half is best at the second look, the other half at the third
    at = [5 + 0 * one, 3 - 2 * one + 0.25 * other, 3 - 2 * other + 0.5 * one, 9 + 0 * one]
    result = scripted(tmp_path, [each.tolist() for each in at], RunSpec((), 0, 7, 8))
    assert result.numbers.steps == 8
    assert result.losses[half].tolist() == pytest.approx(at[2][half].tolist())
    assert result.losses[~half].tolist() == pytest.approx(at[1][~half].tolist())
    assert result.metrics.tolist() == pytest.approx((-result.losses).tolist())
    assert result.losses_end.tolist() == [9.0] * 4


def falling(until: int, most: int) -> list[list[float]]:
    """Losses that fall until a look, and rise behind it."""
    return [[1.0 + abs(until - step) / 100] * 4 for step in looks(most)]


def test_a_run_stops_at_twice_its_best_step(tmp_path: Path) -> None:
    result = scripted(tmp_path, falling(20, 200), RunSpec((), 0, 0, 200))
    assert (result.numbers.best_step, result.numbers.steps, result.numbers.ending) == (20, 40, "stopped")
    assert not result.numbers.capped


def test_it_trains_the_steps_that_it_is_to_at_least(tmp_path: Path) -> None:
    result = scripted(tmp_path, falling(20, 200), RunSpec((), 0, 73, 200))
    assert (result.numbers.best_step, result.numbers.ending) == (20, "stopped")
    assert 73 <= result.numbers.steps <= 73 * GROWTH


def test_it_trains_the_steps_that_it_may_at_most(tmp_path: Path) -> None:
    result = scripted(tmp_path, falling(100, 110), RunSpec((), 0, 0, 110))
    assert (result.numbers.steps, result.numbers.ending) == (110, "horizon")
    assert result.numbers.capped


def test_a_learning_rate_that_is_far_off_ends_as_diverged(tmp_path: Path) -> None:
    model, masks = built(0)
    shared = replace(material(), optimizer=lambda net: torch.optim.SGD(net.parameters(), lr=1e6))
    ledger = Ledger(tmp_path, "key")
    ledger.begin(SPEC)
    result = Training(model, SPEC, shared, masks, ledger).run()
    assert result.numbers.ending == "diverged"
    kept = ledger.result(SPEC)
    assert kept is not None and kept.numbers.ending == "diverged"
    assert kept.losses.shape == (30,)


class Refusing(CrossEntropy):
    """A loss that raises for what is no number, as `BCELoss` does."""

    def training_loss(self, model: nn.Module, batch: tuple[Tensor, Tensor], index: int) -> Tensor:
        if not model(batch[0]).isfinite().all():
            raise RuntimeError("all elements of input should be between 0 and 1")
        return super().training_loss(model, batch, index)


def test_a_loss_that_raises_for_what_is_no_number_diverges_and_does_not_crash(tmp_path: Path) -> None:
    shared = replace(material(), step=Refusing(), optimizer=lambda net: torch.optim.SGD(net.parameters(), lr=1e18))
    result = training(tmp_path, SPEC, shared).run()
    assert result.numbers.ending == "diverged"
    assert np.isnan(result.losses).all() and result.losses.shape == (30,)


def test_a_loss_that_raises_for_another_reason_crashes(tmp_path: Path) -> None:
    class Broken(CrossEntropy):
        def training_loss(self, model: nn.Module, batch: tuple[Tensor, Tensor], index: int) -> Tensor:
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        training(tmp_path, SPEC, replace(material(), step=Broken())).run()


def test_a_loss_of_millions_is_no_divergence_when_it_began_there(tmp_path: Path) -> None:
    class Prices(CrossEntropy):
        def training_loss(self, model: nn.Module, batch: tuple[Tensor, Tensor], index: int) -> Tensor:
            return super().training_loss(model, batch, index) * 1e9

    result = training(tmp_path, SPEC, replace(material(), step=Prices())).run()
    assert result.numbers.ending != "diverged"


def test_looks_are_noted_down_as_they_are_made(tmp_path: Path) -> None:
    run = training(tmp_path, SPEC)
    result = run.run()
    lines = (tmp_path / "runs" / SPEC.id("key") / "metrics.jsonl").read_text().splitlines()
    assert len(lines) == len(result.numbers.curve)
