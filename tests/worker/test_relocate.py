"""Running on a copy of a tree: what is no part of it stays, what is moves over."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from netadvise.worker.relocate import relocate


@pytest.fixture(autouse=True)
def restored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))


def test_a_request_that_asks_for_nothing_changes_nothing() -> None:
    before = (Path.cwd(), list(sys.path))
    relocate("", "", "")
    assert (Path.cwd(), sys.path) == before


def test_entries_inside_the_original_are_those_of_the_copy(tmp_path: Path) -> None:
    original, copy = tmp_path / "repo", tmp_path / "copy"
    for folder in (original / "src", original / ".venv" / "site-packages", copy / "src", tmp_path / "repository"):
        folder.mkdir(parents=True)
    kept = [str(original / ".venv" / "site-packages"), str(tmp_path / "repository"), "/usr/lib/python3"]
    sys.path[:] = [str(original / "src"), str(original), *kept]
    relocate(str(copy), str(original), str(copy))
    assert sys.path == [str(copy / "src"), str(copy), *kept]
    assert os.path.samefile(Path.cwd(), copy)
