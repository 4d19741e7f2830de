"""The pre-commit hooks and the GitHub Action: their files are read, and the script is run with a stand-in."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
(STEP,) = ACTION["runs"]["steps"]


def act(folder: Path, code: int = 0, **inputs: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """The action's script with a stand-in for the command, which writes down its arguments and ends with `code`."""
    folder.mkdir(exist_ok=True)
    command = folder / "netadvise"
    command.write_text(
        f'#!/bin/bash\nprintf "%s\\n" "$@" > "{folder}/arguments"\necho report > "{folder}/netadvise.md"\nexit {code}\n'
    )
    command.chmod(0o755)
    given = dict.fromkeys(STEP["env"], "") | inputs
    places = {name: str(folder / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    done = subprocess.run(
        ["bash", "-c", STEP["run"]],
        env={"PATH": f"{folder}:{os.environ['PATH']}", "RUNNER_TEMP": str(folder), **places, **given},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done, (folder / "arguments").read_text().splitlines()


def test_no_input_is_pasted_into_the_script() -> None:
    assert "${{" not in STEP["run"]
    used = re.findall(r"\$\{\{ inputs\.([\w-]+) \}\}", " ".join(STEP["env"].values()) + STEP["working-directory"])
    assert sorted(used) == sorted(ACTION["inputs"])


def test_without_inputs_every_configured_model_is_checked(tmp_path: Path) -> None:
    done, arguments = act(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert arguments == ["lint", "-f", "github", "--"]
    assert (tmp_path / "GITHUB_OUTPUT").read_text() == "exit-code=0\n"


@pytest.mark.parametrize("hostile", ["$(touch pwned)", "`touch pwned`", "; touch pwned", "a b.py", "--fix"])
def test_a_hostile_target_stays_one_argument(tmp_path: Path, hostile: str) -> None:
    _, arguments = act(tmp_path, TARGETS=f"model.py:Net\n{hostile}")
    assert arguments[-3:] == ["--", "model.py:Net", hostile]
    assert not (tmp_path / "pwned").exists()


def test_every_input_reaches_the_command_and_its_exit_code_the_job(tmp_path: Path) -> None:
    inputs = {"FAIL_ON": "error", "SARIF": "out.sarif", "SUMMARY": "true", "ARGUMENTS": "--select\nNRM"}
    done, arguments = act(tmp_path, 1, **inputs)
    assert done.returncode == 1
    report = f"markdown:{tmp_path}/netadvise.md"
    expected = ["--fail-on", "error", "-f", "sarif:out.sarif", "-f", report, "--select", "NRM", "--"]
    assert arguments == ["lint", "-f", "github", *expected]
    assert (tmp_path / "GITHUB_STEP_SUMMARY").read_text() == "report\n"


def test_the_hooks() -> None:
    lint, rules = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert (lint["id"], lint["pass_filenames"], lint["stages"]) == ("netadvise-lint", False, ["pre-push"])
    assert rules["id"] == "netadvise-rules"
    assert re.search(rules["files"], "rules/house.yaml")
    assert not re.search(rules["files"], "docs/rules.md")
