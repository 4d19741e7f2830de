from __future__ import annotations

from typing import Any

import pytest

from netadvise.kinds import KINDS
from netadvise.measure.other_ops import KINDS_ANSWERED, other_ops
from netadvise.quantity import Unknown
from tests.measure.sketch import lone

IMAGE = (2, 4, 8, 8)
ELEMENTS = 2 * 4 * 8 * 8
AFFINE = [("input", IMAGE), ("weight", (4,)), ("bias", (4,))]
RNN = [("input", (5, 2, 8)), ("weights", (64, 8)), ("weights", (64, 16)), ("weights", (64,)), ("weights", (64,))]
CELL = [("input", (2, 8)), ("hx", (2, 16)), ("weight_ih", (48, 8)), ("weight_hh", (48, 16)), ("bias_ih", (48,))]


def test_every_kind_has_an_answer() -> None:
    assert set(KINDS) == KINDS_ANSWERED


def test_an_operator_without_formula_is_unknown_by_name() -> None:
    graph, op = lone("mine.op", [("input", IMAGE)], IMAGE, function="op")
    assert other_ops(graph, op) == Unknown("no formula for op")


def test_registered_flops_hold_all_the_work_of_an_operator() -> None:
    graph, op = lone("mine.op", [("input", IMAGE)], IMAGE, registered_flops=10)
    assert other_ops(graph, op) == 0


def test_a_loss_without_convention_is_unknown() -> None:
    graph, op = lone("loss", [("input", (3, 4))], (), function="ctc_loss")
    assert isinstance(other_ops(graph, op), Unknown)


@pytest.mark.parametrize(
    "kind",
    "view permute expand repeat slice select split cat stack flip roll index setitem write_through copy as_strided pad "
    "pixel_shuffle pixel_unshuffle channel_shuffle unfold max_unpool factory random shape_only item".split(),
)
def test_moving_and_making_elements_is_no_work(kind: str) -> None:
    graph, op = lone(kind, [("input", IMAGE)], IMAGE)
    assert other_ops(graph, op) == 0


@pytest.mark.parametrize(
    ("kind", "operands", "output", "attrs", "expected", "reason"),
    [
        ("conv", [("input", IMAGE), ("weight", (6, 4, 3, 3))], (2, 6, 6, 6), {}, 0, "no bias"),
        ("conv", [*AFFINE[:1], ("weight", (6, 4, 3, 3)), ("bias", (6,))], (2, 6, 6, 6), {}, 432, "bias"),
        ("linear", [("input", (5, 8)), ("weight", (3, 8)), ("bias", (3,))], (5, 3), {}, 15, "bias"),
        ("matmul", [("input", (5, 8)), ("other", (8, 3)), ("bias", (3,))], (5, 3), {}, 15, "addmm"),
        (
            "bilinear",
            [("input1", (5, 3)), ("input2", (5, 4)), ("weight", (6, 3, 4))],
            (5, 6),
            {},
            360,
            "input products",
        ),
        (
            "attention",
            [(r, (2, 3, 4, 8)) for r in ("query", "key", "value")],
            (2, 3, 4, 8),
            {},
            6 * 96,
            "softmax, scale",
        ),
        ("rnn", RNN, (5, 2, 16), {"mode": "LSTM", "num_layers": 1, "hidden_size": 16}, 10 * (128 + 16 * 13), "LSTM"),
        ("rnn", RNN[:2], (5, 2, 32), {"mode": "RNN_TANH", "num_layers": 1, "hidden_size": 64}, 10 * 128, "no biases"),
        ("rnn_cell", CELL, (2, 16), {"mode": "GRU"}, 2 * (48 + 16 * 11), "GRU"),
        ("embedding", [("input", (2, 5)), ("weight", (30, 4))], (2, 5, 4), {}, 0, "a look-up"),
        ("embedding", [("input", (2, 5)), ("weight", (30, 4))], (2, 4), {"mode": 1}, 40, "a bag sums"),
        ("activation", AFFINE[:1], IMAGE, {}, ELEMENTS, "whatever the function"),
        ("add", [("input", (4, 1)), ("other", (1, 5))], (4, 5), {}, 20, "by output, after broadcasting"),
        ("softmax", AFFINE[:1], IMAGE, {}, 5 * ELEMENTS, "five steps"),
        ("batch_norm", AFFINE, IMAGE, {"training": False}, 2 * ELEMENTS, "fixed statistics"),
        ("batch_norm", AFFINE, IMAGE, {"training": True}, 8 * ELEMENTS, "statistics of the batch"),
        ("instance_norm", AFFINE[:1], IMAGE, {"use_input_stats": True}, 6 * ELEMENTS, "no affine"),
        ("instance_norm", AFFINE, IMAGE, {"use_input_stats": False}, 2 * ELEMENTS, "fixed statistics"),
        ("group_norm", AFFINE, IMAGE, {}, 8 * ELEMENTS, "statistics and affine"),
        ("layer_norm", AFFINE[:2], IMAGE, {}, 7 * ELEMENTS, "weight alone"),
        ("rms_norm", AFFINE[:2], IMAGE, {}, 4 * ELEMENTS, "no mean"),
        ("local_response_norm", AFFINE[:1], IMAGE, {"size": 3}, 8 * ELEMENTS, "window of channels"),
        ("weight_norm", [("v", (6, 4)), ("g", (6, 1))], (6, 4), {}, 72, "norm and scaling"),
        ("dropout", AFFINE[:1], IMAGE, {"p": 0.5, "training": False}, 0, "eval"),
        ("dropout", AFFINE[:1], IMAGE, {"p": 0.0, "training": True}, 0, "rate 0"),
        ("dropout", AFFINE[:1], IMAGE, {"p": 0.5, "training": True}, 2 * ELEMENTS, "active"),
        ("max_pool", AFFINE[:1], (2, 4, 4, 4), {"kernel_size": (3, 2)}, 128 * 6, "window per output"),
        ("lp_pool", AFFINE[:1], (2, 4, 4, 4), {"kernel_size": (2, 2)}, 128 * 8, "power and sum"),
        ("adaptive_avg_pool", AFFINE[:1], (2, 4, 1, 1), {}, ELEMENTS, "one window"),
        ("adaptive_avg_pool", AFFINE[:1], (2, 4, 3, 8), {}, 8 * (3 + 4 + 3) * 8, "windows of 3, 4, 3 overlap"),
        ("interpolate", AFFINE[:1], (2, 4, 16, 16), {"mode": "nearest"}, 0, "copies"),
        ("interpolate", AFFINE[:1], (2, 4, 16, 16), {"mode": "bilinear"}, 2048 * 8, "four pixels"),
        (
            "interpolate",
            AFFINE[:1],
            (2, 4, 4, 4),
            {"mode": "bicubic", "antialias": True},
            128 * 2 * 64,
            "twice as wide",
        ),
        ("interpolate", AFFINE[:1], (2, 4, 4, 4), {"mode": "area"}, ELEMENTS, "adaptive pooling"),
        ("grid_sample", AFFINE[:1], (2, 4, 5, 5), {"mode": "bilinear"}, 200 * 8, "four pixels"),
        ("grid_sample", AFFINE[:1], (2, 4, 5, 5), {"mode": "nearest"}, 0, "copies"),
        ("fold", [("input", (2, 36, 64))], IMAGE, {}, 4608, "adds every column"),
        ("reduce", AFFINE[:1], (2, 4), {"function": "sum"}, ELEMENTS, "adds every element"),
        ("reduce", AFFINE[:1], (2, 4), {"function": "aten.var"}, 3 * ELEMENTS, "by function, namespace aside"),
        ("scan", AFFINE[:1], IMAGE, {"function": "cumsum", "dim": 3}, ELEMENTS, "one per element"),
        ("scan", AFFINE[:1], IMAGE, {"function": "sort", "dim": 3}, 3 * ELEMENTS, "n log2 n of 8"),
        ("fft", AFFINE[:1], IMAGE, {"dim": (2, 3)}, 2.5 * ELEMENTS * 6, "real, 64 points"),
        ("loss", [("input", (3, 4)), ("target", (3,))], (), {"function": "cross_entropy"}, 72, "softmax and log"),
    ],
    ids=lambda x: str(x)[:24],
)
def test_count(
    kind: str,
    operands: list[tuple[str, tuple[int, ...]]],
    output: tuple[int, ...],
    attrs: dict[str, Any],
    expected: int,
    reason: str,
) -> None:
    graph, op = lone(kind, operands, output, **attrs)
    assert other_ops(graph, op) == expected, reason
