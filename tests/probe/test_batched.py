"""Runs in a stack: what comes of each is what comes of it by itself, whatever becomes of the others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from netadvise.probe import batched
from netadvise.probe import train as train_module
from netadvise.probe.batched import train_together
from netadvise.probe.spec import RunResult
from netadvise.probe.step import Material
from netadvise.probe.train import Training
from tests.probe.small import CrossEntropy
from tests.probe.stacks import (
    MEMBERS,
    NETWORKS,
    Make,
    Member,
    begun,
    material,
    network,
    one_thread,
    timeless,
    together,
)

__all__ = ["one_thread"]
LINEAR = NETWORKS["linear"]


def stacked(
    folder: Path, make: Make, members: tuple[Member, ...], shared: Material, **given: int
) -> dict[Member, RunResult]:
    runs = [begun(folder, make, member, shared, **given) for member in members]  # type: ignore[arg-type]
    return dict(zip(members, together(make, runs), strict=True))


@pytest.mark.parametrize("make", NETWORKS.values(), ids=NETWORKS.keys())
def test_in_double_precision_a_whole_run_is_that_of_the_run_by_itself(tmp_path: Path, make: Make) -> None:
    shared = material(dtype=torch.float64)
    for member, found in stacked(tmp_path / "stack", make, MEMBERS, shared).items():
        wanted = begun(tmp_path / "alone", make, member, shared).run()
        assert found.numbers.steps == wanted.numbers.steps
        assert found.numbers.best_step == wanted.numbers.best_step
        shifts = found.numbers.bn_shift, wanted.numbers.bn_shift
        assert shifts == (None, None) or shifts[0] == pytest.approx(shifts[1], rel=1e-5)
        for at in ("losses", "metrics", "losses_end", "metrics_end"):
            assert np.abs(getattr(found, at) - getattr(wanted, at)).max() < 1e-6


@pytest.mark.parametrize("make", NETWORKS.values(), ids=NETWORKS.keys())
def test_the_first_steps_are_those_of_the_run_by_itself(tmp_path: Path, make: Make) -> None:
    for member, found in stacked(tmp_path / "stack", make, MEMBERS, material(), least=3, most=3).items():
        wanted = begun(tmp_path / "alone", make, member, material(), 3, 3).run()
        # a bias in front of a batch norm has no gradient but rounding, which Adam makes a whole step of
        assert np.abs(found.losses_end - wanted.losses_end).max() < (2e-2 if found.numbers.bn_shift else 1e-4)


@pytest.mark.parametrize("size", [7, 8, 32])
@pytest.mark.parametrize("make", NETWORKS.values(), ids=NETWORKS.keys())
def test_company_changes_no_bit(tmp_path: Path, make: Make, size: int) -> None:
    shared = material(size)
    wanted = stacked(tmp_path / "all", make, MEMBERS, shared)
    for number, company in enumerate([MEMBERS[:1], MEMBERS[3:], MEMBERS[:2], MEMBERS[::-1]]):
        for member, found in stacked(tmp_path / str(number), make, company, shared).items():
            assert timeless(found) == timeless(wanted[member]), (company, member)


def test_every_run_ends_where_it_would(tmp_path: Path) -> None:
    """Runs of several lengths: the looks of each are its own."""
    shared = material(dtype=torch.float64)
    lengths = [(5, 12), (20, 40), (1, 33), (60, 60)]

    def runs(folder: Path) -> list[Training]:
        pairs = zip(MEMBERS, lengths, strict=False)
        return [begun(folder, LINEAR, member, shared, least, most) for member, (least, most) in pairs]

    wanted = [run.run() for run in runs(tmp_path / "alone")]
    for found, own in zip(together(LINEAR, runs(tmp_path / "stack")), wanted, strict=True):
        assert [point.step for point in found.numbers.curve] == [point.step for point in own.numbers.curve]
        assert (found.numbers.steps, found.numbers.ending) == (own.numbers.steps, own.numbers.ending)


class Exploding(CrossEntropy):
    """The loss of a network with a large output is no number, from some step on."""

    def training_loss(self, model: nn.Module, batch: tuple[Tensor, Tensor], index: int) -> Tensor:
        outputs = model(batch[0])
        wild = (outputs.detach().abs().amax() > 1e3) & torch.tensor(index > 6)
        return self.loss(outputs, batch[1], wild)

    def loss(self, outputs: Tensor, y: Tensor, wild: Tensor) -> Tensor:
        return nn.functional.cross_entropy(outputs, y) + torch.where(wild, float("nan"), 0.0)


class Refusing(Exploding):
    """It raises, as some losses do: it cannot be told which network is to blame."""

    def loss(self, outputs: Tensor, y: Tensor, wild: Tensor) -> Tensor:
        return nn.functional.cross_entropy(outputs, y + 100 * wild)


@pytest.mark.parametrize("step", [Exploding(), Refusing()], ids=["nan", "error"])
def test_a_run_that_diverges_leaves_the_others_as_they_are(tmp_path: Path, step: CrossEntropy) -> None:
    shared = replace(material(), step=step)

    def runs(folder: str, wild: bool) -> list[Training]:
        made = [begun(tmp_path / folder, LINEAR, member, shared) for member in MEMBERS[: 4 if wild else 3]]
        if wild:
            with torch.no_grad():
                list(made[3].model.parameters())[-1].fill_(1e7)
        return made

    wanted = together(LINEAR, runs("sound", False))
    found = together(LINEAR, runs("wild", True))
    assert [timeless(each) for each in found[:3]] == [timeless(each) for each in wanted]
    assert found[3].numbers.ending == "diverged"
    assert found[3].numbers.steps == 8
    assert found[3].numbers.bn_shift is None


class Failing(CrossEntropy):
    """Cannot be computed for several networks; nor, from some step on, for one that has a mark."""

    def training_loss(self, model: nn.Module, batch: tuple[Tensor, Tensor], index: int) -> Tensor:
        outputs = model(batch[0])
        if not isinstance(model, nn.Module):
            float(outputs.sum())
        if index > 4 and getattr(model, "marked", False):
            raise RuntimeError("this one never works")
        return nn.functional.cross_entropy(outputs, batch[1])


def test_what_cannot_be_stacked_is_trained_one_by_one(tmp_path: Path) -> None:
    shared = replace(material(), step=Failing())
    runs = [begun(tmp_path / "stack", LINEAR, member, shared) for member in MEMBERS]
    runs[1].model.marked = True  # type: ignore[assignment]
    raised = train_together(lambda: network(LINEAR, 0, 0.1), runs, lambda _: None)
    assert [type(error) for error in raised] == [type(None), RuntimeError, *[type(None)] * 3]
    for member, run in zip(MEMBERS, runs, strict=True):
        if run is not runs[1]:
            assert run.result is not None
            assert timeless(run.result) == timeless(begun(tmp_path / "alone", LINEAR, member, shared).run())


class KilledError(BaseException):
    """Stands for the end of the process."""


def killed(make: Make, runs: list[Training], at: int) -> None:
    """Train in a stack, with a state kept at every look, until a process would be killed behind a step."""

    def tell(step: int) -> None:
        if step >= at:
            raise KilledError

    for run in runs[-1:]:
        run.tell = tell
    with pytest.raises(KilledError):
        train_together(lambda: network(make, 0, 0.1), runs, lambda _: None)


@pytest.mark.parametrize("at", [6, 21])
@pytest.mark.parametrize("name", ["linear", "residual"])
def test_a_stack_that_was_killed_goes_on_in_other_company(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, at: int
) -> None:
    monkeypatch.setattr(train_module, "_SAVE_SECONDS", -1.0)
    make, shared = NETWORKS[name], material()
    wanted = stacked(tmp_path / "whole", make, MEMBERS, shared)
    killed(make, [begun(tmp_path / "killed", make, member, shared) for member in MEMBERS], at)
    for company in (MEMBERS[:2], MEMBERS[2:]):
        again = [begun(tmp_path / "killed", make, member, shared) for member in company]
        there = [run.ledger.state(run.spec).exists() for run in again]
        assert any(there)
        for member, found in zip(company, together(make, again), strict=True):
            assert timeless(found) == timeless(wanted[member])


def test_a_state_of_a_stack_is_one_for_a_run_by_itself_and_the_other_way_round(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_module, "_SAVE_SECONDS", -1.0)
    shared = material(dtype=torch.float64)
    wanted = [begun(tmp_path / "whole", LINEAR, member, shared).run() for member in MEMBERS]
    killed(LINEAR, [begun(tmp_path / "one", LINEAR, member, shared) for member in MEMBERS], 10)
    alone = [begun(tmp_path / "one", LINEAR, member, shared).run() for member in MEMBERS]
    for member in MEMBERS:
        run = begun(tmp_path / "other", LINEAR, member, shared)
        run.resume()
        run._advance(10)
        run.save()
    again = together(LINEAR, [begun(tmp_path / "other", LINEAR, member, shared) for member in MEMBERS])
    for one, other, own in zip(alone, again, wanted, strict=True):
        assert np.abs(one.losses_end - own.losses_end).max() < 1e-6
        assert np.abs(other.losses_end - own.losses_end).max() < 1e-6


def test_a_state_has_the_size_of_one_run(tmp_path: Path) -> None:
    sizes = []
    for count in (1, 5):
        runs = [begun(tmp_path / str(count), LINEAR, member, material()) for member in MEMBERS[:count]]
        course = batched._Course(network(LINEAR, 0, 0.1), runs, lambda _: None)
        stepping = course._stepping()
        course._next_look(stepping)
        stepping.stack.hand_back()
        runs[0].save()
        sizes.append(runs[0].ledger.state(runs[0].spec).stat().st_size)
    assert sizes[0] == sizes[1]


def test_looks_are_in_the_ledger_and_runs_leave_when_they_are_over(tmp_path: Path) -> None:
    runs = [begun(tmp_path, LINEAR, MEMBERS[0], material(), 5, 6), begun(tmp_path, LINEAR, MEMBERS[1], material(), 40)]
    seen = []

    def tell(step: int) -> None:
        seen.append(runs[0].ledger.result(runs[0].spec) is not None)

    runs[1].tell = tell
    together(LINEAR, runs)
    assert seen[0] is False
    assert seen[-1] is True
    for run in runs:
        assert run.result is not None
        lines = (run.ledger.state(run.spec).parent / "metrics.jsonl").read_bytes().splitlines()
        assert len(lines) == len(run.result.numbers.curve)
        assert run.result.numbers.step_seconds > 0
