"""Studies from request to report, in this process, and what keeps one from beginning or going on."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
from dataclasses import replace
from multiprocessing import Pipe
from pathlib import Path

import numpy as np
import pytest
import torch

from netadvise.document.study import request_json, study_from_json
from netadvise.errors import NetadviseError, TargetError, UsageError
from netadvise.evidence import ProbeProgress, Study
from netadvise.probe.ledger import held
from netadvise.study import Stacking, StudyRequest
from netadvise.worker.protocol import Request
from netadvise.worker.serving import check_same, opened, serve
from netadvise.worker.studying import answer_study, studied
from netadvise.worker.training import Session
from tests.cli.command import clean_environment
from tests.worker.study_source import request, written


def study_of(asked: StudyRequest, told: list[ProbeProgress] | None = None) -> Study:
    hear = (lambda _: None) if told is None else told.append
    response = answer_study(Request(target=asked.target, study=request_json(asked)), hear, confined=False)
    if response.error is not None:
        raise NetadviseError.from_json(response.error)
    assert response.study is not None
    return study_from_json(response.study)


def timeless(study: Study) -> Study:
    evidence = tuple(replace(each, seconds=0.0) for each in study.evidence)
    baseline = study.baseline and replace(study.baseline, seconds_per_run=0.0)
    return replace(study, evidence=evidence, baseline=baseline, spent=None, predicted=None, ledger="")


def random_states() -> tuple[object, ...]:
    return torch.get_rng_state().tolist(), random.getstate(), np.random.get_state()[1].tolist(), torch.get_num_threads()


def test_a_study_leaves_the_file_and_the_process_as_they_were(tmp_path: Path) -> None:
    file = written(tmp_path, more="random_numbers = torch.rand(3)")
    digest, states = hashlib.sha256(file.read_bytes()).hexdigest(), random_states()
    told: list[ProbeProgress] = []
    study = study_of(request(file, tmp_path / "study"), told)
    assert random_states() == states
    assert hashlib.sha256(file.read_bytes()).hexdigest() == digest
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "__pycache__") == ["net.py", "study"]
    (found,) = study.evidence
    assert found.stage == "confirm" and found.seeds == 2
    assert study.baseline is not None and study.baseline.seeds == 4
    assert {progress.stage for progress in told} >= {"preparing", "baseline", "confirm"}
    assert any(progress.ledger == str(tmp_path / "study") for progress in told)


def test_a_second_study_trains_nothing_and_says_the_same(tmp_path: Path) -> None:
    asked = request(written(tmp_path), tmp_path / "study")
    first = study_of(asked)
    results = {path: path.stat().st_mtime_ns for path in tmp_path.glob("study/runs/*/result.json")}
    assert timeless(study_of(asked)) == timeless(first)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("study/runs/*/result.json")} == results


@pytest.mark.slow
@pytest.mark.parametrize("stack", ["always", "never"])
def test_processes_find_what_this_process_finds_bit_by_bit(tmp_path: Path, stack: Stacking) -> None:
    """In a process of its own, because this one has imported the tests, which its children do not."""
    asked = replace(request(written(tmp_path), tmp_path / "here"), stack=stack)
    here = study_of(asked)
    text = request_json(replace(asked, engine="local", workers=2, folder=str(tmp_path / "there")))
    (tmp_path / "request.json").write_text(text)
    code = (
        "import sys; from netadvise.worker.studying import studied; from netadvise.document.study import study_json;"
        "print(study_json(studied(open(sys.argv[1]).read(), lambda _: None)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "request.json")],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert timeless(study_from_json(ran.stdout)) == timeless(here)


@pytest.mark.parametrize(
    ("change", "what"), [({"forward": "x = x * 1"}, "code"), ({"count": 52}, "data"), ({}, "recipe")]
)
def test_a_study_does_not_go_on_with_something_else(tmp_path: Path, change: dict[str, object], what: str) -> None:
    study_of(request(written(tmp_path), tmp_path / "study"))
    asked = request(written(tmp_path, **change), tmp_path / "study")  # type: ignore[arg-type]
    if what == "recipe":
        asked = replace(asked, recipe=replace(asked.recipe, learning_rate=0.1))
    with pytest.raises(UsageError, match="was begun with another model, other data or another recipe"):
        study_of(asked)


def test_arms_and_limits_may_change(tmp_path: Path) -> None:
    asked = request(written(tmp_path), tmp_path / "study")
    study_of(replace(asked, time_limit=0.0))
    study_of(replace(asked, arms=(), looks=(3,)))


def test_another_study_gets_a_folder_of_its_own_below_the_one_that_is_given(tmp_path: Path) -> None:
    asked = replace(request(written(tmp_path), tmp_path / "studies"), exact_folder=False, arms=())
    one = study_of(asked)
    other = study_of(replace(asked, recipe=replace(asked.recipe, learning_rate=0.1)))
    assert one.ledger != other.ledger
    assert {Path(each.ledger).parent for each in (one, other)} == {tmp_path / "studies"}


def test_a_folder_that_is_in_use_is_left_alone(tmp_path: Path) -> None:
    asked = request(written(tmp_path), tmp_path / "study")
    with held(tmp_path / "study"):
        with pytest.raises(UsageError, match="another netadvise is at work"):
            study_of(asked)
        assert not (tmp_path / "study" / "study.json").exists()


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"schema": "netadvise.study/1"}', '{"schema": "other"}'])
def test_a_study_of_another_version_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "study.json").write_text(content)
    with pytest.raises(UsageError, match="holds no study of this version"):
        study_of(request(written(tmp_path), tmp_path / "study"))


def test_a_network_that_cannot_be_trained_at_all_is_one_error_with_its_place(tmp_path: Path) -> None:
    file = written(tmp_path, forward="assert not self.training, 'not in training'")
    told: list[ProbeProgress] = []
    with pytest.raises(TargetError, match=r"cannot be trained: .*AssertionError: not in training") as caught:
        study_of(request(file, tmp_path / "study"), told)
    assert caught.value.where.endswith("net.py:14")
    assert not any(progress.note for progress in told)


def test_an_arm_that_goes_wrong_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    file = written(tmp_path, forward="assert not any('insert' in name for name, _ in self.named_modules()), 'no'")
    told: list[ProbeProgress] = []
    study = study_of(request(file, tmp_path / "study"), told)
    assert study.baseline is not None
    assert [each.verdict for each in study.evidence] == ["INCONCLUSIVE"]
    assert len(study.failures) == 1 and "AssertionError: no" in study.failures[0]
    assert len([progress for progress in told if "AssertionError" in progress.note]) == 1


def test_a_process_that_loads_something_else_than_the_study_began_with_says_so(tmp_path: Path) -> None:
    asked = replace(request(written(tmp_path), tmp_path / "study"), arms=())
    studied(request_json(asked), lambda _: None)
    check_same(opened(tmp_path / "study"))
    written(tmp_path, forward="x = x * 2")
    changed = opened(tmp_path / "study")
    _ = changed.material
    with pytest.raises(UsageError, match="a training process loaded another network or other data"):
        check_same(changed)


def test_data_that_differ_each_time_are_noticed(tmp_path: Path) -> None:
    more = "import os\ndef other():\n    return Rows(50, int.from_bytes(os.urandom(4), 'big')), Rows(60, 1)"
    file = written(tmp_path, more=more)
    asked = replace(request(file, tmp_path / "study", data="other"), arms=())
    studied(request_json(asked), lambda _: None)
    again = opened(tmp_path / "study")
    with pytest.raises(UsageError, match="another network or other data"):
        check_same(again)


def test_a_session_is_opened_from_its_folder_alone(tmp_path: Path) -> None:
    asked = replace(request(written(tmp_path), tmp_path / "study"), arms=())
    studied(request_json(asked), lambda _: None)
    session = opened(tmp_path / "study")
    assert isinstance(session, Session)
    assert session.request == asked
    with pytest.raises(UsageError, match="there is no study in"):
        opened(tmp_path / "nowhere")


@pytest.mark.slow
def test_a_process_says_in_one_error_that_it_cannot_begin(tmp_path: Path) -> None:
    import multiprocessing

    ours, theirs = Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, str(tmp_path / "nowhere")))
    process.start()
    word, error = ours.recv()
    process.join()
    assert word == "broken"
    assert "there is no study in" in error["message"]
