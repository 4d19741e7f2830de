"""Edits into model files as people write them: nothing but the call changes, or nothing at all."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from netadvise.edit import SetArgs
from netadvise.rewrite import CannotWrite
from netadvise.rewrite.values import same
from tests.rewrite.corpus import Case
from tests.rewrite.corpus_layout import LAYOUT
from tests.rewrite.corpus_refused import REFUSED
from tests.rewrite.corpus_replaced import REPLACED
from tests.rewrite.corpus_structure import STRUCTURE
from tests.rewrite.live import arguments, live, target_of, written

CASES = (*REFUSED, *LAYOUT, *STRUCTURE, *REPLACED)


def name_of(case: Case) -> str:
    return case.name


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_exactly_the_call_changes_or_nothing(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_bytes(case.content)
    outcome = written(path, case.edits, live(path).sites)
    if case.refused:
        assert isinstance(outcome, CannotWrite), outcome
        assert case.refused in outcome.reason
        assert outcome.location is not None
        assert outcome.location.file == str(path)
    else:
        assert outcome == case.expected


@pytest.mark.parametrize("case", [case for case in CASES if not case.refused], ids=name_of)
def test_the_new_file_builds_what_was_asked_for(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_bytes(case.content)
    before = live(path)
    path.write_bytes(case.expected)
    after = live(path)
    for edit in case.edits:
        if isinstance(edit, SetArgs):
            module = target_of(edit, after.network)
            module = module[0] if case.name == "inserted-and-set" else module  # type: ignore[index]
            expected = {**arguments(target_of(edit, before.network)), **edit.args}
            found = arguments(module)
            assert all(same(name, value, expected[name]) for name, value in found.items())  # type: ignore[arg-type]


@pytest.mark.parametrize("case", [case for case in CASES if case.refused], ids=name_of)
def test_the_place_to_change_by_hand_is_a_call(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_bytes(case.content)
    outcome = written(path, case.edits, live(path).sites)
    assert isinstance(outcome, CannotWrite)
    assert outcome.location is not None
    lines = {node.lineno for node in ast.walk(ast.parse(case.content)) if isinstance(node, ast.Call | ast.expr)}
    assert outcome.location.line in lines


def test_there_are_more_than_fifty_files() -> None:
    assert len({case.source for case in CASES}) > 50
    assert len({case.name for case in CASES}) == len(CASES)
