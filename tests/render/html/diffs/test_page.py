"""The page of a comparison: what is in it, what it may do, and that no name of the user's does anything."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from hashlib import sha256

import pytest

from netadvise.compare import compared
from netadvise.comparison import Comparison, Deltas, FindingsDiff, LayerChange, Side
from netadvise.profiles import Layer
from netadvise.render.diff import DIFF_FORMATS
from netadvise.render.html import drawing
from netadvise.render.text import plain
from tests.compare.made import conv, net, relu, seen
from tests.render import diff_sample as sample
from tests.render.html.reading import Element, Page, read
from tests.render.html.samples import HOSTILE
from tests.render.html.test_page import TAGS
from tests.render.test_diff_formats import hostile

IMAGE = "<img src=x onerror=alert(2)>"
"""Without the dots and slashes that part a name."""


def written(found: Comparison, **view: object) -> str:
    render = DIFF_FORMATS.get("html")
    assert render is not None
    return render(found, sample.view(**view))


def shown(found: Comparison, **view: object) -> Page:
    return read(written(found, **view))


def part(page: Page, section: str) -> str:
    (found,) = [each for each in page.all("section") if each.attributes["id"] == section]
    return " ".join(found.text.split())


def rows(page: Page) -> list[Element]:
    """Those of the tables of layers, with what follows."""
    return [each for each in page.all("tr") if "id" in each.attributes]


def two(old: tuple[Layer, ...], new: tuple[Layer, ...]) -> Comparison:
    return compared(Side("OLD", net(*old)), Side("NEW", net(*new)))


@pytest.fixture(scope="module")
def whole() -> Page:
    return shown(sample.failing())


def test_two_equal_networks_have_a_summary_and_no_plots() -> None:
    page = shown(sample.same())
    assert page.sections() == ["summary", "findings"]
    assert "2 are as they were: the two networks are the same." in part(page, "summary")
    assert "none is new, none is fixed" in part(page, "findings")
    assert "fail-if" not in page.text


def test_a_page_with_everything_has_every_section(whole: Page) -> None:
    assert whole.sections() == ["summary", "layers", "renames", "findings", "costs", "field"]


def test_the_summary_has_the_outcome_the_sums_and_the_cautions(whole: Page) -> None:
    said = part(whole, "summary")
    assert "failed: 2 --fail-if conditions hold, 1 --fail-if condition cannot be told" in said
    cells = [each.text for each in whole.all("td") if "section" in each.around]
    sums = cells[cells.index("parameters") :]
    assert sums[:5] == ["parameters", "5.00 k", "8.28 k", "+3.28 k", "+66 %"]
    assert sums[5:10] == ["MACs", "311 k+?", "516 k+?", "+205 k", ""]
    assert "no formula for natten.na2d" in said
    assert "CAUTION" in said
    for text in sample.CONDITIONS:
        assert text in said
    assert [each.attributes["class"] for each in whole.all("p") if "verdict" in each.attributes.get("class", "")] == [
        "verdict failed",
        "verdict",
    ]


def test_a_condition_that_does_not_hold_is_no_alarm() -> None:
    page = shown(sample.passing())
    assert "passed: no --fail-if condition holds" in part(page, "summary")
    assert not [each for each in page.all("p") if "failed" in each.attributes.get("class", "")]


def test_the_table_has_what_was_done_and_behind_it_what_follows(whole: Page) -> None:
    statuses = [each.text for each in whole.all("td") if "status" in each.attributes.get("class", "")]
    assert statuses == ["edited", "removed", "added", "added", *["follows"] * 7]
    first, gone, *_ = rows(whole)
    assert "Conv2d: kernel_size 3x3 -> 5x5, padding 1x1 -> 2x2" in first.text
    assert "stage1.2.conv (was layer1.2.conv)" in first.text
    assert "5 -> 7" in first.text
    assert "nets/small.py:33:21" in gone.text
    assert "What follows: 7 layers: 1 read other shapes" in part(whole, "layers")
    assert all("details" in each.around for each in rows(whole)[4:])


def test_columns_of_numbers_have_keys_to_sort_by(whole: Page) -> None:
    keys = [each.attributes["data-k"] for each in whole.all("td") if "data-k" in each.attributes]
    assert len(keys) == 4 * len(rows(whole))
    assert keys[:4] == ["3072", "196608", "0", "7"]


def test_verbose_gives_every_layer_a_row_of_the_one_table() -> None:
    page = shown(sample.plain(), verbose=True)
    assert len(rows(page)) == 14
    assert "What follows" not in page.text


def test_layers_of_one_side_have_one_number() -> None:
    page = shown(two((conv("a"),), (conv("a"), conv("b"), relu("c"))))
    statuses = [each.text for each in page.all("td") if "status" in each.attributes.get("class", "")]
    assert statuses == ["added", "added"]
    assert "2 rows over 2 layers" in part(page, "layers")
    assert "field" not in page.sections()


def test_a_name_alone_is_a_rename_and_no_change() -> None:
    page = shown(two((conv("a"), relu("b")), (conv("x"), relu("b"))))
    assert page.sections() == ["summary", "renames", "findings"]
    assert "1 layer under another name, matched all the same" in part(page, "renames")
    assert [each.text for each in page.all("td")][-3:] == ["a", "x", "1"]


def test_findings_say_what_became_of_them(whole: Page) -> None:
    said = part(whole, "findings")
    assert "3 new, 1 fixed, 1 with a renamed layer, 1 of another severity, 4 as before (78 rules)" in said
    badges = [each.text for each in whole.all("span") if each.attributes.get("class") == "badge"]
    assert badges == ["new error", "new advice", "regraded advice -> warning", "moved warning", "fixed warning"]
    assert "layer1.0.act -> stage1.0.act" in said
    assert "cannot be on NEW, where they may hide new findings: XYZ006" in said
    assert "not compared: old.json holds no facts to judge" in part(shown(sample.saved()), "findings")


def test_ids_are_unique_and_links_inside_the_page_lead_somewhere(whole: Page) -> None:
    ids = [each.attributes["id"] for each in whole.elements if "id" in each.attributes]
    assert len(ids) == len(set(ids))
    inside = {each.attributes["href"][1:] for each in whole.all("a") if each.attributes["href"].startswith("#")}
    assert {"l0", "l1"} <= inside <= set(ids)


def test_a_new_finding_leads_to_the_new_layer_of_that_name() -> None:
    gone, came = relu("x"), conv("x")
    layers = (LayerChange("removed", gone, None, Deltas()), LayerChange("added", None, came, Deltas(params=576)))
    found = replace(sample.same(), old=Side("OLD", net(gone)), new=Side("NEW", net(came)), layers=layers)
    change = sample.finding("new", "XYZ001", "error", sample.place("", "x"))
    page = shown(replace(found, findings=FindingsDiff((change,))))
    (link,) = [each for each in page.all("a") if each.text == "x"]
    (row,) = [each for each in rows(page) if "#" + each.attributes["id"] == link.attributes["href"]]
    assert row.text.startswith("added")


def test_every_plot_has_a_sentence_and_a_table(whole: Page) -> None:
    assert len(whole.all("figure")) == len(whole.all("figcaption")) == 3
    assert all(each.text.strip() for each in whole.all("figcaption"))
    assert sum("figure" in each.around for each in whole.all("table")) == 3
    assert all(each.attributes["aria-hidden"] == "true" for each in whole.all("svg"))


def test_without_the_plotting_library_tables_stand_in_the_place_of_plots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "find_spec", lambda name: None)
    page = shown(sample.plain())
    assert not page.all("svg")
    assert sum("figure" in each.around for each in page.all("table")) == 3
    assert "netadvise[report]" in page.text
    assert "netadvise[report]" not in shown(sample.same()).text


def test_nothing_is_fetched_and_the_policy_allows_nothing_else(whole: Page) -> None:
    policy = dict(item.strip().split(" ", 1) for item in whole.meta("Content-Security-Policy").split(";"))
    assert policy["default-src"] == "'none'"
    for name in ("style", "script"):
        (element,) = whole.all(name)
        assert policy[f"{name}-src"] == f"'sha256-{b64encode(sha256(element.text.encode()).digest()).decode()}'"
    names = {name for each in whole.elements for name in each.attributes}
    assert not names & {"src", "srcset", "action", "style", "xlink:href"}
    assert "url(" not in written(sample.failing())


@pytest.mark.parametrize("verbose", [False, True])
def test_hostile_names_stay_text_in_every_section(verbose: bool) -> None:
    found = poisoned()
    text = written(found, verbose=verbose)
    page = read(text)
    assert {each.tag for each in page.elements} <= TAGS
    assert len(page.all("script")) == 1
    assert not [name for each in page.elements for name in each.attributes if name.startswith("on")]
    assert all(sign.isprintable() or sign == "\n" for sign in text)
    assert page.sections() == ["summary", "layers", "renames", "findings", "costs", "field"]
    for section in ("summary", "layers", "findings"):
        assert plain(HOSTILE) in part(page, section), section
    for section in ("renames", "costs", "field"):
        assert IMAGE in part(page, section), section
    assert plain(HOSTILE) in page.all("h1")[0].text


def test_the_hostile_sample_of_the_other_formats_does_nothing_either() -> None:
    page = shown(hostile())
    assert {each.tag for each in page.elements} <= TAGS
    assert len(page.all("script")) == 1


def poisoned() -> Comparison:
    """Hostile names wherever a name may stand, with something to show in every section."""
    old = (conv(f"a{HOSTILE}"), conv(f"c{IMAGE}"), conv("z"), relu("b"))
    new = (
        conv(f"a{HOSTILE}", 5, receptive_field=seen(5)),
        conv(f"c{IMAGE}", 7, receptive_field=seen(11)),
        conv(f"y{IMAGE}"),
        replace(relu("b"), kind=f"K{HOSTILE}"),
    )
    change = sample.finding("new", HOSTILE, "error", replace(sample.place("", HOSTILE), message=HOSTILE))
    found = compared(Side(HOSTILE, net(*old)), Side(HOSTILE, net(*new)))
    return replace(found, findings=FindingsDiff((replace(change, refs=("javascript:alert(1)",)),)), notes=(HOSTILE,))


def test_a_thousand_edited_layers_make_a_page_that_a_mail_can_carry() -> None:
    old = tuple(conv(f"stages.{number // 50}.{number}") for number in range(1000))
    new = tuple(conv(f"stages.{number // 50}.{number}", 5) for number in range(1000))
    found = two(old, new)
    assert len(written(found)) < 400_000
    assert len(written(found, verbose=True)) < 1_500_000
