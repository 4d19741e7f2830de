"""Every format against its golden file, and what no format may let through."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from netadvise.document import profile_document, profile_from_json
from netadvise.render import FORMATS, View
from tests.render.sample import layer, sample

GOLDEN = Path(__file__).parents[1] / "golden"

CASES = [
    ("small.json", "json", View()),
    ("small.csv", "csv", View()),
    ("small.md", "markdown", View()),
    ("small-80.txt", "table", View(width=80)),
    ("small-200.txt", "table", View(width=200)),
    ("small-depth-2.txt", "table", View(width=120, depth=2)),
    ("small-depth-1.csv", "csv", View(depth=1)),
    ("small-top.md", "markdown", View(top=2, sort="receptive_field", kinds=("conv2d",))),
]

HOSTILE = "\x1b[31mred\x1b[0m \r\n\u202e:fire: [bold]x[/bold] |a| `b` <img src=x> =1+1 \ud800"


def hostile() -> str:
    """A profile whose names try to act on the terminal, the spreadsheet or the page, as JSON text."""
    rows = (layer(HOSTILE, HOSTILE, attrs={HOSTILE: HOSTILE}), layer("=cmd|calc", "@kind"))
    profile = replace(sample(), target=HOSTILE, layers=rows, notes=(HOSTILE,), uncalled_modules=(HOSTILE,))
    return json.dumps(profile_document(profile))


@pytest.mark.parametrize(("name", "kind", "view"), CASES, ids=[case[0] for case in CASES])
def test_a_format_writes_its_golden_file(name: str, kind: str, view: View, regild: bool) -> None:
    render = FORMATS.get(kind)
    assert render is not None
    text = render(sample(), view)
    if regild:
        (GOLDEN / name).write_text(text, encoding="utf-8")
    assert text == (GOLDEN / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", list(FORMATS))
def test_no_format_lets_control_characters_through(kind: str) -> None:
    render = FORMATS.get(kind)
    assert render is not None
    text = render(profile_from_json(hostile()), View())
    assert all(sign.isprintable() or sign == "\n" for sign in text)
    text.encode("utf-8")


@pytest.mark.parametrize("kind", ["table", "markdown"])
def test_markup_in_a_name_stays_text(kind: str) -> None:
    render = FORMATS.get(kind)
    assert render is not None
    text = render(profile_from_json(hostile()), View()).replace("\\", "")
    assert "[bold]x[/bold]" in text
    assert ":fire:" in text


def test_markdown_escapes_what_a_page_would_act_on() -> None:
    render = FORMATS.get("markdown")
    assert render is not None
    text = render(profile_from_json(hostile()), View())
    assert "<img" not in text.replace("\\<img", "")
    assert r"\|a\|" in text
    assert r"\:fire:" in text


def test_a_spreadsheet_does_not_run_a_name() -> None:
    render = FORMATS.get("csv")
    assert render is not None
    rows = list(csv.DictReader(io.StringIO(render(profile_from_json(hostile()), View()))))
    assert rows[1]["name"] == "'=cmd|calc"
    assert rows[1]["kind"] == "'@kind"


def test_csv_leaves_an_unknown_number_empty_and_gives_the_reason() -> None:
    render = FORMATS.get("csv")
    assert render is not None
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(render(sample(), View())))}
    assert rows["natten"]["macs"] == ""
    assert "macs: no formula for natten.na2d" in rows["natten"]["unknown"]
    assert rows["stem"]["macs"] == "36864"


def test_csv_has_exact_numbers() -> None:
    render = FORMATS.get("csv")
    assert render is not None
    rows = list(csv.DictReader(io.StringIO(render(sample(), View()))))
    assert sum(int(row["params"]) for row in rows) == sample().totals.params


def test_json_ignores_the_view() -> None:
    render = FORMATS.get("json")
    assert render is not None
    assert render(sample(), View(top=1, kinds=("Linear",), depth=1)) == render(sample(), View())
