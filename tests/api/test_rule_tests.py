"""Examples of rules about training probes: run without torch. Those on networks run in tests/test_rules.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from netadvise.api.rule_tests import run_rule_tests
from tests.check.rulesheet import pack, rule_of_probe, write

WRONG = """\
match: {about: arm}
where: effect > opt.least
options: {least: 0.5}
tests:
  fires:
    - {facts: {about: arm, effect: 0.1}}
    - {facts: {about: arm, effect: 0.1}, options: {least: 0.05}}
  silent:
    - {facts: {about: arm}}
  unknown:
    - {facts: {effect: 1}}
    - {facts: {about: study}}
"""

RUN = """\
import sys
from pathlib import Path
from netadvise.api.rule_tests import run_rule_tests
report = run_rule_tests([Path(sys.argv[1])])
assert len(report.tests) == 2 and not report.failures, report
assert not {"torch", "numpy"} & set(sys.modules)
"""


def test_an_example_that_does_not_come_out_fails(tmp_path: Path) -> None:
    report = run_rule_tests([write(tmp_path, pack(rule_of_probe(WRONG)))])
    assert [(test.expected, test.outcome) for test in report.tests] == [
        ("fires", "silent"),
        ("fires", "fires"),
        ("silent", "unknown"),
        ("unknown", "unknown"),
        ("unknown", "silent"),
    ]
    assert report.tests[2].detail == "effect: not measured"


def test_torch_is_not_imported(tmp_path: Path) -> None:
    file = write(tmp_path, pack(rule_of_probe("where: effect > 0.5")))
    run = subprocess.run([sys.executable, "-c", RUN, str(file)], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
