"""Message templates, and how facts look in them. What is refused is in hostile.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from netadvise.check.message import LISTS, show
from netadvise.facts import Fact
from netadvise.quantity import Unknown
from netadvise.vocabulary import fields
from tests.check.rulesheet import check
from tests.check.sketch import draw


@pytest.mark.parametrize(
    ("value", "style", "shown"),
    [
        (None, "", "none"),
        (Unknown("why"), ",", "unknown"),
        (True, "", "true"),
        (1234567, "", "1234567"),
        (1234567, ",", "1,234,567"),
        (1234567.0, ",", "1,234,567"),
        (1234.5, ",", "1234"),
        (1234567.0, "", "1234567"),
        (0.3333333, "", "0.3333"),
        (0.25, ".0%", "25%"),
        (0.256, ".1%", "25.6%"),
        (2.5, ".2f", "2.50"),
        (12345.6, ",.0f", "12,346"),
        ((3, 3), "", "3x3"),
        ((1.5, 2), ".1f", "1.5x2.0"),
        ((), "", ""),
        (("batch", "layer"), "", "batch, layer"),
        (tuple(range(20)), "", "0x1x2x3x4x5x6x7x..."),
        ("x" * 300, "", "x" * 200 + "..."),
    ],
)
def test_shown(value: Fact, style: str, shown: str) -> None:
    assert show(value, style) == shown


NET = draw(
    "c conv kernel_size=3x3 params=2000 params_share=0.5 macs=?x\nn norm p=0.1", params=4000, stage_widths=(64, 128)
)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("nothing to fill in", "nothing to fill in"),
        ("{{name}} of 5%", "{name} of 5%"),
        ("{name}: {kernel_size}, {params:,} of {model.params}", "c: 3x3, 2,000 of 4000"),
        ("{params_share:.0%} and {half:.1f}", "50% and 1000.0"),
        ("over {opt.limit:,} at {n.name} (p={n.p})", "over 1,000 at n (p=0.1)"),
        ("{macs}, {groups}, {task.loss}, {train.pretrained}", "unknown, none, unknown, false"),
        ("{block.type}", "none"),
        ("{model.stage_widths}", "64, 128"),
    ],
)
def test_message(message: str, said: str, tmp_path: Path) -> None:
    rule = "match: {op: conv, next: {op: norm, as: n}}\noptions: {limit: 1K}\nlet: {half: params / 2}"
    rule += f'\nmessage: "{message}"'
    assert [hit.message for hit in check(tmp_path, rule, NET).hits] == [said]


def test_what_is_shown_as_a_list_is_a_field() -> None:
    known = {field.name for _, field in fields() if field.type == "numbers"}
    assert not LISTS - known
