"""Places inside scalars, as they stand in the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from netadvise.check.places import place_in
from netadvise.check.problems import Problems
from netadvise.check.yaml import Entries, Scalar, read


@pytest.mark.parametrize(
    "text",
    [
        "a: one X two\n",
        "a: 'one X two'\n",
        'a: "one X two"\n',
        "a: 'it''s ''one'' X'\n",
        'a: "tab\\u0041 \\" \\x41 \\\\ X"\n',
        "{b: 1, a: 'one X'}\n",
        "a: é 'ü' X\n",
        "a: >\n  one\n  two X three\n",
        "a: |\n  one\n    two X three\n",
        "a: >-\n\n  one\n  X\n",
        "b: 1\na: |\n  X\n",
        "a: one\n   two X\n",
        "a: 'one\n   two X'\n",
    ],
)
def test_the_place_of_a_letter(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    document = read(path, Problems("x.yaml"))
    assert document is not None
    assert isinstance(document.root, Entries)
    scalar = document.root.get("a")
    assert isinstance(scalar, Scalar)
    line = next(number for number, row in enumerate(text.split("\n"), 1) if "X" in row)
    column = text.split("\n")[line - 1].index("X") + 1
    found = place_in(document.lines, scalar, scalar.text.index("X"))
    assert (found.line, found.column) == (line, column)
