"""Pages: what is in them, what they may do, and that no name of the user's does anything."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html import escape

import pytest

from netadvise.dossier import Dossier, of_dropout, of_kernels, of_lint
from netadvise.render.html import drawing, page
from netadvise.render.html.page import Views
from netadvise.render.text import plain
from netadvise.render.view import View
from tests.render import dropout_sample, lint_sample, suggest_sample
from tests.render.html.reading import read
from tests.render.html.samples import HOSTILE, long_profile, poisoned, whole, whole_page, whole_read
from tests.render.sample import sample

TAGS = set(
    "html head meta title link style script body header main section nav h1 h2 h3 p a button ul li span strong b small "
    "dl dt dd details summary table thead tbody tr th td div figure figcaption label input output select option code "
    "svg g path line text tspan rect".split()
)
SECTIONS = "summary findings network field costs kernels kernel-study study places layers".split()


@pytest.fixture(scope="module")
def hostile() -> str:
    return page(poisoned(whole()))


def test_a_page_with_everything_has_every_section() -> None:
    assert whole_read().sections() == SECTIONS


def test_sections_without_data_are_left_out() -> None:
    profile = replace(sample(), layers=())
    assert read(page(Dossier("0.1.0", "empty", profile))).sections() == ["summary"]
    plain_profile = read(page(Dossier("0.1.0", "small", sample())))
    assert plain_profile.sections() == ["summary", "network", "field", "costs", "layers"]
    textual = replace(sample(), layers=tuple(replace(item, receptive_field=None) for item in sample().layers))
    assert "field" not in read(page(Dossier("0.1.0", "text", textual))).sections()
    assert read(page(of_dropout(dropout_sample.static()))).sections()[-2:] == ["places", "layers"]
    assert "study" in read(page(of_dropout(dropout_sample.gated()))).sections()
    assert "kernels" in read(page(of_kernels(suggest_sample.report()))).sections()


def test_a_lint_run_over_several_models_has_a_table_of_them_and_no_network() -> None:
    found = read(page(of_lint(lint_sample.several())))
    assert found.sections() == ["summary", "findings"]
    assert "nets/broken.py raised ValueError: no" in found.text
    assert {"small", "tiny"} <= {each.text for each in found.all("h3")}


def test_ids_are_unique_and_links_inside_the_page_lead_somewhere() -> None:
    found = whole_read()
    ids = [each.attributes["id"] for each in found.elements if "id" in each.attributes]
    assert len(ids) == len(set(ids))
    inside = {each.attributes["href"] for each in found.all("a") if each.attributes["href"].startswith("#")}
    assert inside
    assert {link.removeprefix("#") for link in inside} <= set(ids)


def test_links_still_lead_somewhere_when_rows_are_left_out() -> None:
    found = read(page(whole(), Views(profile=View(kinds=("linear",)))))
    ids = {each.attributes["id"] for each in found.elements if "id" in each.attributes}
    inside = {each.attributes["href"][1:] for each in found.all("a") if each.attributes["href"].startswith("#")}
    assert inside <= ids


def test_every_plot_has_a_sentence_and_a_table() -> None:
    found = whole_read()
    assert len(found.all("figure")) == len(found.all("figcaption")) >= 6
    assert all(each.text.strip() for each in found.all("figcaption"))
    assert sum("figure" in each.around for each in found.all("table")) == len(found.all("figure"))
    assert all(each.attributes["aria-hidden"] == "true" for each in found.all("svg"))


def test_a_page_says_who_wrote_it_and_fits_a_phone() -> None:
    found = whole_read()
    assert found.meta("generator") == "netadvise 0.1.0"
    assert found.meta("viewport") == "width=device-width, initial-scale=1"
    assert whole_page().startswith('<!doctype html>\n<html lang="en">')


def test_two_pages_of_one_dossier_are_equal() -> None:
    assert page(whole()) == whole_page()


def test_nothing_is_fetched() -> None:
    found = whole_read()
    addresses = [(each.tag, name, value) for each in found.elements for name, value in each.attributes.items()]
    fetching = {"src", "srcset", "data", "poster", "background", "action", "formaction", "ping", "xlink:href"}
    assert not [item for item in addresses if item[1] in fetching]
    assert {each.attributes["href"] for each in found.all("link")} == {"data:,"}
    outside = [each for each in found.all("a") if not each.attributes["href"].startswith("#")]
    assert outside
    for each in outside:
        assert each.attributes["href"].startswith("https://")
        assert each.attributes["rel"] == "noopener noreferrer external"
    assert "url(" not in whole_page()
    assert "@import" not in whole_page()


def test_the_policy_allows_this_style_and_this_script_and_nothing_else() -> None:
    found = whole_read()
    parts = dict(part.strip().split(" ", 1) for part in found.meta("Content-Security-Policy").split(";"))
    assert parts["default-src"] == "'none'"
    assert parts["base-uri"] == parts["form-action"] == "'none'"
    assert "unsafe" not in str(parts)
    for name in ("style", "script"):
        (element,) = found.all(name)
        digest = b64encode(sha256(element.text.encode()).digest()).decode()
        assert parts[f"{name}-src"] == f"'sha256-{digest}'"
    assert not [each for each in found.elements if "style" in each.attributes]


def test_hostile_names_stay_text(hostile: str) -> None:
    found = read(hostile)
    assert {each.tag for each in found.elements} <= TAGS
    assert len(found.all("script")) == 1
    assert found.all("script")[0].text == whole_read().all("script")[0].text
    active = [name for each in found.elements for name in each.attributes if name.startswith("on")]
    assert active == []
    assert "javascript:" not in hostile
    assert "{{ 7*7 }}" in found.text


@pytest.mark.parametrize("section", SECTIONS)
def test_hostile_names_are_shown_in_every_section(hostile: str, section: str) -> None:
    (part,) = [each for each in read(hostile).all("section") if each.attributes["id"] == section]
    shown = plain(HOSTILE)
    assert shown in part.text
    assert hostile.count("<img") == 0
    assert escape(shown, quote=False)[:20] in hostile


def test_control_characters_are_written_out(hostile: str) -> None:
    assert all(sign.isprintable() or sign == "\n" for sign in hostile)
    assert "\\x1b[0m\\u202e" in hostile


@pytest.mark.parametrize(
    "name", ["javascript:alert(1)", "data:text/html,x", 'https://x"onload=alert(1)', "//evil", "http://x"]
)
def test_only_plain_https_sources_become_links(name: str) -> None:
    finding = replace(lint_sample.FINDINGS[0], refs=(name,))
    report = lint_sample.report()
    report = replace(report, models=(replace(report.models[0], findings=(finding,)),))
    found = read(page(of_lint(report)))
    assert name in found.text
    assert all(each.attributes["href"].startswith(("https://arxiv.org", "#")) for each in found.all("a"))


def test_two_thousand_layers_make_a_page_that_a_mail_can_carry() -> None:
    text = page(Dossier("0.1.0", "long", long_profile(2000)))
    assert len(text) < 2_500_000
    assert len(read(text).all("tr")) > 2000


def test_a_small_network_makes_a_small_page() -> None:
    assert len(page(Dossier("0.1.0", "small", sample()))) < 150_000


def test_without_the_plotting_library_tables_stand_in_the_place_of_plots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "find_spec", lambda name: None)
    found = read(page(whole()))
    assert not found.all("svg")
    assert "netadvise[report]" in found.text
    assert sum("figure" in each.around for each in found.all("table")) == len(found.all("figure"))


def test_no_plural_of_one() -> None:
    assert not re.search(r"\b1 (rules|findings|layers|places|alternatives)\b", whole_read().text)
