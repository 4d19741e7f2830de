"""One key, one function."""

from __future__ import annotations

import pytest

from netadvise.table import Table


def test_a_missing_key_has_no_function() -> None:
    table: Table = Table("cost")
    assert table.get("conv") is None
    assert "conv" not in table


def test_a_function_may_answer_for_several_keys() -> None:
    table: Table = Table("cost")

    @table("conv", "linear")
    def formula() -> int:
        return 1

    assert (table.get("conv"), table.get("linear")) == (formula, formula)
    assert list(table) == ["conv", "linear"]


def test_a_second_owner_is_refused() -> None:
    table: Table = Table("cost")
    table("conv")(lambda: 1)
    with pytest.raises(ValueError, match="cost: 'conv' already has an answer"):
        table("conv")(lambda: 2)
