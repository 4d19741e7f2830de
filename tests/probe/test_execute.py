"""What every executor does: the same runs under the same ids, with the same numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from netadvise.probe.execute import Done
from tests.probe.executors import EXECUTORS, SPECS, finished, inline, results, train

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", EXECUTORS)
def test_nothing_is_over_when_nothing_was_asked_for(tmp_path: Path, name: str) -> None:
    executor = EXECUTORS[name](tmp_path)
    assert executor.poll(0.1) == []
    assert executor.room >= 1
    executor.cancel()
    executor.cancel(SPECS)
    executor.close()


@pytest.mark.parametrize("name", EXECUTORS)
def test_every_executor_trains_what_a_plain_loop_trains_bit_by_bit(tmp_path: Path, name: str) -> None:
    for spec in SPECS:
        train(str(tmp_path / "loop"), spec)
    executor = EXECUTORS[name](tmp_path / "executor")
    executor.submit((SPECS[0], SPECS[1]))
    for spec in SPECS[2:]:
        executor.submit((spec,))
    over = finished(executor, 4)
    executor.close()
    assert {done.spec for done in over} == set(SPECS) and {done.failure for done in over} == {None}
    assert results(tmp_path / "executor") == results(tmp_path / "loop")
    assert len(results(tmp_path / "loop")) == 4


@pytest.mark.parametrize("name", EXECUTORS)
def test_what_is_cancelled_is_not_trained_and_the_rest_is(tmp_path: Path, name: str) -> None:
    executor = EXECUTORS[name](tmp_path)
    for spec in SPECS:
        executor.submit((spec,))
    executor.cancel(SPECS[:3])
    assert finished(executor, 1) == [Done(SPECS[3])]
    assert executor.poll(0.1) == [] and executor.room >= 1
    executor.close()


def test_inline_trains_one_after_the_other_and_forgets_what_is_cancelled(tmp_path: Path) -> None:
    executor = inline(tmp_path)
    for spec in SPECS:
        executor.submit((spec,))
    assert executor.room == 0
    assert executor.poll(0.0) == [Done(SPECS[0])]
    executor.cancel()
    assert executor.poll(0.0) == []
