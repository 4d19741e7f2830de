from __future__ import annotations

from typing import Any

import pytest

from netadvise.kinds import KINDS
from netadvise.measure.flops import PRODUCTS, flops, macs
from netadvise.quantity import Unknown
from tests.measure.sketch import lone

Shape = tuple[int, ...]


def test_an_operator_without_formula_is_unknown_by_name() -> None:
    graph, op = lone("natten.na2d", [("query", (1, 2))], (1, 2), function="na2d")
    assert macs(graph, op) == Unknown("no formula for na2d")
    assert flops(graph, op) == Unknown("no formula for na2d")


@pytest.mark.parametrize(
    "kind", ["conv", "conv_transpose", "linear", "bilinear", "matmul", "attention", "rnn", "rnn_cell"]
)
def test_a_product_recorded_without_operands_is_unknown(kind: str) -> None:
    graph, op = lone(kind, [], (2, 2))
    assert isinstance(macs(graph, op), Unknown)


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - PRODUCTS))
def test_every_other_kind_has_no_macs(kind: str) -> None:
    graph, op = lone(kind, [("input", (2, 3))], (2, 3))
    assert macs(graph, op) == 0
    assert flops(graph, op) == 0


@pytest.mark.parametrize(("registered", "expected"), [(20, 10), (21, 10), (0, 0)])
def test_a_registered_formula_is_flops_and_half_of_it_macs(registered: int, expected: int) -> None:
    graph, op = lone("mine.op", [("input", (2, 3))], (2, 3), registered_flops=registered)
    assert flops(graph, op) == registered
    assert macs(graph, op) == expected


def test_a_registered_formula_does_not_replace_the_formula_of_a_kind() -> None:
    graph, op = lone("linear", [("input", (2, 3)), ("weight", (4, 3))], (2, 4), registered_flops=7)
    assert (macs(graph, op), flops(graph, op)) == (24, 48)


CASES: list[tuple[str, list[tuple[str, Shape]], Shape, dict[str, Any], int, str]] = [
    ("conv", [("input", (2, 3, 8, 8)), ("weight", (4, 3, 3, 3))], (2, 4, 6, 6), {}, 2 * 4 * 36 * 27, "dense"),
    ("conv", [("input", (1, 4, 8)), ("weight", (8, 1, 3))], (1, 8, 6), {"groups": 4}, 8 * 6 * 3, "one channel a group"),
    ("conv", [("input", (3, 8, 8)), ("weight", (4, 3, 1, 1))], (4, 8, 8), {}, 4 * 64 * 3, "no batch axis"),
    ("conv", [("input", (1, 2, 4, 4, 4)), ("weight", (3, 2, 2, 2, 2))], (1, 3, 3, 3, 3), {}, 3 * 27 * 16, "three axes"),
    ("conv_transpose", [("input", (1, 3, 4, 4)), ("weight", (3, 5, 2, 2))], (1, 5, 8, 8), {}, 48 * 20, "not by output"),
    ("conv_transpose", [("input", (1, 4, 4)), ("weight", (4, 2, 3))], (1, 4, 6), {"groups": 2}, 16 * 6, "groups"),
    ("linear", [("input", (2, 5, 8)), ("weight", (3, 8)), ("bias", (3,))], (2, 5, 3), {}, 240, "bias is no MAC"),
    ("linear", [("input", (5, 8)), ("weight", (8,))], (5,), {}, 40, "weight vector"),
    (
        "bilinear",
        [("input1", (5, 3)), ("input2", (5, 4)), ("weight", (6, 3, 4))],
        (5, 6),
        {},
        5 * 6 * 12,
        "all weights",
    ),
    ("matmul", [("input", (3, 4)), ("other", (4, 5))], (3, 5), {}, 60, "matrices"),
    ("matmul", [("input", (5, 7)), ("other", (4, 7, 3))], (4, 5, 3), {}, 420, "left is repeated"),
    ("matmul", [("input", (4, 1, 5, 7)), ("other", (1, 6, 7, 3))], (4, 6, 5, 3), {}, 2520, "both are repeated"),
    ("matmul", [("input", (5, 7)), ("other", (7,))], (5,), {}, 35, "matrix and vector"),
    ("matmul", [("input", (7,)), ("other", (2, 7, 5))], (2, 5), {}, 70, "vector and batch"),
    ("matmul", [("input", (7,)), ("other", (7,))], (), {}, 7, "dot product"),
    ("matmul", [("bias", (3, 5)), ("input", (3, 4)), ("other", (4, 5))], (3, 5), {}, 60, "addmm"),
    (
        "matmul",
        [("bias", (3, 5)), ("input", (2, 3, 4)), ("other", (2, 4, 5))],
        (3, 5),
        {},
        120,
        "addbmm sums its batch",
    ),
    ("attention", [(r, (2, 3, 4, 8)) for r in ("query", "key", "value")], (2, 3, 4, 8), {}, 6 * 16 * 16, "square"),
    (
        "attention",
        [("query", (2, 8, 4, 16)), ("key", (2, 2, 6, 16)), ("value", (2, 2, 6, 12)), ("attn_mask", (4, 6))],
        (2, 8, 4, 12),
        {"enable_gqa": True},
        16 * 24 * 28,
        "fewer key heads, other lengths and widths, a mask",
    ),
    (
        "attention",
        [(r, (4, 8)) for r in ("query", "key", "value")],
        (4, 8),
        {"is_causal": True},
        256,
        "no batch, causal",
    ),
    (
        "rnn",
        [("input", (5, 2, 8)), ("hx", (1, 2, 16)), ("weights", (64, 8)), ("weights", (64, 16)), ("weights", (64,))],
        (5, 2, 16),
        {"mode": "LSTM"},
        10 * 64 * 24,
        "steps times weights, biases left out",
    ),
    (
        "rnn",
        [("input", (7, 8)), ("weights", (48, 8)), ("weights", (48, 16))],
        (7, 16),
        {"mode": "GRU", "batch_sizes": (3, 2, 2)},
        7 * 48 * 24,
        "packed: no work for padding",
    ),
    (
        "rnn",
        [("input", (5, 2, 8)), ("weights", (64, 8)), ("weights", (64, 4)), ("weights", (4, 16))],
        (5, 2, 4),
        {"mode": "LSTM", "proj_size": 4},
        10 * (64 * 12 + 64),
        "projection",
    ),
    (
        "rnn_cell",
        [("input", (2, 8)), ("hx", (2, 16)), ("weight_ih", (48, 8)), ("weight_hh", (48, 16)), ("bias_ih", (48,))],
        (2, 16),
        {"mode": "GRU"},
        2 * 48 * 24,
        "one step",
    ),
    ("embedding", [("input", (2, 5)), ("weight", (30, 4))], (2, 5, 4), {}, 0, "a look-up"),
]


@pytest.mark.parametrize(
    ("kind", "operands", "output", "attrs", "expected", "reason"), CASES, ids=lambda x: str(x)[:30]
)
def test_macs(
    kind: str, operands: list[tuple[str, Shape]], output: Shape, attrs: dict[str, Any], expected: int, reason: str
) -> None:
    graph, op = lone(kind, operands, output, **attrs)
    assert macs(graph, op) == expected, reason
    assert flops(graph, op) == 2 * expected
