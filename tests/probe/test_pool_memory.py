"""What processes take, and how many of them there is memory for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netadvise.probe import pool_memory
from netadvise.probe.pool_memory import affordable, ended_for_memory, has_leaked, needed, peak, resident

MB = 1 << 20


def test_what_is_not_told_is_no_leak() -> None:
    assert resident(2**22 + 1) == 0
    assert not has_leaked(0, 10**12)
    assert not has_leaked(10**12, 0)


def test_a_process_takes_what_it_has_made() -> None:
    before = resident(os.getpid())
    made = b"x" * (100 * MB)
    assert 90 * MB < resident(os.getpid()) - before < 110 * MB
    assert peak() > len(made)


@pytest.mark.parametrize(
    ("first", "now", "leaked"),
    [(100, 390, False), (100, 410, True), (1000, 1490, False), (1000, 1510, True), (1000, 900, False)],
)
def test_a_leak_is_half_as_much_again_and_300_mb_at_least(first: int, now: int, leaked: bool) -> None:
    assert has_leaked(first * MB, now * MB) == leaked


def test_the_kernel_tells_whom_it_ended_or_it_is_not_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "vmstat"
    monkeypatch.setattr(pool_memory, "_KERNEL", str(told))
    assert ended_for_memory() is None
    told.write_text("nr_oom_kill 1\n")
    assert ended_for_memory() is None
    told.write_text("pgfault 5\noom_kill 0\n")
    assert ended_for_memory() == 0


def test_processes_are_as_many_as_there_is_memory_for() -> None:
    assert affordable(8, 500, None) == 8
    assert affordable(8, 500, 100_000) == 8
    assert affordable(8, 500, 1_700) == 3
    assert affordable(8, 500, 3) == 1
    assert needed(0, 0) == 150 * MB
    assert needed(1000 * MB, 10 * MB) == 1330 * MB


@given(st.integers(1, 512), st.integers(1, 10**12), st.integers(0, 10**13))
def test_one_process_there_always_is_and_more_only_where_all_fit(wanted: int, each: int, free: int) -> None:
    count = affordable(wanted, each, free)
    assert 1 <= count <= wanted
    assert count == 1 or count * each <= free
    assert count == wanted or (count + 1) * each > free
