from __future__ import annotations

from fractions import Fraction

import pytest

from netadvise.graph import Location
from netadvise.measure.layers import last_feature_map, layers
from netadvise.profiles import Layer, ReceptiveField, Sizes
from netadvise.quantity import Unknown
from tests.measure.sketch import Sketch

NN = "torch.nn.modules.layer"
WINDOW = {"kernel_size": (3, 3), "stride": (1, 1), "padding": (1, 1), "dilation": (1, 1)}


def drawn_conv() -> Sketch:
    """A convolution in a module, with an alias's worth of plain attributes."""
    sketch = Sketch()
    sketch.module("conv", "Conv2d", NN, kernel_size=3, padding="same", out_channels=6)
    weight, bias = sketch.parameter("conv.weight", 6, 2, 3, 3), sketch.parameter("conv.bias", 6)
    x = sketch.input(1, 4, 8, 8)
    with sketch.call("conv", x) as outputs:
        operands = {"input": x, "weight": weight, "bias": bias}
        outputs.append(sketch.op("conv", operands, (1, 6, 8, 8), function="conv2d", groups=2, **WINDOW))
    return sketch


def test_an_unknown_op_makes_its_row_unknown_and_no_other() -> None:
    sketch = Sketch()
    x = sketch.op("mine.op", {"input": sketch.input(2, 3)}, (2, 3), function="op")
    sketch.op("add", {"input": x}, (2, 3))
    unknown, known = layers(sketch.graph(), {})
    assert unknown.macs == unknown.flops == unknown.other_ops == Unknown("no formula for op")
    assert unknown.activation_bytes == 24
    assert (known.macs, known.other_ops) == (0, 6)


def test_a_module_row() -> None:
    (layer,) = layers(drawn_conv().graph(), {})
    assert (layer.name, layer.kind, layer.call) == ("conv", "Conv2d", 0)
    assert (layer.input_shapes, layer.output_shapes) == (((1, 4, 8, 8),), ((1, 6, 8, 8),))
    assert (layer.params, layer.trainable_params) == (114, 114)
    assert (layer.macs, layer.flops, layer.other_ops) == (6912, 13824, 384)
    assert layer.activation_bytes == 1536
    assert (layer.location, layer.called_at) == (Location("model.py", 11), Location("model.py", 50))


def test_a_convolution_is_described_by_what_ran() -> None:
    (layer,) = layers(drawn_conv().graph(), {})
    expected = {**WINDOW, "groups": 2, "in_channels": 4, "out_channels": 6, "bias": True}
    assert layer.attrs == expected


def test_a_functional_transposed_convolution_is_described_by_its_weight() -> None:
    sketch = Sketch()
    weight = sketch.parameter("w", 6, 2, 3, 3)
    operands = {"input": sketch.input(1, 6, 8, 8), "weight": weight}
    sketch.op("conv_transpose", operands, (1, 4, 10, 10), groups=2, output_padding=(0, 0), **WINDOW)
    (layer,) = layers(sketch.graph(), {})
    channels = {"in_channels": 6, "out_channels": 4, "groups": 2, "bias": False}
    assert layer.attrs == {**WINDOW, **channels, "output_padding": (0, 0)}


def test_the_ints_of_a_pooling_module_become_tuples() -> None:
    sketch = Sketch()
    sketch.module("pool", "MaxPool2d", NN, kernel_size=2, stride=2, ceil_mode=False)
    with sketch.call("pool"):
        sketch.op("max_pool", {"input": sketch.input(1, 2, 8, 8)}, (1, 2, 4, 4), kernel_size=(2, 2), stride=(2, 2))
    (layer,) = layers(sketch.graph(), {})
    assert layer.attrs == {"kernel_size": (2, 2), "stride": (2, 2), "ceil_mode": False}


def test_weights_are_no_inputs_of_a_functional_row() -> None:
    sketch = Sketch()
    generated = sketch.op("add", {"input": sketch.input(3, 8)}, (3, 8))
    operands = {"input": sketch.input(2, 8), "weight": generated, "bias": sketch.parameter("b", 3)}
    sketch.op("linear", operands, (2, 3))
    layer = layers(sketch.graph(), {})[1]
    assert layer.input_shapes == ((2, 8),)
    assert layer.attrs == {"in_features": 8, "out_features": 3, "bias": True}


def field(size: Sizes, clipped: Sizes, jump: int, culprit: str = "") -> ReceptiveField:
    return ReceptiveField(size, size, size, clipped, (Fraction(jump),), (0,), culprit=culprit)


@pytest.mark.parametrize(
    ("fields", "expected", "reason"),
    [
        ([None], (), "nothing that a spatial input reaches"),
        ([field((43,), (20,), 8), field((20,), (20,), 20, "pool"), None], (43,), "before global pooling"),
        ([field((43,), (20,), 8), field((20,), (17,), 20, "pool")], (43,), "pooling that misses a border"),
        ([field((16,), (16,), 16)], (16,), "patches"),
        ([field((20,), (20,), 20, "pool")], (20,), "pooling is all there is"),
        ([field((9,), (9,), 2), field(Unknown("lost"), Unknown("lost"), 2)], Unknown("lost"), "lost on the way"),
    ],
)
def test_last_feature_map(fields: list[ReceptiveField | None], expected: Sizes, reason: str) -> None:
    sketch = Sketch()
    values = [sketch.op("add", {"input": sketch.input(1)}, (1,)) for _ in fields]
    found: tuple[Layer, ...] = layers(sketch.graph(), {v: f for v, f in zip(values, fields, strict=True) if f})
    assert last_feature_map(found) == expected, reason
