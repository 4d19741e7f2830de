"""The README's Python runs, and continuous integration runs what the README says; test_shown.py runs its commands."""

from __future__ import annotations

import re
import subprocess
import sys

from netadvise.cli.rules import Known
from tests.documents import README, ROOT

PYTHON = re.compile(r"```python\n(?P<code>.*?)# (?P<output>[^\n]*)\n```", re.DOTALL)


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


def test_the_number_of_rules_is_the_present_one() -> None:
    rules = [rule for rule in Known().book.rules if rule.of_lint]
    assert f"by {len(rules)} rules" in README.read_text().replace("\n", " ")
