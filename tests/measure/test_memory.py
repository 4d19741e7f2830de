from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from netadvise.graph import Graph
from netadvise.measure.memory import activation_bytes, peak_activation_bytes
from tests.measure.sketch import Sketch

KIB = 256  # elements of a float32 tensor of 1 KiB


def written(graph: Graph) -> list[object]:
    return [activation_bytes(graph, op) for op in graph.ops]


def test_a_view_writes_nothing() -> None:
    sketch = Sketch()
    x = sketch.input(KIB)
    y = sketch.op("view", {"input": x}, (2, KIB // 2), on=x)
    sketch.op("expand", {"input": y}, (5, 2, KIB // 2), on=x)
    assert written(sketch.graph()) == [0, 0]


def test_a_reshape_that_copies_writes_its_output() -> None:
    sketch = Sketch()
    sketch.op("view", {"input": sketch.input(KIB)}, (2, KIB // 2))
    assert written(sketch.graph()) == [1024]


def test_an_op_in_place_writes_its_output() -> None:
    sketch = Sketch()
    x = sketch.input(KIB)
    sketch.op("activation", {"input": x}, (KIB,), on=x)
    assert written(sketch.graph()) == [1024]


def test_dropout_writes_only_when_it_is_active() -> None:
    sketch = Sketch()
    x = sketch.input(KIB)
    sketch.op("dropout", {"input": x}, (KIB,), on=x, p=0.5, training=False)
    sketch.op("dropout", {"input": x}, (KIB,), on=x, p=0.5, training=True, inplace=True)
    assert written(sketch.graph()) == [0, 1024]


def test_every_output_counts_with_its_own_type() -> None:
    sketch = Sketch()
    sketch.op("max_pool", {"input": sketch.input(KIB)}, (64,), (64,))
    assert written(sketch.graph()) == [64 * 4 + 64 * 8]


def test_the_peak_of_nothing_is_the_input() -> None:
    assert peak_activation_bytes(Sketch().graph()) == 0
    sketch = Sketch()
    assert peak_activation_bytes(sketch.graph(sketch.input(KIB))) == 1024


def test_parameters_buffers_and_constants_are_no_activations() -> None:
    sketch = Sketch()
    sketch.parameter("weight", KIB)
    view = sketch.op("view", {"input": sketch.parameter("w", KIB)}, (KIB,), on=1)
    sketch.op("add", {"input": view, "other": sketch.constant(KIB)}, (1,))
    sketch.op("add", {"input": sketch.buffer("b", KIB)}, (1,))
    assert peak_activation_bytes(sketch.graph()) == 4


def test_a_chain_holds_two_tensors() -> None:
    sketch = Sketch()
    x = sketch.input(KIB)
    for _ in range(5):
        x = sketch.op("conv", {"input": x}, (KIB,))
    assert peak_activation_bytes(sketch.graph(x)) == 2048


def test_a_chain_in_place_holds_one() -> None:
    sketch = Sketch()
    x = sketch.input(KIB)
    for _ in range(5):
        x = sketch.op("activation", {"input": x}, (KIB,), on=x)
    assert peak_activation_bytes(sketch.graph(x)) == 1024


def test_a_skip_connection_stays_alive() -> None:
    sketch = Sketch()
    x = sketch.input(KIB)
    first = sketch.op("conv", {"input": x}, (KIB,))
    second = sketch.op("conv", {"input": first}, (KIB,))
    assert peak_activation_bytes(sketch.graph(sketch.op("add", {"input": second, "other": x}, (KIB,)))) == 3072


def test_a_view_keeps_its_whole_storage_alive() -> None:
    sketch = Sketch()
    x = sketch.op("conv", {"input": sketch.input(1)}, (KIB,))
    part = sketch.op("slice", {"input": x}, (1,), on=x)
    y = sketch.op("conv", {"input": sketch.op("factory", {}, (1,))}, (KIB,))
    assert peak_activation_bytes(sketch.graph(sketch.op("add", {"input": y, "other": part}, (KIB,)))) == 3072


def test_outputs_live_to_the_end() -> None:
    sketch = Sketch()
    x = sketch.input(KIB)
    outputs = [sketch.op("conv", {"input": x}, (KIB,)) for _ in range(4)]
    assert peak_activation_bytes(sketch.graph(*outputs)) == 5120
    assert peak_activation_bytes(sketch.graph(outputs[-1])) == 2048


@st.composite
def random_graphs(draw: st.DrawFn) -> Graph:
    """Ops on one or two earlier values; some of them in place or views."""
    sketch = Sketch()
    values = [sketch.input(draw(st.integers(1, 9)))]
    for _ in range(draw(st.integers(0, 12))):
        operands = draw(st.lists(st.sampled_from(values), min_size=1, max_size=2))
        on = draw(st.sampled_from([None, operands[0]]))
        shape = (draw(st.integers(1, 9)),)
        values.append(sketch.op("add", [("input", value) for value in operands], shape, on=on))
    return sketch.graph(*draw(st.lists(st.sampled_from(values), max_size=2)))


@given(random_graphs())
def test_peak_equals_a_census_at_every_op(graph: Graph) -> None:
    """At each op the census asks of every storage whether it exists already and whether anybody still wants it."""
    size: dict[int, int] = {}
    for value in graph.values:
        size.setdefault(value.storage, 4 * value.shape[0])
    most = size[graph.values[graph.inputs[0]].storage]
    for now, op in enumerate(graph.ops):
        past = {graph.values[v].storage for o in graph.ops[: now + 1] for v in o.outputs}
        past |= {graph.values[v].storage for v in graph.inputs}
        wanted = {graph.values[i.value].storage for o in graph.ops[now:] for i in o.inputs}
        wanted |= {graph.values[v].storage for v in (*graph.outputs, *op.outputs)}
        wanted |= {graph.values[v].storage for o in graph.ops[now:] for v in o.outputs}
        most = max(most, sum(size[storage] for storage in past & wanted))
    assert peak_activation_bytes(graph) == most
