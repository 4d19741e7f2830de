"""The underline stands under the call, whatever the line holds."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from netadvise.graph import Location
from netadvise.render.findings.excerpt import excerpt
from netadvise.render.findings.spans import Span, span
from netadvise.render.lint import LintView

LONG = "x = " + "[" + "1, " * 100 + "nn.ReLU(), " + "2, " * 100 + "]"
CASES = [
    ("self.a = nn.ReLU()", 10, "nn.ReLU()"),
    ("\tself.a =\tnn.ReLU()", 11, "nn.ReLU()"),
    ("größe = 名前, nn.ReLU()", 13, "nn.ReLU()"),
    ("nn.ReLU()(x).sum()", 1, "nn.ReLU()"),
    (LONG, LONG.index("nn.") + 1, "nn.ReLU()"),
]


def shown(line: str, column: int | None, width: int | None = None) -> list[str]:
    view = LintView(width=width, sources={"a.py": (line.strip("\n"),)})
    return list(excerpt(Location("a.py", 1, column), "error", view))


def test_nothing_is_shown_without_the_source() -> None:
    assert list(excerpt(Location("b.py", 1, 1), "error", LintView(sources={"a.py": ("x",)}))) == []
    assert list(excerpt(Location("a.py", 2, 1), "error", LintView(sources={"a.py": ("x",)}))) == []


@pytest.mark.parametrize("width", [None, 40, 80])
@pytest.mark.parametrize(("line", "column", "call"), CASES, ids=range(len(CASES)))
def test_the_call_is_underlined(line: str, column: int, call: str, width: int | None) -> None:
    code = line if not line.startswith("\t") else f"if 1:\n{line}"
    view = LintView(width=width, sources={"a.py": tuple(code.split("\n"))})
    at = Location("a.py", len(code.split("\n")), column)
    _, text, under = excerpt(at, "error", view)
    before, carets = under[: under.index("^")], under[under.index("^") :]
    assert carets == "^" * len(call)
    assert _column(text, call) == cell_len(before)
    assert width is None or cell_len(text) <= width


def _column(text: str, call: str) -> int:
    return cell_len(text[: text.index(call)])


def test_a_call_on_several_lines_is_underlined_to_the_end_of_the_first() -> None:
    view = LintView(sources={"a.py": ("x = nn.Linear(  ", "    3, 4)")})
    _, _, under = excerpt(Location("a.py", 1, 5), "error", view)
    assert under.count("^") == len("nn.Linear(")
    assert span(Location("a.py", 1, 5), view) == Span(1, 5, 2, 10)


def test_a_line_without_a_column_is_underlined_as_a_whole() -> None:
    _, _, under = shown("    y = F.relu(x)  ", None)
    assert under.count("^") == len("y = F.relu(x)")


def test_a_file_that_is_no_python_still_has_a_caret() -> None:
    _, _, under = shown("def (", 3)
    assert under.endswith("  ^") and under.count("^") == 1


def test_control_characters_of_the_source_stay_out() -> None:
    assert "\x1b" not in "".join(shown("x = 1 # \x1b[31m", 1))
