"""Groups of runs that a session trains in one stack: arms, rates and seeds together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from netadvise.edit import Edit, Insert, Part, Place
from netadvise.probe import grouping
from netadvise.probe.execute import Group
from netadvise.probe.ledger import Ledger
from netadvise.probe.network import in_one_thread
from netadvise.probe.spec import RunSpec
from netadvise.worker.training import Session
from tests.worker.study_source import request, written


def dropout(place: Place, kind: str = "Dropout", p: float = 0.3) -> Insert:
    return Insert(place, (Part(kind, {"p": p}),))


AFTER, BEFORE, CALL = Place("after", "net.1"), Place("before", "net.2"), Place("after-call", "", "relu")
ARMS: tuple[tuple[Edit, ...], ...] = (
    (),
    (dropout(AFTER),),
    (dropout(AFTER, p=0.1), dropout(BEFORE, "AlphaDropout", 0.2)),
    (dropout(CALL, p=0.2),),
)
FORWARD = "x = nn.functional.relu(x)"


def session(folder: Path, **changes: str) -> Session:
    file = written(folder, **{"forward": FORWARD, **changes})  # type: ignore[arg-type]
    return Session(request(file, folder / "study"), Ledger(folder / "study", "key"))


def specs(stack: int, arms: tuple[tuple[Edit, ...], ...] = ARMS) -> Group:
    return tuple(RunSpec(edits, seed, 8, 12, stack=stack) for seed in (0, 1) for edits in arms)


def trained(folder: Path, groups: list[Group]) -> list[bytes]:
    """All arrays of each run."""
    folder.mkdir()
    made = session(folder)
    with in_one_thread():
        for group in groups:
            assert made.train_group(group, lambda _: None) == (None,) * len(group)
    found = [made.ledger.result(spec) for group in groups for spec in group]
    return [b"".join(np.asarray(each).tobytes() for each in (run.losses, run.losses_end)) for run in found if run]


def test_arms_train_in_one_stack_as_they_do_one_by_one_and_in_any_company(tmp_path: Path) -> None:
    whole = specs(8)
    alone = trained(tmp_path / "alone", [specs(0)])
    stacked = trained(tmp_path / "stack", [whole])
    assert len(stacked) == len(alone) == 8
    assert stacked == trained(tmp_path / "parts", [whole[:1], whole[1:4], whole[4:]])
    for one, other in zip(alone, stacked, strict=True):
        np.testing.assert_allclose(np.frombuffer(one), np.frombuffer(other), atol=1e-4)
    assert len(set(stacked)) == 8


def test_a_run_that_cannot_be_built_leaves_the_others(tmp_path: Path) -> None:
    made = session(tmp_path)
    wrong = (dropout(Place("after", "nowhere")),)
    group = specs(6, (*ARMS[:2], wrong))
    outcome = made.train_group(group, lambda _: None)
    assert [failure is None for failure in outcome] == [True, True, False] * 2
    assert "nowhere" in str(outcome[2])
    assert made.ledger.result(group[4]) is not None


def test_what_cannot_be_stacked_after_all_is_trained_one_by_one(tmp_path: Path) -> None:
    made = session(tmp_path, forward="x = x * float(x.abs().sum() > -1)")
    group = specs(4, ARMS[:2])
    assert made.train_group(group, lambda _: None) == (None,) * 4
    assert all(made.ledger.result(spec) is not None for spec in group)


@pytest.mark.parametrize(("stack", "why"), [(0, "as many processes"), (4, "")])
def test_checks_try_a_stack_where_they_are_asked_to(tmp_path: Path, stack: int, why: str) -> None:
    made = session(tmp_path)
    spec = RunSpec((), 0, 0, 0, checks=True, stack=stack)
    assert made.train_group((spec,), lambda _: None) == (None,)
    checks = made.ledger.checks(spec)
    assert checks is not None
    assert why in checks.stacked.refused
    assert checks.stacked.width == stack


def test_a_group_of_a_study_is_what_a_session_trains() -> None:
    plain = [RunSpec(edits, seed, 8, 12) for seed in (0, 1) for edits in ARMS]
    (group,) = grouping.Grouping(grouping.Stacked("", 4, 1.0, 2.0, 32), 1)(plain)
    assert group == specs(8)
    assert {edit.place for edit in grouping.united(group)} == {AFTER, BEFORE, CALL}  # type: ignore[union-attr]
