"""The README shows what the program prints, and continuous integration runs what the README says.

`pytest --regild tests/test_readme.py` writes the present output into the README.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
PYTHON = re.compile(r"```python\n(?P<code>.*?)# (?P<output>[^\n]*)\n```", re.DOTALL)


def shown() -> dict[str, str]:
    """The output in the README of each command line in it."""
    text = README.read_text()
    found = re.finditer(r"```console\n\$ netadvise ([^\n]*)\n(.*?)```\n", text, re.DOTALL)
    return {match[1]: match[2] for match in found}


def printed(arguments: str) -> str:
    """What the command prints on stdout; a lint looks at the model itself, and may find something."""
    words = shlex.split(arguments)
    linted = words[0] == "lint" and "--help" not in words
    command = [sys.executable, "-m", "netadvise", *words, *(["--no-cache"] if linted else [])]
    environment = {**os.environ, "COLUMNS": "80"}
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == (1 if linted else 0), result.stderr
    return "".join(f"{line.rstrip()}\n" for line in result.stdout.splitlines())


def without_versions(text: str) -> str:
    return re.sub(r"torch \d[\w.+]*", "torch", text)


@pytest.mark.parametrize("arguments", sorted(shown()))
def test_the_output_shown_is_what_is_printed(arguments: str, regild: bool) -> None:
    block = "```console\n$ netadvise {}\n{}```\n"
    before, now = shown()[arguments], printed(arguments)
    if regild:
        README.write_text(README.read_text().replace(block.format(arguments, before), block.format(arguments, now)))
    else:
        assert without_versions(before) == without_versions(now)


def test_the_help_of_every_documented_command_is_shown() -> None:
    assert {"profile --help", "lint --help", "suggest-kernels --help"} <= shown().keys()


def test_the_python_example_prints_what_it_says() -> None:
    (example,) = PYTHON.finditer(README.read_text())
    command = [sys.executable, "-c", example["code"]]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.stdout == example["output"] + "\n", result.stderr


def test_continuous_integration_runs_the_second_command() -> None:
    second = next(line for line in README.read_text().splitlines() if "python -m pytest" in line)
    script = (ROOT / ".ci" / "run").read_text().splitlines()
    steps = [step for step in second.split(" && ") if step.startswith(("pip install", "python -m"))]
    assert len(steps) == 2
    assert [line for line in script if line.replace(" --quiet", "") in steps] == [
        line for line in script if "pip install" in line or "pytest" in line
    ]


def test_links_lead_somewhere() -> None:
    for document in (README, *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"
