"""Plain scalars: the core schema of YAML 1.2, without its traps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netadvise.check.scalars import LARGEST, ScalarError, resolve, with_suffix


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("False", False), ("null", None), ("~", None), ("", None)]
    + [("0", 0), ("-7", -7), ("+7", 7), ("0.5", 0.5), (".5", 0.5), ("5.", 5.0), ("0x1F", 31), ("0o17", 15)]
    + [("1e6", 1_000_000), ("1e-2", 0.01), ("-1.5e3", -1500.0), ("0e0", 0)],
)
def test_value(text: str, value: object) -> None:
    found = resolve(text)
    assert found == value
    assert isinstance(found, bool) is isinstance(value, bool)


@pytest.mark.parametrize(
    "text", ["no", "yes", "on", "off", "y", "1:30", "2026-11-01", "25M", "1_000", "0b1", "e6", "-", ".", "x"]
)
def test_a_text(text: str) -> None:
    assert resolve(text) == text


@pytest.mark.parametrize(
    "text", ["010", "-007", ".inf", "-.Inf", ".nan", "1e400", "1e18", "1" * 30, "1" * 100_000, "0x" + "f" * 50]
)
def test_refused(text: str) -> None:
    with pytest.raises(ScalarError):
        resolve(text)


def test_whole_numbers_with_an_exponent_are_whole() -> None:
    assert isinstance(resolve("1e6"), int)
    assert isinstance(resolve("1.0"), float)


@pytest.mark.parametrize(
    ("text", "value"),
    [("25M", 25_000_000), ("1.5G", 1_500_000_000), ("10K", 10_000), ("-2T", -2 * 10**12), ("0.0005K", 0.5)],
)
def test_suffix(text: str, value: float) -> None:
    assert with_suffix(text) == value


@pytest.mark.parametrize("text", ["25", "M", "25m", "25 M", "2e3M", "1" * 40 + "M"])
def test_no_suffix(text: str) -> None:
    assert with_suffix(text) is None


def test_a_suffix_on_too_much() -> None:
    with pytest.raises(ScalarError, match="too large"):
        with_suffix("9999999T")


@given(st.text(max_size=40))
def test_any_text_has_a_value_or_is_refused(text: str) -> None:
    try:
        found = resolve(text)
    except ScalarError:
        return
    assert found is None or isinstance(found, bool | str) or abs(found) < LARGEST
