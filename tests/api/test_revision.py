"""A revision in a temporary worktree: refusals first, then what is there, and that nothing of it stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from netadvise.api.revision import Revision, checked_out, repository_of, resolved
from netadvise.errors import UsageError
from tests.api.gitted import committed, git, repository, state, written
from tests.cli.command import clean_environment

HOLD = """
import sys, time
from pathlib import Path
from netadvise.api.revision import checked_out, repository_of, resolved
repository = repository_of(Path(sys.argv[1]))
with checked_out(repository, resolved(repository, "HEAD")) as place:
    print(place, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return repository(tmp_path / "repo", {"net.py": "first\n", "sub/other.py": "x\n"})


def test_a_folder_in_no_repository_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(UsageError, match="not a git repository") as caught:
        repository_of(tmp_path)
    assert "netadvise diff OLD NEW" in caught.value.hint


def test_git_that_is_missing_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UsageError, match="not installed"):
        repository_of(folder)


@pytest.mark.parametrize("name", ["nowhere", "--help", "-q", "HEAD:net.py", ""])
def test_what_is_no_commit_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(UsageError, match="git knows no revision"):
        resolved(repository_of(folder), name)


def test_a_shallow_clone_gets_a_hint(folder: Path, tmp_path: Path) -> None:
    committed(folder, {"net.py": "second\n"})
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{folder}", "clone")
    with pytest.raises(UsageError) as caught:
        resolved(repository_of(tmp_path / "clone"), "HEAD~1")
    assert "fetch-depth: 0" in caught.value.hint


def test_a_name_and_its_commit_are_both_told(folder: Path) -> None:
    found = resolved(repository_of(folder), "main")
    assert str(found) == f"main ({found.commit[:10]})"
    assert str(Revision(found.commit[:10], found.commit)) == found.commit[:10]


def test_the_top_is_found_from_below_and_paths_start_there(folder: Path) -> None:
    found = repository_of(folder / "sub")
    assert found.top == folder.resolve()
    assert found.relative(str(folder / "sub" / "other.py")) == "sub/other.py"
    assert found.relative("/elsewhere/other.py") == "/elsewhere/other.py"


def test_files_are_as_they_were_and_the_users_are_left_alone(folder: Path) -> None:
    old = git(folder, "rev-parse", "HEAD").strip()
    committed(folder, {"net.py": "second\n"})
    written(folder, {"net.py": "third, not committed\n", "new.py": "untracked\n"})
    git(folder, "add", "new.py")
    before, found = state(folder), repository_of(folder)
    with checked_out(found, resolved(found, old)) as place:
        assert (place / "net.py").read_text() == "first\n"
        assert not (place / "new.py").exists()
        assert state(folder)[0] == before[0]
        (place / "__pycache__").mkdir()
    assert not place.parent.exists()
    assert state(folder) == before


def test_nothing_stays_after_an_error(folder: Path) -> None:
    before, found = state(folder), repository_of(folder)
    with pytest.raises(KeyboardInterrupt), checked_out(found, resolved(found, "HEAD")) as place:
        raise KeyboardInterrupt
    assert not place.parent.exists()
    assert state(folder) == before


def test_the_index_of_a_hook_is_not_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_INDEX_FILE", str(folder / ".git" / "index"))
    monkeypatch.setenv("GIT_DIR", str(folder / ".git"))
    before, found = (folder / ".git" / "index").read_bytes(), repository_of(folder)
    with checked_out(found, resolved(found, "HEAD")) as place:
        assert (place / "net.py").exists()
    assert (folder / ".git" / "index").read_bytes() == before


def test_hooks_do_not_run(folder: Path) -> None:
    hook = folder / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch '{folder}/hooked'\n")
    hook.chmod(0o755)
    found = repository_of(folder)
    with checked_out(found, resolved(found, "HEAD")):
        pass
    assert not (folder / "hooked").exists()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_stays_of_a_process_that_was_killed(folder: Path, sent: signal.Signals) -> None:
    before = state(folder)
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], env=clean_environment(), stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    with child.stdout:
        place = Path(child.stdout.readline().strip())
        assert (place / "net.py").exists()
        os.kill(child.pid, sent)
        child.wait(timeout=30)
    deadline = time.monotonic() + 30
    while (place.parent.exists() or state(folder) != before) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not place.parent.exists()
    assert state(folder) == before
