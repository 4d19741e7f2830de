"""Reports on places for dropout: what is asked for, and what context changes."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from netadvise.api.answers import Runner
from netadvise.api.attempts import LiveBench, WorkerBench
from netadvise.api.positions import position_report, suggest_dropout
from netadvise.config import Config, ModelConfig, Selection
from netadvise.errors import UsageError
from netadvise.worker.protocol import Request


def net() -> nn.Module:
    return nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 8), nn.ReLU(), nn.Linear(8, 1))


def test_globs_fit_places_and_layers() -> None:
    assert [p.place for p in suggest_dropout(net(), "1,16", layers=["after 3"]).positions] == ["after 3"]
    assert [p.place for p in suggest_dropout(net(), "1,16", layers=["3", "b*"]).positions] == ["before 0", "after 3"]


def test_a_glob_that_fits_nothing_is_an_error() -> None:
    with pytest.raises(UsageError, match="fits no place for dropout"):
        suggest_dropout(net(), "1,16", layers=["features.*"])


def test_context_changes_what_is_refused() -> None:
    def last(**context: object) -> str:
        found = suggest_dropout(net(), "1,16", context={f"task.{name}": value for name, value in context.items()})
        return next((p.rule for p in found.refused if p.place == "after 4"), "")

    assert [last(), last(type="regression"), last(type="embedding")] == ["DRP205", "DRP203", ""]


def test_unknown_context_is_an_error() -> None:
    with pytest.raises(UsageError, match=r"task\.kind"):
        suggest_dropout(net(), "1,16", context={"task.kind": "regression"})


def test_the_module_is_left_as_it_was() -> None:
    module = net()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    state = torch.get_rng_state()
    suggest_dropout(module, "1,16")
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert list(module.state_dict()) == list(before)
    assert torch.equal(torch.get_rng_state(), state)
    assert module.training


def test_nothing_is_said_of_rules_that_are_not_about_places() -> None:
    assert suggest_dropout(net(), "1,16").notes == ()


def test_a_rule_that_the_project_ignores_says_nothing() -> None:
    named = ModelConfig(name="net", target="net")
    project = Config(selections=(Selection(ignore=("DRP115", "no-dropout-on-predictions"), where="pyproject.toml"),))
    report = position_report(LiveBench(net(), ("1,16",)), project=project, model=named)
    assert [p.rule for p in report.positions] == ["DRP123", "DRP117"]


def test_a_target_in_a_worker_says_what_the_module_says(root: Path) -> None:
    target = str(root / "examples" / "note_cnn.py")
    bench = WorkerBench(Request(target=target, facts=True), Runner(lambda *_: None, None))
    report = position_report(bench)
    assert [p.place for p in report.accepted] == ["before classifier"]
    assert [each.layer for each in report.existing] == ["features.3", "features.7", "dropout"]
    assert any(remark.startswith("DRP201") for remark in report.existing[2].remarks)
