"""What trains the runs of a study, and how many of them at a time."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from netadvise.errors import UsageError
from netadvise.probe.execute import Inline
from netadvise.probe.ledger import Ledger
from netadvise.probe.network import check_device
from netadvise.probe.pool import LocalPool
from netadvise.worker import engines
from netadvise.worker.engines import Means, cores, engine_of, nursery_of
from netadvise.worker.training import Session
from tests.worker.study_source import request, written


def session(folder: Path, **given: object) -> Session:
    return Session(request(written(folder), folder / "study", **given), Ledger(folder / "study", "key"))


def test_the_inline_engine_is_one_and_says_nothing(tmp_path: Path) -> None:
    executor, workers, lanes, notes = engine_of(session(tmp_path))
    assert isinstance(executor, Inline) and workers == lanes == 1 and notes == ()


def test_a_pool_has_as_many_processes_as_asked_for_or_as_there_are_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executor, workers, lanes, notes = engine_of(session(tmp_path, engine="local", workers=3))
    assert isinstance(executor, LocalPool)
    assert (executor.room, workers, lanes, notes) == (3, 3, 3, ())
    monkeypatch.setattr(engines, "available", lambda: None)
    assert engine_of(session(tmp_path, engine="local"))[1:] == (cores(), cores(), ())


def test_processes_that_share_a_gpu_leave_it_to_one_stack_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "gpu_memory", lambda: (16 << 30, 16 << 30))
    monkeypatch.setattr(engines, "cores", lambda: 8)
    monkeypatch.setattr(engines, "available", lambda: None)
    made = session(tmp_path, engine="local")
    recipe = replace(made.request.recipe, device="cuda")
    asked = replace(made, request=replace(made.request, recipe=recipe))
    assert engine_of(asked)[1:] == (8, 2, ())


def test_where_memory_is_short_there_are_fewer_and_the_report_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "cores", lambda: 8)
    monkeypatch.setattr(engines, "peak", lambda: 800_000_000)
    monkeypatch.setattr(engines, "available", lambda: 3_500_000_000)
    pool, workers, _, notes = engine_of(session(tmp_path, engine="local"))
    assert (pool.room, workers) == (3, 3)
    assert notes == (
        "3 training processes at a time instead of 8: each takes about 1.0 GB of memory, and 3.5 GB are free "
        "(--workers sets another number)",
    )
    monkeypatch.setattr(engines, "available", lambda: 0)
    assert engine_of(session(tmp_path, engine="local")).notes[0].startswith("1 training process at a time instead of 8")
    assert engine_of(session(tmp_path, engine="local", workers=8))[1:] == (8, 8, ())


def test_only_a_study_that_processes_of_this_machine_train_on_the_processor_has_a_nursery(tmp_path: Path) -> None:
    asked = request(written(tmp_path), tmp_path / "study", engine="local", workers=1)
    assert nursery_of(replace(asked, engine="inline")) is None
    assert nursery_of(replace(asked, recipe=replace(asked.recipe, device="cuda"))) is None
    nursery = nursery_of(asked)
    if sys.platform.startswith("linux"):
        assert nursery is not None
        pool = engine_of(session(tmp_path, engine="local"), Means(nursery)).executor
        pool.close()
        assert not Path(f"/proc/{nursery.pid}").exists()


@pytest.mark.parametrize("device", ["cuda", "cuda:99", "nowhere"])
def test_a_device_that_is_not_there_is_one_clear_error(device: str) -> None:
    if torch.cuda.is_available() and device == "cuda":
        pytest.skip("there is a GPU")
    with pytest.raises(UsageError, match=f"nothing can be trained on the device '{device}' here: .+") as caught:
        check_device(device)
    assert "\n" not in caught.value.message
