"""Every format of a comparison against its golden file, and what no format may let through."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from netadvise.compare import compared
from netadvise.comparison import Comparison, FindingsDiff, Side
from netadvise.graph import Location
from netadvise.render.diff import DIFF_FORMATS, DiffView
from tests.compare.made import conv, layer, net, relu
from tests.render import diff_sample as sample
from tests.render.test_lint_formats import HOSTILE

GOLDEN = Path(__file__).parents[1] / "golden"
CASES: list[tuple[str, str, Callable[[], Comparison], DiffView]] = [
    ("diff.txt", "table", sample.failing, sample.view()),
    ("diff-80.txt", "table", sample.failing, sample.view(width=80)),
    ("diff-verbose.txt", "table", sample.plain, sample.view(verbose=True)),
    ("diff-same.txt", "table", sample.same, sample.view()),
    ("diff-saved.txt", "table", sample.saved, sample.view()),
    ("diff.json", "json", sample.failing, sample.view()),
    ("diff.md", "markdown", sample.failing, sample.view()),
    ("diff-passing.md", "markdown", sample.passing, sample.view()),
    ("diff-same.md", "markdown", sample.same, sample.view()),
]


def rendered(kind: str, found: Comparison, view: DiffView | None = None) -> str:
    render = DIFF_FORMATS.get(kind)
    assert render is not None
    return render(found, view or sample.view())


def hostile() -> Comparison:
    """A comparison in which every name and message tries to act on whoever reads it."""
    place = Location(f"{HOSTILE}.py", 3, 2)
    old = net(replace(conv(HOSTILE), location=place), layer(f"{HOSTILE}.gone", HOSTILE))
    new = net(
        replace(conv(HOSTILE, 5), location=place, attrs={**conv("a", 5).attrs, HOSTILE: HOSTILE}),
        layer(f"x{HOSTILE}.new", HOSTILE, params=3),
    )
    new = replace(new, inputs=(replace(new.inputs[0], name=HOSTILE),), target=HOSTILE)
    change = sample.finding("new", HOSTILE, "error", replace(sample.place("", HOSTILE), message=HOSTILE))
    change = replace(change, name=HOSTILE, why=HOSTILE, refs=(HOSTILE,))
    found = compared(Side(HOSTILE, old), Side(HOSTILE, new))
    return replace(found, findings=FindingsDiff((change,), untold=((HOSTILE, "error"),)))


def crowded(count: int) -> Comparison:
    """Very many changes with very long names."""
    old = net(*(conv(f"a{number}{'x' * 200}") for number in range(count)))
    new = net(*(replace(conv(f"a{number}{'x' * 200}", 5), location=None) for number in range(count)))
    changes = tuple(
        sample.finding("new", f"XYZ{number}", "error", replace(sample.place("", "y" * 300), message="z" * 900))
        for number in range(count)
    )
    found = compared(Side("o" * 900, old), Side("n" * 900, new))
    return replace(found, findings=FindingsDiff(changes))


@pytest.mark.parametrize(("name", "kind", "make", "view"), CASES, ids=[case[0] for case in CASES])
def test_a_format_writes_its_golden_file(
    name: str, kind: str, make: Callable[[], Comparison], view: DiffView, regild: bool
) -> None:
    text = rendered(kind, make(), view)
    if regild:
        (GOLDEN / name).write_text(text, encoding="utf-8")
    assert text == (GOLDEN / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ["table", "json", "markdown"])
def test_no_format_lets_control_characters_through(kind: str) -> None:
    text = rendered(kind, hostile(), sample.view(verbose=True))
    assert all(sign.isprintable() or sign == "\n" for sign in text)
    text.encode("utf-8")


@pytest.mark.parametrize("kind", ["table", "json", "markdown"])
def test_no_format_is_silent_about_what_is_unknown(kind: str) -> None:
    text = re.sub(r"\\", "", rendered(kind, sample.plain()))
    assert "no formula for natten.na2d" in text
    assert "not compared" in rendered(kind, sample.saved()) or '"compared": false' in rendered(kind, sample.saved())


@pytest.mark.parametrize("kind", ["table", "json", "markdown"])
def test_no_format_is_silent_about_what_fails(kind: str) -> None:
    text = re.sub(r"\\", "", rendered(kind, sample.failing()))
    for condition in sample.CONDITIONS:
        assert condition in text


@pytest.mark.parametrize("kind", ["table", "markdown"])
def test_other_inputs_are_said_before_any_number(kind: str) -> None:
    text = rendered(kind, sample.plain())
    assert text.index("CAUTION") < text.index("parameters  ") if kind == "table" else text.index("| parameters")


def test_json_is_whole_whatever_the_view() -> None:
    assert rendered("json", sample.plain()) == rendered("json", sample.plain(), sample.view(verbose=True, width=40))
    document = json.loads(rendered("json", sample.plain()))
    assert document["schema"] == "netadvise.diff/1"
    assert document["totals"]["macs"]["old"] is None
    assert document["totals"]["macs"]["unknown"].keys() >= {"old", "new"}
    assert {item["status"] for item in document["layers"]} == {"edited", "added", "removed", "follows"}


def test_a_comment_fits() -> None:
    assert len(rendered("markdown", crowded(1000))) < 65_536


def test_markdown_acts_on_no_name() -> None:
    text = rendered("markdown", hostile(), sample.view(verbose=True))
    assert "<script" not in re.sub(r"\\<", "", re.sub(r"`[^`]*`", "", text))
    assert r"\[b\](http" in text


def test_the_same_network_is_said_to_be_the_same() -> None:
    assert "the two networks are the same" in rendered("table", sample.same())
    assert "the same network" in rendered("markdown", sample.same())


def test_a_name_alone_is_no_difference() -> None:
    found = compared(Side("OLD", net(conv("a"), relu("b"))), Side("NEW", net(conv("x"), relu("b"))))
    text = rendered("table", found)
    assert found.identical
    assert "renamed     a -> x" in text
