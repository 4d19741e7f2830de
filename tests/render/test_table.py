"""The table at every width: nothing wraps, the columns that matter stay."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len

from netadvise.render import View
from netadvise.render.table import table
from tests.render.sample import layer, sample


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200])
def test_no_line_is_wider_than_the_width(width: int) -> None:
    assert max(cell_len(line) for line in table(sample(), View(width=width)).splitlines()) <= width


@pytest.mark.parametrize("width", [80, 200])
def test_the_columns_that_a_reader_needs_are_there(width: int) -> None:
    header = next(line for line in table(sample(), View(width=width)).splitlines() if line.startswith("layer"))
    assert {"layer", "kind", "output", "params", "MACs", "field"} <= set(header.split())


def test_the_source_line_is_there_on_200_columns() -> None:
    assert "nets/small.py:10" in table(sample(), View(width=200))


def test_without_a_width_nothing_is_cut() -> None:
    name = "encoder." * 30 + "conv"
    text = table(replace(sample(), layers=(layer(name, "Conv2d"),)), View())
    assert name in text
    assert "…" not in text


def test_a_long_name_keeps_its_end() -> None:
    text = table(replace(sample(), layers=(layer("encoder." * 30 + "conv", "Conv2d"),)), View(width=80))
    assert "….encoder.conv" in text.replace("…ncoder.", "….encoder.") or ".conv " in text


def test_wide_characters_are_counted_as_two_cells() -> None:
    layers = (layer("层" * 40, "卷积"), layer("b", "add"))
    text = table(replace(sample(), layers=layers), View(width=80))
    assert max(cell_len(line) for line in text.splitlines()) <= 80


def test_an_inferred_input_is_marked_as_such() -> None:
    assert "INFERRED" in table(sample(), View(width=80))


def test_a_gap_is_stated_with_its_op_count_and_line() -> None:
    assert "macs leaves out natten.na2d at nets/small.py:33: no formula" in table(sample(), View())


def test_no_layer_matches() -> None:
    assert "no layer matches" in table(sample(), View(names=("nothing",)))


def test_a_filtered_table_says_that_totals_are_of_the_whole_network() -> None:
    text = table(sample(), View(kinds=("Linear",)))
    assert "1 row over 1 of 11 layers; totals are of the whole network" in text
    assert "2,970" in text


def test_a_field_through_a_side_path_is_marked_and_its_culprit_named() -> None:
    text = table(sample(), View())
    assert " 9*" in text
    assert "sees the whole input, through gate" in text


def test_marks_that_do_not_occur_are_not_explained() -> None:
    text = table(sample(), View(names=("head",)))
    assert "besides" not in text
    assert "alternates" not in text
