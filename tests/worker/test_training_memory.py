"""Hundreds of runs in one process take no more memory than dozens."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

from netadvise.probe.ledger import Ledger
from netadvise.probe.network import in_one_thread
from netadvise.probe.pool_memory import resident
from netadvise.probe.spec import RunSpec
from netadvise.worker.training import Session
from tests.worker.study_source import arm, request, written

WARM_UP, RUNS = 50, 500
MOST = 20 << 20
"""Bytes by which the process may grow: 40 kB for each run. One whose network and looks were kept would take more."""


@pytest.mark.slow
def test_500_runs_take_no_more_memory_than_50(tmp_path: Path) -> None:
    session = Session(request(written(tmp_path), tmp_path / "study"), Ledger(tmp_path / "study", "key"))
    (tmp_path / "study").mkdir()
    edits = arm().doses[0].edits
    with in_one_thread():
        for number in range(WARM_UP + RUNS):
            spec = RunSpec(edits if number % 2 else (), number, 5, 6)
            assert session.train_group((spec,), lambda _: None) == (None,)
            assert session.ledger.result(spec) is not None
            if number == WARM_UP:
                gc.collect()
                before = resident(os.getpid())
    gc.collect()
    assert resident(os.getpid()) - before < MOST
