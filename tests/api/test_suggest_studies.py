"""Suggestions that are trained: nothing to train first, then pairs of networks, then a study of a few steps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from netadvise.api.dropout import DropoutRequest, dropout_report
from netadvise.api.studies import ProbeRequest
from netadvise.api.suggest_fixes import _hurting
from netadvise.api.suggesting import SuggestRequest, suggest_target
from netadvise.edit import Edit, Part, Replace, SetArgs
from netadvise.errors import UsageError
from netadvise.probe.ledger import Ledger
from netadvise.study import RecipeRequest, StudyRequest
from netadvise.worker.training import Session
from tests.render import suggest_sample

MODEL = """\
import torch
from torch import nn


class Net(nn.Module):
    example_inputs = torch.zeros(1, 1, 8, 8)

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(1, 6, 5, padding=2)
        self.second = nn.Conv2d(6, 6, 5, padding=2)
        self.head = nn.Linear(6, 3)

    def forward(self, x):
        return self.head(torch.relu(self.second(torch.relu(self.first(x)))).mean((2, 3)))


class Flat(nn.Sequential):
    example_inputs = torch.zeros(1, 1, 8, 8)

    def __init__(self):
        super().__init__(nn.Flatten(), nn.Linear(64, 3))
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "net.py").write_text(MODEL)
    (tmp_path / "pyproject.toml").write_text("")
    generator = np.random.default_rng(0)
    for name, count in (("train", 64), ("val", 32)):
        x, y = generator.normal(size=(count, 1, 8, 8)).astype("float32"), generator.integers(0, 3, count)
        np.savez(tmp_path / f"{name}.npz", x=x, y=y)
    parts = {
        f"{key}_{name}": array for name in ("train", "val") for key, array in np.load(tmp_path / f"{name}.npz").items()
    }
    np.savez(tmp_path / "data.npz", **parts)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def asked(model: str, **changes: object) -> SuggestRequest:
    probe = ProbeRequest(data="data.npz", effort="quick", max_steps=4, engine="inline", study_dir="kept")
    return replace(SuggestRequest(target=f"net.py:{model}", quiet=True, probe=probe), **changes)  # type: ignore[arg-type]


def test_only_first_choices_that_hurt_are_left_out_of_a_fix() -> None:
    assert _hurting(suggest_sample.report()) == []
    assert _hurting(suggest_sample.studied()) == [suggest_sample.SUGGESTIONS[0]]


def test_what_an_edit_leaves_alone_starts_as_in_the_network_as_it_is(folder: Path) -> None:
    chain = (Part("Conv2d", {"in_channels": 6, "out_channels": 6, "kernel_size": 3, "padding": 1}), Part("ReLU"))
    edits: tuple[Edit, ...] = (
        Replace("second", (*chain, chain[0])),
        SetArgs("first", {"kernel_size": 3, "padding": 1}),
    )
    request = StudyRequest(target="net.py:Net", recipe=RecipeRequest(data="data.npz"), arms=())
    session = Session(request, Ledger(folder, ""))
    states = []
    for change in ((), edits, edits):
        with session.network(change, seed=7) as (module, _):
            states.append({name: value.clone() for name, value in module.state_dict().items()})
    before, after, again = states
    # the bias of `first` has the shape it had; all of `second` is another layer
    shared = {"first.bias", "head.weight", "head.bias"}
    assert {name for name in after if name in before and torch.equal(before[name], after[name])} == shared
    assert all(torch.equal(after[name], again[name]) for name in after)


@pytest.mark.slow
def test_without_a_suggestion_nothing_is_trained_and_the_report_says_so(folder: Path) -> None:
    report = suggest_target(asked("Flat"))
    assert report.study is None
    assert "no suggestion to train" in report.untrained
    assert not (folder / "kept").exists()


@pytest.mark.slow
def test_first_choices_are_trained_against_the_network_as_it_is(folder: Path) -> None:
    report = suggest_target(asked("Net"))
    study = report.study
    assert study is not None
    assert [arm.edits for arm in study.evidence] == [item.edits for item in report.suggestions if item.best]
    assert {arm.rate for arm in study.evidence} == {None}
    assert all(arm.verdict in ("LOOKS_BETTER", "LOOKS_WORSE", "UNCLEAR") for arm in study.evidence)
    # nothing is to be regularised here: no such gate ends the study
    assert not any(gate.ends for gate in study.gates)
    with pytest.raises(UsageError, match="one of suggest-kernels"):
        dropout_report(DropoutRequest(target="", resume="kept"))
