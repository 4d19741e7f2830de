"""Finished runs are read once, and no more of them are kept than memory allows."""

from __future__ import annotations

from pathlib import Path

from netadvise.probe.ledger import Ledger
from netadvise.probe.shelf import Shelf
from netadvise.probe.spec import RunSpec
from tests.probe.made_runs import EXAMPLES, run

SPECS = [RunSpec((), seed, 10, 20) for seed in range(5)]
ONE = 4 * 8 * EXAMPLES
"""Bytes of one run."""


def shelf(folder: Path, most: int = 10 * ONE, count: int = 5) -> Shelf:
    ledger = Ledger(folder, "key")
    for spec in SPECS[:count]:
        ledger.begin(spec)
        ledger.keep(spec, run(spec.seed))
    return Shelf(ledger, most)


def test_what_is_not_finished_is_looked_for_again(tmp_path: Path) -> None:
    found = shelf(tmp_path, count=0)
    assert found.result(SPECS[0]) is None
    shelf(tmp_path)
    assert found.result(SPECS[0]) is not None


def test_a_finished_run_is_read_once(tmp_path: Path) -> None:
    found = shelf(tmp_path)
    first = found.result(SPECS[0])
    found.ledger.discard(SPECS[0])
    assert found.result(SPECS[0]) is first is not None


def test_the_runs_that_were_asked_for_longest_ago_make_room(tmp_path: Path) -> None:
    found = shelf(tmp_path, 2 * ONE)
    for spec in (SPECS[0], SPECS[1], SPECS[0], SPECS[2]):
        assert found.result(spec) is not None
    assert list(found.held) == [spec.id("key") for spec in (SPECS[0], SPECS[2])]
    assert found.size == 2 * ONE
    assert found.result(SPECS[1]) is not None


def test_a_run_larger_than_all_that_is_allowed_is_kept_alone(tmp_path: Path) -> None:
    found = shelf(tmp_path, 1)
    for spec in SPECS:
        assert found.result(spec) is not None
    assert len(found.held) == 1
