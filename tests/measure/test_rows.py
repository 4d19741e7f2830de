from __future__ import annotations

from netadvise.graph import Graph
from netadvise.measure.rows import rows
from tests.measure.sketch import Sketch

NN = "torch.nn.modules.layer"


def names(graph: Graph) -> list[str]:
    return [row.name for row in rows(graph)]


def test_reshaping_gets_no_row() -> None:
    sketch = Sketch()
    x = sketch.input(2, 3)
    for kind in "view permute expand repeat slice select split copy as_strided setitem random item".split():
        sketch.op(kind, {"input": x}, (2, 3))
    assert names(sketch.graph()) == []


def test_functional_ops_are_named_by_module_and_function_and_numbered() -> None:
    sketch = Sketch()
    sketch.module("block")
    x = sketch.input(2, 3)
    x = sketch.op("activation", {"input": x}, (2, 3), function="relu")
    with sketch.call("block", x):
        y = sketch.op("linear", {"input": x}, (2, 3))
        y = sketch.op("linear", {"input": y}, (2, 3))
        sketch.op("add", {"input": y, "other": x}, (2, 3))
    with sketch.call("block", x):
        sketch.op("linear", {"input": x}, (2, 3))
        sketch.op("linear", {"input": x}, (2, 3))
    found = rows(sketch.graph())
    assert [row.name for row in found] == ["relu", *("block/linear", "block/linear_1", "block/add")] + [
        "block/linear",
        "block/linear_1",
    ]
    assert [row.call.index for row in found] == [0, 0, 0, 0, 1, 1]
    assert all(row.module is None for row in found)


def test_a_torch_layer_is_one_row_whatever_it_runs() -> None:
    sketch = Sketch()
    sketch.module("attention", "MultiheadAttention", NN)
    sketch.module("attention.out_proj", "Linear", NN)
    with sketch.call("attention"):
        for _ in range(3):
            sketch.op("linear", {"input": sketch.input(2, 3)}, (2, 3))
        sketch.op("permute", {}, (3, 2))
    (row,) = rows(sketch.graph())
    assert (row.name, row.kind, len(row.ops)) == ("attention", "MultiheadAttention", 4)


def test_a_foreign_leaf_is_one_row_as_long_as_it_holds_one_product() -> None:
    sketch = Sketch()
    sketch.module("std", "StdConv2d")
    sketch.module("two", "Attention")
    with sketch.call("std"):
        sketch.op("reduce", {}, (2, 3), function="var_mean")
        sketch.op("conv", {}, (2, 3))
    with sketch.call("two"):
        sketch.op("matmul", {}, (2, 3))
        sketch.op("mine.op", {}, (2, 3), function="op")
    assert names(sketch.graph()) == ["std", "two/matmul", "two/op"]


def test_the_model_itself_is_a_row_only_when_it_is_a_torch_layer() -> None:
    sketch = Sketch()
    sketch.op("linear", {}, (2, 3))
    assert names(sketch.graph()) == ["linear"]
    sketch.modules[0] = type(sketch.modules[0])("", "Linear", NN, training=False)
    assert names(sketch.graph()) == ["Linear"]


def test_a_module_with_child_calls_is_no_leaf() -> None:
    sketch = Sketch()
    sketch.module("block", "Block", NN)
    sketch.module("block.relu", "ReLU", NN)
    with sketch.call("block"):
        sketch.op("add", {}, (2, 3))
        with sketch.call("block.relu"):
            sketch.op("activation", {}, (2, 3))
    assert names(sketch.graph()) == ["block/add", "block.relu"]


def test_a_parametrized_layer_holds_what_makes_its_weight() -> None:
    sketch = Sketch()
    sketch.module("conv", "ParametrizedConv2d", NN)
    sketch.module("conv.parametrizations.weight", "ParametrizationList", NN)
    sketch.module("conv.parametrizations.weight.0", "_WeightNorm", NN)
    with sketch.call("conv"):
        with sketch.call("conv.parametrizations.weight"), sketch.call("conv.parametrizations.weight.0"):
            sketch.op("weight_norm", {}, (4, 3))
        sketch.op("conv", {}, (2, 3))
    (row,) = rows(sketch.graph())
    assert (row.name, len(row.ops)) == ("conv", 2)


def test_a_call_without_ops_has_a_row_at_its_place() -> None:
    sketch = Sketch()
    for path in ("first", "second", "skip"):
        sketch.module(path, "Identity", NN)
    x = sketch.input(2, 3)
    y = sketch.op("linear", {"input": x}, (2, 3))
    for path in ("first", "second"):
        with sketch.call(path, y) as out:
            out.append(y)
    z = sketch.op("activation", {"input": y}, (2, 3), function="relu")
    with sketch.call("skip", z) as out:
        out.append(z)
    sketch.op("add", {"input": z, "other": y}, (2, 3))
    assert names(sketch.graph()) == ["linear", "first", "second", "relu", "skip", "add"]
