"""Plots: drawn from plain values, with nothing in them but shapes and words."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from netadvise.errors import InternalError
from netadvise.render.html.drawing import checked, svg

AROUND = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'


def bars(*names: str) -> str:
    values = [{"name": name, "size": index + 1} for index, name in enumerate(names)]
    spec = {
        "data": {"values": values},
        "mark": {"type": "bar", "color": "var(--c1)"},
        "encoding": {
            "y": {"field": "name", "type": "nominal", "sort": None, "axis": {"labelLimit": 4000}},
            "x": {"field": "size", "type": "quantitative"},
        },
    }
    return str(svg(spec))


def test_colours_are_those_of_the_page() -> None:
    assert 'fill="var(--c1)"' in bars("one")


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "</text><image href=x>",
        '"onload="x',
        "a\\u0022\\x1b b",
        "'+alert(1)+'",
        "]]>",
        "&amp;",
    ],
)
def test_a_name_in_a_plot_stays_text(name: str) -> None:
    texts = ["".join(each.itertext()) for each in ElementTree.fromstring(bars(name)).iter("text")]
    assert name in texts


def test_what_cannot_be_seen_is_written_out() -> None:
    assert "\\x00\\ud800\\u202e" in bars("\x00\ud800\u202e")


@pytest.mark.parametrize(
    "part", ["<script/>", "<foreignObject/>", "<use/>", "<image/>", "<style/>", "<a/>", "<animate/>"]
)
def test_an_element_that_is_neither_shape_nor_word_is_refused(part: str) -> None:
    with pytest.raises(InternalError, match="element"):
        checked(AROUND.format(part))


@pytest.mark.parametrize(
    "attribute", ['onload="x"', 'href="x"', 'xlink:href="x"', 'style="x"', 'id="x"', 'class="x"', 'fill="url(#x)"']
)
def test_an_attribute_that_draws_nothing_is_dropped(attribute: str) -> None:
    assert checked(AROUND.format(f'<path d="M0,0" {attribute}/>')).count('<path d="M0,0" />') == 1


def test_what_is_not_well_formed_is_refused() -> None:
    with pytest.raises(InternalError, match="well-formed"):
        checked("<svg>")
