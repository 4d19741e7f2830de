"""Unknown spreads and has no truth value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netadvise.quantity import Unknown, apply, known, total

quantities = st.lists(st.integers() | st.builds(Unknown, st.text(min_size=1)))


def test_unknown_has_no_truth_value() -> None:
    with pytest.raises(TypeError, match="no formula"):
        bool(Unknown("no formula"))


@given(quantities)
def test_a_total_is_unknown_exactly_when_a_part_is(parts: list[int | Unknown]) -> None:
    gaps = [part for part in parts if isinstance(part, Unknown)]
    assert total(parts) == (gaps[0] if gaps else sum(parts))


@given(quantities)
def test_the_known_part_leaves_gaps_out(parts: list[int | Unknown]) -> None:
    assert known(parts) == sum(part for part in parts if isinstance(part, int))


def test_a_function_of_an_unknown_is_that_unknown() -> None:
    assert apply(str, 3) == "3"
    assert apply(str, Unknown("why")) == Unknown("why")
