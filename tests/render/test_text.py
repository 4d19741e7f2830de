"""Numbers and names for people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netadvise.render.text import duration, human, human_bytes, per_axis, percent, plain


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1.00 k"),
        (9_994, "9.99 k"),
        (9_996, "10.0 k"),
        (99_960, "100 k"),
        (999_499, "999 k"),
        (999_500, "1.00 M"),
        (25_557_032, "25.6 M"),
        (4_089_184_256, "4.09 G"),
        (70_553_706_496, "70.6 G"),
        (10**24, "1000000 E"),
    ],
)
def test_human_numbers(number: int, expected: str) -> None:
    assert human(number) == expected


@given(st.integers(min_value=0, max_value=10**18))
def test_a_human_number_is_within_half_a_percent_and_never_four_digits(number: int) -> None:
    text = human(number)
    digits, _, unit = text.partition(" ")
    value = float(digits) * 1000 ** ["", "k", "M", "G", "T", "P", "E"].index(unit)
    assert abs(value - number) <= 0.005 * number
    assert len(digits.replace(".", "")) <= 3


@pytest.mark.parametrize(
    ("number", "expected"), [(0, "0 B"), (512, "512 B"), (1024, "1.02 kB"), (102_228_128, "102 MB")]
)
def test_human_bytes(number: int, expected: str) -> None:
    assert human_bytes(number) == expected


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(0, 0, ""), (0, 5, "0"), (1, 10**6, "<0.1"), (98, 1000, "9.8"), (9960, 100_000, "10"), (5, 5, "100")],
)
def test_percent(part: int, whole: int, expected: str) -> None:
    assert percent(part, whole) == expected


@pytest.mark.parametrize(("sizes", "expected"), [((7,), "7"), ((7, 7), "7"), ((7, 5), "7x5"), ((1, 7, 7), "1x7x7")])
def test_one_number_where_all_axes_agree(sizes: tuple[int, ...], expected: str) -> None:
    assert per_axis(sizes) == expected


@given(st.text(alphabet=st.characters()))
def test_plain_text_is_printable_and_harmless_text_is_unchanged(text: str) -> None:
    assert plain(text).isprintable()
    assert plain(plain(text)) == plain(text)
    if text.isprintable():
        assert plain(text) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (float("nan"), "?"),
        (float("inf"), "?"),
        (-1.0, "?"),
        (0.0, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (119.4, "119 s"),
        (119.6, "2 min"),
        (3600.0, "1 h"),
        (3599.0, "1 h"),
        (4800.0, "1 h 20 min"),
    ],
)
def test_a_duration_is_as_exact_as_it_is_long(seconds: float, text: str) -> None:
    assert duration(seconds) == text
