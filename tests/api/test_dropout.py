"""Requests for studies of dropout: those that cannot be first, then one that is done, and gone on with."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from netadvise.api.dropout import DropoutRequest, dropout_report
from netadvise.api.studies import ProbeRequest
from netadvise.document.study import study_file, study_from_file
from netadvise.errors import UsageError
from netadvise.evidence import ProbeProgress
from netadvise.study import RecipeRequest, StudyRequest
from tests.worker.study_source import written


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    written(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def request(**given: object) -> DropoutRequest:
    probe = ProbeRequest(data="net.py:load", max_steps=40, seeds=2, engine="inline", study_dir="study")
    settings = {"target": "net.py:Net", "isolated": True, "force": True, "quiet": True, "probe": probe, **given}
    return DropoutRequest(**settings)  # type: ignore[arg-type]


@pytest.mark.usefixtures("folder")
def test_a_folder_without_a_study_cannot_be_gone_on_with() -> None:
    with pytest.raises(UsageError, match="there is no study in nowhere: No such file or directory") as caught:
        dropout_report(request(target="", resume="nowhere"))
    assert caught.value.hint


@pytest.mark.parametrize("content", ["", "{}", '{"schema": "netadvise.study/1", "key": "k"}'])
def test_nor_can_one_whose_study_is_none(folder: Path, content: str) -> None:
    (folder / "study").mkdir()
    (folder / "study" / "study.json").write_text(content)
    with pytest.raises(UsageError, match="is no study of this version of netadvise"):
        dropout_report(request(target="", resume="study"))


def test_a_study_of_another_command_is_not_gone_on_with(folder: Path) -> None:
    (folder / "study").mkdir()
    kept = StudyRequest(target="net.py:Net", recipe=RecipeRequest(data="d"), arms=(), regularise=False)
    (folder / "study" / "study.json").write_bytes(study_file("key", kept))
    with pytest.raises(UsageError, match="is one of suggest-kernels"):
        dropout_report(request(target="", resume="study"))


@pytest.mark.slow
@pytest.mark.usefixtures("folder")
def test_where_no_place_is_named_nothing_is_trained() -> None:
    with pytest.raises(UsageError, match=r"fits no place for dropout in net\.py:Net"):
        dropout_report(request(layers=("nothing.*",)))
    assert not Path("study").exists()


@pytest.mark.slow
def test_a_study_is_done_and_gone_on_with_and_the_caller_is_left_alone(folder: Path) -> None:
    states = torch.get_rng_state().tolist(), random.getstate(), np.random.get_state()[1].tolist()
    told: list[ProbeProgress] = []
    asked = request(layers=("net.1",))
    whole = dropout_report(asked, told=told.append)
    assert (torch.get_rng_state().tolist(), random.getstate(), np.random.get_state()[1].tolist()) == states
    assert whole.study is not None
    assert [(each.place, each.stage, each.seeds >= 2) for each in whole.study.evidence] == [
        ("after net.1", "confirm", True)
    ]
    assert [progress.price.runs for progress in told if progress.price] == [4 + 2 * 6] * 2
    _, kept = study_from_file((folder / "study" / "study.json").read_bytes())
    assert (kept.looks, kept.insist, kept.named) == ((2, 4, 6), True, True)
    assert sorted(path.name for path in folder.glob("*.py")) == ["net.py"]
    finished = len(list(folder.glob("study/runs/*/result.json")))
    again = dropout_report(replace(request(target=""), resume="study", probe=None))
    assert again.study is not None
    assert [each.estimates for each in again.study.evidence] == [each.estimates for each in whole.study.evidence]
    assert len(list(folder.glob("study/runs/*/result.json"))) == finished
