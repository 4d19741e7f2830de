"""Each mechanical bug of `planted.py` is found at its own file, line and column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from netadvise.api.linting import LintRequest, lint_targets

SOURCE = Path(__file__).with_name("planted.py")


@dataclass
class Planted:
    name: str
    shape: str
    context: dict[str, str] = field(default_factory=dict)
    rule: str = ""
    line: int = 0
    column: int = 0


def planted() -> Iterator[Planted]:
    shape, context, current = "", {}, None
    for number, line in enumerate(SOURCE.read_text().splitlines(), 1):
        if line.startswith("# on "):
            shape, context = line.removeprefix("# on "), {}
        elif line.startswith("# with "):
            key, _, value = line.removeprefix("# with ").partition("=")
            context[key] = value
        elif line.startswith("class ") and shape:
            current, shape = Planted(line.split()[1].partition("(")[0], shape, context), ""
        marked = re.search(r"# <- (\w+) at (.+)$", line)
        if marked and current is not None:
            current.rule, current.line = marked[1], number
            current.column = line.index(marked[2]) + 1
            yield current


CASES = list(planted())


def test_every_planted_class_is_marked() -> None:
    classes = re.findall(r"^class (\w+)\(", SOURCE.read_text(), re.MULTILINE)
    assert [case.name for case in CASES] == [name for name in classes if name != "DropPath"]
    assert len(CASES) >= 25


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name}-{case.rule}")
def test_found_at_its_place(case: Planted) -> None:
    request = LintRequest(
        targets=(f"{SOURCE}:{case.name}",), inputs=(case.shape,), context=case.context, in_process=True, cache=False
    )
    report = lint_targets(request)
    found = {
        (finding.rule, hit.location.line, hit.location.column)
        for model in report.models
        for finding in model.findings
        for hit in finding.hits
        if hit.location is not None
    }
    assert (case.rule, case.line, case.column) in found, sorted(found)
