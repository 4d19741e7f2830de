from __future__ import annotations

import pytest

from netadvise.kinds import KINDS
from netadvise.measure.keeps_functions import RULES
from netadvise.measure.saved import needs_gradient, saved_activation_bytes
from netadvise.quantity import Unknown
from tests.measure.sketch import Sketch

KIB = 256


def test_every_kind_has_a_rule() -> None:
    assert set(RULES) == set(KINDS)


def test_nothing_is_kept_without_a_trainable_parameter() -> None:
    sketch = Sketch()
    x = sketch.input(1, KIB)
    y = sketch.op("linear", {"input": x, "weight": sketch.parameter("w", KIB, KIB, trainable=False)}, (1, KIB))
    sketch.op("activation", {"input": y}, (1, KIB), function="relu")
    sketch.op("mine.op", {"input": y}, (1, KIB))
    assert saved_activation_bytes(sketch.graph()) == 0


def test_an_op_without_rule_is_unknown_only_where_a_gradient_flows() -> None:
    sketch = Sketch()
    sketch.op("mine.op", {"input": sketch.input(KIB)}, (KIB,), function="op")
    assert saved_activation_bytes(sketch.graph()) == 0
    sketch.op("mine.op", {"input": sketch.parameter("w", KIB)}, (KIB,), function="op")
    assert saved_activation_bytes(sketch.graph()) == Unknown("not known what autograd keeps for op")


@pytest.mark.parametrize("kind", ["activation", "pointwise", "reduce", "loss"])
def test_a_function_that_nobody_described_is_unknown(kind: str) -> None:
    sketch = Sketch()
    sketch.op(kind, {"input": sketch.parameter("w", KIB)}, (KIB,), function="strange")
    assert saved_activation_bytes(sketch.graph()) == Unknown("not known what autograd keeps for strange")


def test_a_fused_recurrent_layer_is_unknown() -> None:
    sketch = Sketch()
    weight = sketch.parameter("w", 16, 4)
    sketch.op("rnn", [("input", sketch.input(5, 2, 4)), ("weights", weight)], (5, 2, 4), function="lstm", mode="LSTM")
    assert isinstance(saved_activation_bytes(sketch.graph()), Unknown)


def test_gradients_flow_through_floating_point_results_only() -> None:
    sketch = Sketch()
    w = sketch.parameter("w", 4)
    chosen = sketch.op("reduce", {"input": w}, (), function="argmax", dtype="int64")
    cut = sketch.op("copy", {"input": w}, (4,), function="detach", on=w)
    drawn = sketch.op("shape_only", {"input": w}, (4,))
    through = sketch.op("view", {"input": w}, (2, 2), on=w)
    found = needs_gradient(sketch.graph())
    assert through in found
    assert found.isdisjoint({chosen, cut, drawn})


def test_an_input_that_asks_for_a_gradient_gets_one() -> None:
    sketch = Sketch()
    sketch.op("activation", {"input": sketch.input(KIB, requires_grad=True)}, (KIB,), function="relu")
    assert saved_activation_bytes(sketch.graph()) == 1024


def test_parameters_and_their_views_are_left_out() -> None:
    sketch = Sketch()
    w = sketch.parameter("w", KIB, KIB)
    view = sketch.op("permute", {"input": w}, (KIB, KIB), on=w)
    x = sketch.op("add", {"input": sketch.input(1, KIB), "other": sketch.parameter("shift", KIB)}, (1, KIB))
    sketch.op("matmul", {"input": x, "other": view}, (1, KIB))
    assert saved_activation_bytes(sketch.graph()) == 1024


def test_a_storage_counts_once_however_often_it_is_kept() -> None:
    sketch = Sketch()
    x = sketch.input(1, KIB)
    for name in ("first", "second"):
        y = sketch.op("linear", {"input": x, "weight": sketch.parameter(name, KIB, KIB)}, (1, KIB))
        sketch.op("activation", {"input": y}, (1, KIB), on=y, function="relu_")
    assert saved_activation_bytes(sketch.graph()) == 3 * 1024


@pytest.mark.parametrize(
    ("function", "in_place", "expected", "reason"),
    [
        ("relu", False, 1, "the result"),
        ("aten.sigmoid", False, 1, "the result, by name without namespace"),
        ("gelu", False, 1, "the input"),
        ("relu_", True, 1, "the result, which is the input's memory"),
        ("leaky_relu_", True, 1, "the result, in place only"),
        ("silu_", True, 1, "a copy of the input that it overwrites; the result is not kept"),
        ("log_sigmoid", False, 2, "the input and a buffer"),
    ],
)
def test_activations(function: str, in_place: bool, expected: int, reason: str) -> None:
    sketch = Sketch()
    x = sketch.op("add", {"input": sketch.parameter("w", KIB)}, (KIB,))
    sketch.op("activation", {"input": x}, (KIB,), function=function, on=x if in_place else None)
    assert saved_activation_bytes(sketch.graph()) == expected * 1024, reason


@pytest.mark.parametrize(
    ("attrs", "expected", "reason"),
    [
        ({"p": 0.5, "training": False, "variant": "element"}, 0, "eval"),
        ({"p": 0.0, "training": True, "variant": "element"}, 0, "rate 0"),
        ({"p": 0.5, "training": True, "variant": "element"}, 2 * 4 * 64, "a byte per element"),
        ({"p": 0.5, "training": True, "variant": "channel"}, 2 * 4 * 4, "a float per channel"),
        ({"p": 0.5, "training": True, "variant": "path"}, 2 * 4, "a float per sample"),
        ({"p": 0.5, "training": True, "variant": "alpha"}, 2 * 4 * 64 * 4, "a float per element"),
    ],
)
def test_masks_of_dropout(attrs: dict[str, object], expected: int, reason: str) -> None:
    sketch = Sketch()
    x = sketch.op("add", {"input": sketch.parameter("w", 2, 4, 8, 8)}, (2, 4, 8, 8))
    sketch.op("dropout", {"input": x}, (2, 4, 8, 8), **attrs)
    assert saved_activation_bytes(sketch.graph()) == expected, reason


def test_a_factor_is_kept_for_the_gradient_of_the_other() -> None:
    sketch = Sketch()
    x = sketch.op("add", {"input": sketch.parameter("w", KIB)}, (KIB,))
    gate = sketch.input(KIB)
    sketch.op("mul", {"input": x, "other": gate}, (KIB,))
    sketch.op("mul", {"input": x}, (KIB,))
    assert saved_activation_bytes(sketch.graph()) == 1024


def test_a_bool_mask_of_attention_is_kept_as_numbers() -> None:
    sketch = Sketch()
    query = sketch.op("add", {"input": sketch.parameter("w", 1, 2, 4, 8)}, (1, 2, 4, 8))
    mask = sketch.constant(4, 4, dtype="bool")
    operands = {"query": query, "key": query, "value": query, "attn_mask": mask}
    sketch.op("attention", operands, (1, 2, 4, 8))
    tensors, logsumexp, numbers = 2 * 64 * 4, 2 * 4 * 4, 16 * 4
    assert saved_activation_bytes(sketch.graph()) == tensors + logsumexp + numbers
