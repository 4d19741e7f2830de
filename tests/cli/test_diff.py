"""`netadvise diff`: refusals first, then reports, conditions, and a target at two revisions."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.api.gitted import repository, state, written
from tests.api.test_comparing import NET, WIDER
from tests.cli.command import ROOT, clean_environment, netadvise
from tests.documents import without_versions

SLOW_TO_IMPORT = "import time\ntime.sleep(60)\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    written(tmp_path, {"old.py": NET, "new.py": "print('a model that prints')\n" + WIDER, "pyproject.toml": ""})
    return tmp_path


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two saved profiles."""
    folder = tmp_path_factory.mktemp("saved")
    written(folder, {"old.py": NET, "new.py": WIDER, "pyproject.toml": ""})
    for name in ("old", "new"):
        done = netadvise("profile", f"{name}.py", "-f", f"json:{name}.json", cwd=folder)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("old.py",), "there is nothing to compare old.py with"),
        (("old.py", "new.py", "old.py"), "diff takes two targets"),
        (("old.py", "new.py", "--base", "main"), "--base compares one target with itself"),
        (("old.py", "new.py", "-f", "sarif"), "there is no format"),
        (("old.py", "new.py", "--fail-if", "params"), "is not a quantity"),
        (("old.py", "new.py", "--select", "XYZ999"), "XYZ999"),
        (("old.py", "--base", "main"), "git"),
        (("gone.json", "new.py"), "cannot read gone.json"),
    ],
)
def test_what_cannot_be_done_is_refused_before_a_model_runs(folder: Path, words: tuple[str, ...], said: str) -> None:
    done = netadvise("diff", *words, cwd=folder, GIT_CEILING_DIRECTORIES=str(folder.parent))
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert done.stdout == ""
    assert "a model that prints" not in done.stderr


def test_a_model_that_is_not_there_exits_with_3(folder: Path) -> None:
    assert netadvise("diff", "old.py", "gone.py", cwd=folder).returncode == 3


def test_help_needs_no_torch(folder: Path) -> None:
    done = netadvise("diff", "--help", cwd=folder)
    assert done.returncode == 0
    assert "--fail-if" in done.stdout


@pytest.mark.slow
def test_every_format_from_one_run(folder: Path) -> None:
    words = ("-f", "table", "-f", "json:d.json", "-f", "markdown:d.md", "--fail-if", "params > +1000%")
    done = netadvise("diff", "old.py", "new.py", *words, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "kernel_size 3x3 -> 5x5" in done.stdout
    assert "does not hold" in done.stdout
    assert "a model that prints" not in done.stdout
    document = json.loads((folder / "d.json").read_text())
    assert document["schema"] == "netadvise.diff/1"
    assert [item["name"] for item in document["layers"] if item["status"] == "edited"] == ["stem"]
    assert document["findings"]["compared"]
    assert "| edited | stem |" in (folder / "d.md").read_text()


@pytest.mark.slow
def test_saved_profiles_need_no_torch(saved: Path) -> None:
    (saved / "torch.py").write_text("raise ImportError('torch is not installed here')\n")
    try:
        done = netadvise("diff", "old.json", "new.json", cwd=saved, PYTHONPATH=f"{saved}{os.pathsep}{ROOT}")
    finally:
        (saved / "torch.py").unlink()
    assert done.returncode == 0, done.stderr
    assert "1 edited" in done.stdout


@pytest.mark.slow
def test_a_saved_profile_and_a_target_are_compared(saved: Path) -> None:
    done = netadvise("diff", "new.json", "old.py", "--no-cache", cwd=saved)
    assert done.returncode == 0, done.stderr
    assert "kernel_size 5x5 -> 3x3" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("condition", "code", "said"),
    [
        ("params > +5%", 1, "failed: params > +5%: 314 -> 698, +122.29 %"),
        ("params > +5M", 0, ""),
        ("new_errors > 0", 0, ""),
    ],
)
def test_a_condition_decides_the_exit_code(saved: Path, condition: str, code: int, said: str) -> None:
    done = netadvise("diff", "old.json", "new.json", "--fail-if", condition, cwd=saved)
    assert done.returncode == code, done.stderr
    assert said in done.stderr


@pytest.mark.slow
def test_a_condition_that_cannot_be_told_exits_with_2(saved: Path) -> None:
    document = json.loads((saved / "new.json").read_text())
    (saved / "bare.json").write_text(json.dumps({key: value for key, value in document.items() if key != "facts"}))
    words = ("--fail-if", "new_errors > 0", "--fail-if", "params > +5%", "-q")
    done = netadvise("diff", "old.json", "bare.json", *words, cwd=saved)
    assert done.returncode == 2
    assert "cannot be told" in done.stderr
    assert "CANNOT BE TOLD" in done.stdout


@pytest.mark.slow
def test_a_revision_leaves_the_repository_alone(tmp_path: Path) -> None:
    folder = repository(tmp_path / "repo", {"net.py": NET, "pyproject.toml": ""})
    written(folder, {"net.py": WIDER})
    before = state(folder)
    done = netadvise("diff", "net.py", "--base", "HEAD", "--fail-if", "params > +5%", "--no-cache", cwd=folder)
    assert done.returncode == 1, done.stderr
    assert "OLD         net.py at HEAD (" in done.stdout
    assert "NEW         net.py\n" in done.stdout
    assert state(folder) == before


@pytest.mark.slow
def test_an_interrupt_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = repository(tmp_path / "repo", {"net.py": SLOW_TO_IMPORT + NET, "pyproject.toml": ""})
    written(folder, {"net.py": NET})
    before, scratch = state(folder), tmp_path / "scratch"
    scratch.mkdir()
    command = [sys.executable, "-m", "netadvise", "diff", "net.py", "--base", "HEAD", "--no-cache"]
    environment = {**clean_environment(), "TMPDIR": str(scratch)}
    child = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 90
    while not list(scratch.glob("netadvise-diff-*/tree/net.py")) and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(0.5)
    child.send_signal(signal.SIGINT)
    out, error = child.communicate(timeout=60)
    assert child.returncode == 130, error
    assert out == b""
    assert b"interrupted" in error
    assert list(scratch.glob("netadvise-diff-*")) == []
    assert state(folder) == before


@pytest.mark.slow
def test_the_example_of_the_documentation_is_what_is_printed() -> None:
    text = (ROOT / "docs" / "diff.md").read_text()
    command, _, shown = text.partition("```console\n$ netadvise ")[2].partition("```")[0].partition("\n")
    done = netadvise(*shlex.split(command), cwd=ROOT)
    assert without_versions(done.stdout) == without_versions(shown)
