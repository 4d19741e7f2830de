"""Three-valued logic: the tables, and laws that hold for any facts."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netadvise.check.logic import both, calculate, choice, compare, conjunction, disjunction, either, opposite, truth
from netadvise.check.types import Frame, View
from netadvise.facts import Fact, Subject
from netadvise.quantity import Unknown

WHY = Unknown("why")
FRAME = Frame(Subject("layer", 0, "", None, None, {}), View(Subject("model", 0, "", None, None, {}), (), {}, {}))
numbers = st.integers(-(10**17), 10**17) | st.floats(allow_nan=False, allow_infinity=False)
truths = st.sampled_from([True, False, None, WHY])
facts = st.none() | numbers | st.just(WHY) | st.lists(numbers, max_size=4).map(tuple)


def test_and() -> None:
    assert both(True, True) is True
    assert both(WHY, False) is False
    assert both(False, WHY) is False
    assert both(True, WHY) is WHY
    assert both(WHY, True) is WHY
    assert both(WHY, WHY) is WHY


def test_or() -> None:
    assert either(False, False) is False
    assert either(WHY, True) is True
    assert either(True, WHY) is True
    assert either(False, WHY) is WHY
    assert either(WHY, False) is WHY


def test_not() -> None:
    assert opposite(True) is False
    assert opposite(False) is True
    assert opposite(WHY) is WHY


def test_none_counts_as_false() -> None:
    assert truth(None) is False


@given(st.lists(truths, min_size=1, max_size=5))
def test_one_false_decides_an_and_and_one_true_an_or(values: list[Fact]) -> None:
    parts = [lambda frame, value=value: value for value in values]
    found_all, found_any = conjunction(parts)(FRAME), disjunction(parts)(FRAME)
    if any(value in (False, None) for value in values if not isinstance(value, Unknown)):
        assert found_all is False
    else:
        assert found_all is (WHY if WHY in values else True)
    if any(value is True for value in values):
        assert found_any is True
    else:
        assert found_any is (WHY if any(value is WHY for value in values) else False)


@given(truths, truths)
def test_de_morgan(left: Fact, right: Fact) -> None:
    one, other = truth(left), truth(right)
    assert opposite(both(one, other)) == either(opposite(one), opposite(other))


def test_a_choice_that_cannot_be_made() -> None:
    assert choice(lambda f: WHY, lambda f: 1, lambda f: 2)(FRAME) is WHY
    assert choice(lambda f: None, lambda f: 1, lambda f: 2)(FRAME) == 2


@pytest.mark.parametrize("name", ["Eq", "NotEq", "Lt", "LtE", "Gt", "GtE"])
def test_nothing_compares_with_what_does_not_apply(name: str) -> None:
    assert compare(name, None, 3) is False
    assert compare(name, 3, None) is False
    assert compare(name, None, WHY) is False
    assert compare(name, WHY, 3) is WHY
    assert compare(name, 3, WHY) is WHY


@given(numbers, numbers)
def test_known_numbers_compare_as_in_python(left: float, right: float) -> None:
    assert compare("Lt", left, right) is (left < right)
    assert compare("LtE", left, right) is (left <= right)
    assert compare("Gt", left, right) is (left > right)
    assert compare("GtE", left, right) is (left >= right)
    assert compare("NotEq", left, right) is (left != right)


def test_a_list_equals_a_number_when_every_entry_does() -> None:
    assert compare("Eq", (3, 3), 3) is True
    assert compare("Eq", 3, (3, 3)) is True
    assert compare("Eq", (3, 5), 3) is False
    assert compare("NotEq", (3, 5), 3) is True
    assert compare("Eq", (), 3) is False
    assert compare("Eq", (3, 5), (3, 5)) is True


def test_arithmetic_goes_by_axis() -> None:
    assert calculate(lambda a, b: a % b, (7, 8), (2, 4)) == (1, 0)
    assert calculate(lambda a, b: a - b, (7, 8), 1) == (6, 7)
    assert calculate(lambda a, b: a - b, 1, (7, 8)) == (-6, -7)
    assert calculate(lambda a, b: a - b, (7, 8), (1, 2, 3)) is None


def test_a_division_by_zero_does_not_apply() -> None:
    assert calculate(lambda a, b: a / b, 1, 0) is None
    assert calculate(lambda a, b: a // b, (4, 2), (2, 0)) is None


def test_numbers_do_not_grow_without_bound() -> None:
    assert calculate(lambda a, b: a * b, 10**200, 10**200) is None
    assert calculate(lambda a, b: a * b, 1e200, 1e200) is None


@given(facts, facts, st.sampled_from([lambda a, b: a + b, lambda a, b: a * b, lambda a, b: a / b, lambda a, b: a % b]))
def test_arithmetic_never_raises_and_stays_finite(left: Fact, right: Fact, function) -> None:  # type: ignore[no-untyped-def]
    found = calculate(function, left, right)
    if left is None or right is None:
        assert found is None
    elif isinstance(left, Unknown) or isinstance(right, Unknown):
        assert found is WHY
    else:
        flat = found if isinstance(found, tuple) else (found,)
        assert all(each is None or math.isfinite(each) for each in flat)
