"""A process that trains: on the device that it is told, the same runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from netadvise.document.study import request_json, study_file
from netadvise.errors import UsageError
from netadvise.probe.ledger import Ledger, write_study
from netadvise.probe.network import in_one_thread
from netadvise.probe.spec import RunSpec
from netadvise.worker.identity import study_key
from netadvise.worker.serving import check_same, opened
from netadvise.worker.studying import studied
from netadvise.worker.training import Session
from tests.worker.study_source import arm, request, written

SPECS = [RunSpec((), 7, 10, 20), RunSpec(arm().doses[0].edits, 7, 10, 20)]


def begun(folder: Path) -> None:
    """Write down a study, as the driver does before processes train."""
    asked = request(written(folder), folder / "study")
    session = Session(asked, Ledger(folder / "study", ""))
    _ = session.recipe
    (folder / "study").mkdir()
    write_study(folder / "study", study_file(study_key(asked, session.data.fingerprint), asked))


@pytest.mark.parametrize("device", ["cpu:0", "cpu:1"])
def test_a_session_trains_the_same_on_a_device_of_its_own(tmp_path: Path, device: str) -> None:
    begun(tmp_path)
    here, there = opened(tmp_path / "study"), opened(tmp_path / "study", device)
    assert there.material.device == device
    check_same(there)
    there.ledger = Ledger(tmp_path / "other", there.ledger.key)
    silent = lambda _: None  # noqa: E731
    with in_one_thread():
        assert here.train_group(tuple(SPECS), silent) == there.train_group(tuple(SPECS), silent) == (None, None)
    for spec in SPECS:
        one, other = here.ledger.result(spec), there.ledger.result(spec)
        assert one is not None and other is not None
        assert np.array_equal(one.losses_end, other.losses_end) and np.array_equal(one.losses, other.losses)
        assert one.numbers.curve == other.numbers.curve


def test_data_whose_sums_depend_on_the_number_of_threads_are_the_same_in_every_process(tmp_path: Path) -> None:
    more = (
        "def scaled():\n    x = torch.randn(50_000, 8, generator=torch.Generator().manual_seed(0))\n"
        "    x, y = (x - x.mean()) / x.std(), x[:, :3].argmax(1)\n"
        "    return torch.utils.data.TensorDataset(x[:50], y[:50]), torch.utils.data.TensorDataset(x[50:90], y[50:90])"
    )
    asked = replace(request(written(tmp_path, more=more), tmp_path / "study", data="scaled", time_limit=0.0), arms=())
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        studied(request_json(asked), lambda _: None)
    finally:
        torch.set_num_threads(before)
    with in_one_thread():
        session = opened(tmp_path / "study")
        _ = session.material
        check_same(session)


def test_a_study_is_the_same_on_another_gpu_and_another_on_the_processor(tmp_path: Path) -> None:
    asked = request(written(tmp_path), tmp_path / "study")
    keys = {
        device: study_key(replace(asked, recipe=replace(asked.recipe, device=device)), "data")
        for device in ("cpu", "cuda", "cuda:0", "cuda:1", "mps")
    }
    assert keys["cuda"] == keys["cuda:0"] == keys["cuda:1"]
    assert len(set(keys.values())) == 3


def test_a_device_that_is_not_there_is_told_before_anything_is_trained(tmp_path: Path) -> None:
    begun(tmp_path)
    with pytest.raises(UsageError, match="nothing can be trained on the device 'nowhere' here"):
        _ = opened(tmp_path / "study", "nowhere").material
