"""Whom a death is put down to."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from netadvise.probe import pool_memory
from netadvise.probe.pool_deaths import ATTEMPTS, KILLS, Deaths

KILLED, CRASHED = -signal.SIGKILL, -signal.SIGSEGV


def test_deaths_are_counted_for_each_run_since_it_last_came_further_than_ever() -> None:
    deaths = Deaths()
    assert [deaths.died("a", step) for step in (0, 5, 5, 3, 6, 0, 6)] == [1, 1, 2, 3, 1, 2, 3]
    assert deaths.died("b", 0) == 1


def test_what_was_killed_from_outside_is_tried_more_often_where_the_kernel_tells_whom_it_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "vmstat"
    monkeypatch.setattr(pool_memory, "_KERNEL", str(told))
    silent = Deaths()
    assert silent.most(KILLED) == silent.most(CRASHED) == ATTEMPTS
    assert not silent.of_starvation(KILLED)
    told.write_text("pgfault 9\noom_kill 2\n")
    telling = Deaths()
    assert (telling.most(KILLED), telling.most(CRASHED), telling.most(KILLED, starved=True)) == (KILLS, 3, 3)


def test_a_process_has_starved_when_the_kernel_has_ended_one_more_since_it_was_last_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "vmstat"
    monkeypatch.setattr(pool_memory, "_KERNEL", str(told))
    told.write_text("oom_kill 2\n")
    deaths = Deaths()
    assert not deaths.of_starvation(KILLED)
    told.write_text("oom_kill 3\n")
    assert not deaths.of_starvation(CRASHED)
    assert deaths.of_starvation(KILLED)
    assert not deaths.of_starvation(KILLED)
