from __future__ import annotations

import pytest

from netadvise.measure.einsum import Contraction, contraction
from netadvise.quantity import Unknown


def test_an_equation_for_other_operands_is_unknown() -> None:
    assert isinstance(contraction("ij,jk->ik", [(2, 3)]), Unknown)


@pytest.mark.parametrize(
    ("equation", "shapes", "expected", "reason"),
    [
        ("ij->ji", [(2, 3)], Contraction(0, 0), "a permutation is no work"),
        ("ii->i", [(3, 3)], Contraction(0, 0), "nor is a diagonal"),
        ("ij->i", [(2, 3)], Contraction(0, 6), "a sum adds every element"),
        ("i,j->ij", [(2,), (3,)], Contraction(0, 6), "an outer product is element-wise"),
        ("bi,bi->bi", [(2, 3), (2, 3)], Contraction(0, 6), "an element-wise product"),
        ("i,i->", [(5,), (5,)], Contraction(5, 0), "a dot product"),
        ("ij,jk->ik", [(2, 3), (3, 4)], Contraction(24, 0), "a matrix product"),
        ("ij,jk", [(2, 3), (3, 4)], Contraction(24, 0), "implicit output: labels that occur once"),
        (" b i j , b j k -> b i k ", [(5, 2, 3), (5, 3, 4)], Contraction(120, 0), "spaces do not matter"),
        ("...ij,...jk->...ik", [(5, 6, 2, 3), (6, 3, 4)], Contraction(5 * 6 * 24, 0), "an ellipsis broadcasts"),
        ("...ij,jk", [(5, 2, 3), (3, 4)], Contraction(120, 0), "an ellipsis in the implicit output"),
        ("ijk,jl->il", [(2, 3, 4), (3, 5)], Contraction(2 * 3 * 5, 24), "k is summed before the product"),
        ("ij,jk->ik", [(2, 1), (1, 4)], Contraction(0, 8), "an axis of one is not contracted"),
        ("bj,jk->bk", [(2, 1), (3, 4)], Contraction(0, 12 + 8), "a broadcast axis is summed on the other side"),
        ("ij,jk,kl->il", [(2, 3), (3, 4), (4, 5)], Contraction(24 + 40, 0), "from left to right"),
        ("i,j,ij->", [(2,), (3,), (2, 3)], Contraction(6, 6), "an outer product, then contracted"),
    ],
)
def test_work(equation: str, shapes: list[tuple[int, ...]], expected: Contraction, reason: str) -> None:
    assert contraction(equation, shapes) == expected, reason
