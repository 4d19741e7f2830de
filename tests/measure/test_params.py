from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from netadvise.graph import Graph
from netadvise.measure.params import count, count_by_row, uncalled_modules
from netadvise.measure.rows import rows
from tests.measure.sketch import Sketch

NN = "torch.nn.modules.layer"


def by_name(graph: Graph) -> dict[str, tuple[int, int]]:
    """Counted and shared elements of each row."""
    found = rows(graph)
    counts = count_by_row(graph, found)
    return {f"{row.name}:{row.call.index}": (c.params, c.shared_params) for row, c in zip(found, counts, strict=True)}


def linear(sketch: Sketch, path: str, weight: int, x: int) -> None:
    with sketch.call(path, x):
        sketch.op("linear", {"input": x, "weight": weight}, (2, 3))


def test_frozen_parameters_and_buffers_are_counted_apart() -> None:
    sketch = Sketch()
    sketch.parameter("w", 3, 4)
    sketch.parameter("frozen", 5, trainable=False)
    sketch.buffer("mean", 7)
    counted = count(sketch.graph())
    assert (counted.params, counted.trainable_params, counted.buffers) == (17, 12, 7)
    assert (counted.param_bytes, counted.buffer_bytes) == (68, 28)


def test_a_layer_called_twice_counts_at_its_first_call() -> None:
    sketch = Sketch()
    sketch.module("fc", "Linear", NN)
    weight, x = sketch.parameter("fc.weight", 3, 3), sketch.input(2, 3)
    for _ in range(2):
        linear(sketch, "fc", weight, x)
    assert by_name(sketch.graph()) == {"fc:0": (9, 0), "fc:1": (0, 9)}


def test_a_tied_weight_counts_at_its_first_owner() -> None:
    sketch = Sketch()
    sketch.module("tokens", "Embedding", NN)
    weight = sketch.parameter("tokens.weight", 50, 4)
    sketch.module("head", "Linear", NN)
    x = sketch.input(2, 3)
    linear(sketch, "head", weight, x)
    linear(sketch, "tokens", weight, x)
    assert by_name(sketch.graph()) == {"head:0": (0, 200), "tokens:0": (200, 0)}


def test_a_weight_whose_owner_is_never_called_counts_where_it_is_read() -> None:
    sketch = Sketch()
    sketch.module("tokens", "Embedding", NN)
    weight, x = sketch.parameter("tokens.weight", 50, 4), sketch.input(2, 4)
    sketch.op("linear", {"input": x, "weight": weight}, (2, 50))
    sketch.op("linear", {"input": x, "weight": weight}, (2, 50))
    assert by_name(sketch.graph()) == {"linear:0": (200, 0), "linear_1:0": (0, 200)}
    assert uncalled_modules(sketch.graph()) == ()


def test_a_row_owns_what_stands_below_its_module() -> None:
    sketch = Sketch()
    sketch.module("attention", "MultiheadAttention", NN)
    sketch.module("attention.out_proj", "Linear", NN)
    own, below = sketch.parameter("attention.in_proj", 9, 3), sketch.parameter("attention.out_proj.weight", 3, 3)
    with sketch.call("attention"):
        sketch.op("linear", {"input": sketch.input(2, 3), "weight": own}, (2, 9))
        sketch.op("linear", {"input": sketch.input(2, 3), "weight": below}, (2, 3))
    assert by_name(sketch.graph()) == {"attention:0": (36, 0)}
    assert uncalled_modules(sketch.graph()) == ()


def test_a_parameter_is_read_through_reshaping() -> None:
    sketch = Sketch()
    table = sketch.parameter("positions", 10, 4)
    part = sketch.op("slice", {"input": table}, (3, 4), on=table)
    part = sketch.op("view", {"input": part}, (1, 3, 4), on=table)
    sketch.op("add", {"input": sketch.input(2, 3, 4), "other": part}, (2, 3, 4))
    assert by_name(sketch.graph()) == {"add:0": (40, 0)}


def test_a_parameter_that_nothing_reads_is_at_no_row() -> None:
    sketch = Sketch()
    sketch.module("unused", "Linear", NN)
    sketch.parameter("unused.weight", 3, 3)
    sketch.op("add", {"input": sketch.input(2)}, (2,))
    assert by_name(sketch.graph()) == {"add:0": (0, 0)}
    assert uncalled_modules(sketch.graph()) == ("unused",)


def test_buffers_count_at_their_layer() -> None:
    sketch = Sketch()
    sketch.module("bn", "BatchNorm2d", NN)
    mean = sketch.buffer("bn.running_mean", 7)
    with sketch.call("bn"):
        sketch.op("batch_norm", {"input": sketch.input(2, 7), "running_mean": mean}, (2, 7))
    graph = sketch.graph()
    (counted,) = count_by_row(graph, rows(graph))
    assert (counted.params, counted.buffers, counted.shared_params) == (0, 7, 0)


@st.composite
def random_graphs(draw: st.DrawFn) -> Graph:
    """Ops on random parameters of random owners, in leaf calls or outside, through views or not."""
    sketch = Sketch()
    paths = [f"m{number}" for number in range(draw(st.integers(1, 3)))]
    for path in paths:
        sketch.module(path, "Linear", NN if draw(st.booleans()) else "model")
    weights = [
        sketch.parameter(f"{draw(st.sampled_from(['', *paths]))}.w{number}".lstrip("."), draw(st.integers(1, 9)))
        for number in range(draw(st.integers(1, 5)))
    ]
    for _ in range(draw(st.integers(0, 8))):
        weight = draw(st.sampled_from(weights))
        kind = draw(st.sampled_from(["linear", "view", "add"]))
        path = draw(st.sampled_from([None, *paths]))
        shape = sketch.values[weight].shape
        if path is None:
            weights.append(sketch.op(kind, {"input": weight}, shape))
            continue
        with sketch.call(path):
            weights.append(sketch.op(kind, {"input": weight}, shape))
    return sketch.graph()


@given(random_graphs())
def test_rows_count_what_reaches_them_once(graph: Graph) -> None:
    found = rows(graph)
    in_rows = {op.id for row in found for op in row.ops}

    def reaches_a_row(value: int) -> bool:
        readers = graph.consumers.get(value, ())
        return any(op.id in in_rows or any(map(reaches_a_row, op.outputs)) for op in readers)

    parameters = [value for value in graph.values if value.origin == "parameter"]
    expected = sum(value.elements for value in parameters if reaches_a_row(value.id))
    assert sum(counted.params for counted in count_by_row(graph, found)) == expected
