"""The recipes of docs/ci.md run, but for what they install: in a clone, on a branch that made the network dearer."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from tests import warm
from tests.documents import DOCS, ROOT, blocks

CI = DOCS / "ci.md"
MODEL = """
import torch
from torch import nn

class Net(nn.Sequential):
    example_inputs = torch.zeros(1, 64)

    def __init__(self):
        super().__init__(nn.Linear(64, {width}), nn.ReLU(), nn.Linear({width}, 4))
"""
IDENTITY = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"]


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *IDENTITY, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone whose branch has three times the width of its origin's main."""
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    origin.mkdir()
    git(origin, "init", "-q", "-b", "main")
    (origin / "model.py").write_text(MODEL.format(width=8))
    (origin / "pyproject.toml").write_text('[[tool.netadvise.models]]\ntarget = "model.py:Net"\n')
    git(origin, "add", ".")
    git(origin, "commit", "-q", "-m", "one")
    git(tmp_path, "clone", "-q", str(origin), str(clone))
    git(clone, "checkout", "-q", "-b", "wider")
    (clone / "model.py").write_text(MODEL.format(width=24))
    git(clone, "commit", "-q", "-a", "-m", "three times as wide")
    return clone


def run(script: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """The script without its installation, with the netadvise that is tested."""
    assert "pip install" in script
    defined = 'netadvise() { "$PYTHON" -m netadvise "$@"; }; pip() { true; };'
    environment = {**os.environ, "PYTHON": warm.python(), "PYTHONPATH": str(ROOT), "COLUMNS": "80", **variables}
    command = ["bash", "-c", f"{defined}\n{script}"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def the(language: str, start: str) -> str:
    (found,) = [block.text for block in blocks(CI) if block.language == language and block.text.startswith(start)]
    return found


def check(done: subprocess.CompletedProcess[str], clone: Path, *written: str) -> None:
    """Lint found nothing, and the MACs are more than the recipe allows: the script ends with 1, and says why."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert "no findings; passed" in done.stdout
    assert "macs > +10%" in done.stderr
    assert "8 -> 24" in (clone / "diff.md").read_text()
    assert all((clone / name).is_file() for name in written)


@pytest.mark.slow
def test_the_plain_shell(clone: Path) -> None:
    check(run(the("sh", "#!/usr/bin/env bash"), clone), clone, "lint.sarif")


@pytest.mark.slow
def test_gitlab(clone: Path) -> None:
    job = yaml.safe_load(the("yaml", "netadvise:"))["netadvise"]
    variables = {**job["variables"], "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main"}
    done = run("\n".join(["set -e", *job["script"]]), clone, **variables)
    check(done, clone, *job["artifacts"]["reports"].values(), *job["artifacts"]["paths"])


@pytest.mark.slow
def test_the_comparison_of_the_github_workflow(clone: Path) -> None:
    (job,) = yaml.safe_load(the("yaml", "name: netadvise"))["jobs"].values()
    (install,) = [step["run"] for step in job["steps"] if "pip install" in step.get("run", "")]
    (compare,) = [step["run"] for step in job["steps"] if "netadvise diff" in step.get("run", "")]
    done = run(f"{install}\nnetadvise lint\n{compare}", clone, GITHUB_BASE_REF="main")
    check(done, clone)


def test_every_recipe_is_yaml() -> None:
    for block in blocks(CI):
        if block.language == "yaml":
            assert yaml.safe_load(block.text)
