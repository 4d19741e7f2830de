"""Every format of a suggestion report against its golden file, and what no format may let through."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from netadvise.document.edits import edit_from_document
from netadvise.edit import Affected
from netadvise.graph import Location
from netadvise.render.suggest import SUGGEST_FORMATS, SuggestView
from netadvise.render.suggestions.wording import NOT_MEASURED
from netadvise.suggestion import Rejected, SuggestionReport
from tests.render import suggest_sample as sample
from tests.render.test_lint_formats import HOSTILE
from tests.suggest.made import effect, kernel, rule, suggestion

GOLDEN = Path(__file__).parents[1] / "golden"
CASES: list[tuple[str, str, Callable[[], SuggestionReport], SuggestView]] = [
    ("suggest.txt", "table", sample.report, sample.view()),
    ("suggest-80.txt", "table", sample.report, sample.view(width=80)),
    ("suggest-verbose.txt", "table", sample.report, sample.view(verbose=True)),
    ("suggest-planned.txt", "table", sample.planned, sample.view(top=2)),
    ("suggest-met.txt", "table", sample.met, sample.view(top=1)),
    ("suggest-empty.txt", "table", sample.empty, sample.view()),
    ("suggest-stopped.txt", "table", sample.stopped, sample.view()),
    ("suggest-studied.txt", "table", sample.studied, sample.view(width=100)),
    ("suggest-studied.json", "json", sample.studied, sample.view()),
    ("suggest-studied.md", "markdown", sample.studied, sample.view()),
    ("suggest.json", "json", sample.planned, sample.view()),
    ("suggest.md", "markdown", sample.planned, sample.view()),
]


def rendered(kind: str, report: SuggestionReport, view: SuggestView | None = None) -> str:
    render = SUGGEST_FORMATS.get(kind)
    assert render is not None
    return render(report, view or sample.view())


def hostile() -> SuggestionReport:
    """A report in which every name and message tries to act on whoever reads it."""
    bad = replace(rule("KER901"), name=HOSTILE, title=HOSTILE, why=HOSTILE, refs=(HOSTILE,))
    found = suggestion(HOSTILE, bad, effect(), edits=(kernel(HOSTILE),), said=HOSTILE)
    place = Location(f"{HOSTILE}.py", 3, 2)
    item = replace(found, location=place, message=HOSTILE, text=HOSTILE)
    item = replace(item, tried=replace(item.tried, affected=(Affected(HOSTILE, f"output {HOSTILE}"),)))
    role = replace(sample.ROLES[0], layer=HOSTILE, kind=HOSTILE)
    rejected = Rejected(HOSTILE, (HOSTILE,), place, "KER901", HOSTILE, HOSTILE, (), HOSTILE)
    return replace(
        sample.empty(),
        target=HOSTILE,
        suggestions=(item,),
        roles=(role,),
        rejected=(rejected,),
        notes=(HOSTILE,),
        incomplete=HOSTILE,
    )


def crowded(count: int) -> SuggestionReport:
    """Very many suggestions."""
    items = tuple(suggestion(f"layer.{number}" + "x" * 200, said="y" * 500) for number in range(count))
    rejected = tuple(replace(sample.REJECTED[0], layer=f"r{number}", reason="z" * 900) for number in range(count))
    return replace(sample.empty(), suggestions=items, rejected=rejected)


@pytest.mark.parametrize(("name", "kind", "make", "view"), CASES, ids=[case[0] for case in CASES])
def test_a_format_writes_its_golden_file(
    name: str, kind: str, make: Callable[[], SuggestionReport], view: SuggestView, regild: bool
) -> None:
    text = rendered(kind, make(), view)
    if regild:
        (GOLDEN / name).write_text(text, encoding="utf-8")
    assert text == (GOLDEN / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", list(SUGGEST_FORMATS))
def test_no_format_lets_control_characters_through(kind: str) -> None:
    text = rendered(kind, hostile(), sample.view(verbose=True))
    assert all(sign.isprintable() or sign == "\n" for sign in text)
    text.encode("utf-8")


@pytest.mark.parametrize("kind", list(SUGGEST_FORMATS))
@pytest.mark.parametrize("make", [sample.report, sample.empty, sample.planned])
def test_no_format_is_silent_about_accuracy(kind: str, make: Callable[[], SuggestionReport]) -> None:
    text = rendered(kind, make())
    assert "accuracy" in text.lower()
    assert "not measured" in text
    assert "not measured" in NOT_MEASURED


@pytest.mark.parametrize("kind", ["table", "json", "markdown"])
def test_a_study_of_kernels_does_not_speak_of_dropout(kind: str) -> None:
    text = rendered(kind, sample.studied(), sample.view(verbose=True))
    assert "HURTS" in text
    assert "Accuracy was not measured" not in text
    assert "dropout" not in text.lower()


@pytest.mark.parametrize("kind", list(SUGGEST_FORMATS))
def test_data_without_anything_to_train_are_no_study(kind: str) -> None:
    text = rendered(kind, sample.untrained())
    assert "there is no suggestion to train" in text
    assert "not measured" in text


def test_json_says_what_accuracy_rests_on() -> None:
    assert json.loads(rendered("json", sample.report()))["accuracy"] == "not measured"
    document = json.loads(rendered("json", sample.studied()))
    assert document["accuracy"] == "probes"
    assert document["study"]["effort"] == "confirm"
    trained = [arm["edits"] for arm in document["evidence"]]
    assert trained == [document["suggestions"][number]["edit"] for number in (0, 2, 3)]


@pytest.mark.parametrize("kind", list(SUGGEST_FORMATS))
def test_no_format_is_silent_about_a_report_that_is_incomplete(kind: str) -> None:
    assert "stopped after 2 alternatives of 7" in rendered(kind, sample.stopped())


@pytest.mark.parametrize("kind", list(SUGGEST_FORMATS))
def test_suggestions_that_break_each_other_are_said_to(kind: str) -> None:
    assert "sizes differ: 8 and 16" in rendered(kind, sample.broken())


def test_the_terminal_is_never_left_on_the_right() -> None:
    for line in rendered("table", sample.report(), sample.view(width=80)).splitlines():
        words = line.split()
        assert len(line) <= 92 or len(words[-1]) > 40 or line.lstrip()[0].isdigit() or words[0] in ("or", "#")


def test_json_is_whole_whatever_the_view() -> None:
    assert rendered("json", sample.report(), sample.view(top=1, width=40)) == rendered("json", sample.report())


def test_json_has_the_keys_of_the_contract() -> None:
    document = json.loads(rendered("json", sample.report()))
    assert document["schema"] == "netadvise.suggestions/1"
    assert {"target", "torch", "mode", "inputs", "totals", "layers"} <= set(document)
    assert len(document["suggestions"]) == len(sample.SUGGESTIONS) + len(sample.HIDDEN)
    for found in document["suggestions"]:
        assert {"layer", "location", "edit", "rule", "confidence", "safety", "effect"} <= set(found)
        assert {"params", "macs", "activation_bytes", "receptive_field"} <= set(found["effect"])


def test_edits_can_be_read_back_from_json() -> None:
    document = json.loads(rendered("json", sample.report()))
    for found, item in zip(document["suggestions"], (*sample.SUGGESTIONS, *sample.HIDDEN), strict=True):
        assert tuple(map(edit_from_document, found["edit"])) == item.edits


def test_an_unknown_effect_is_null_with_its_reason() -> None:
    document = json.loads(rendered("json", sample.report()))
    found = document["suggestions"][len(sample.SUGGESTIONS) - 1]["effect"]
    assert found["macs"] is None
    assert found["unknown"]["macs"] == "no formula"


def test_json_is_strict() -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    json.loads(rendered("json", hostile()), parse_constant=refuse)


def test_markdown_fits_in_a_comment() -> None:
    assert len(rendered("markdown", crowded(3_000), sample.view(verbose=True))) < 65_536


def test_markdown_acts_on_no_name() -> None:
    text = rendered("markdown", hostile(), sample.view(verbose=True))
    assert "<script" not in re.sub(r"\\<", "", re.sub(r"`[^`]*`", "", text))
    assert r"\[b\](http" in text


def test_a_cut_table_says_how_much_is_missing() -> None:
    assert "4 suggestions not shown (--top)" in rendered("table", sample.report(), sample.view(top=1))
    assert "and 4 more" in rendered("markdown", sample.report(), sample.view(top=1))
