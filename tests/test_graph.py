"""The grammar of a recording: what breaks it is found, and it survives JSON."""

from __future__ import annotations

from dataclasses import replace

import pytest

from netadvise.graph import Call, Graph, Location, Module, Op, Operand, Value, violations


def small_graph() -> Graph:
    """x -> conv(x, weight) -> relu."""
    return Graph(
        target="model.py:Net",
        mode="eval",
        torch="2.13.0",
        values=(
            Value(0, (4, 3, 3, 3), "float32", "parameter", 1, "conv.weight", requires_grad=True),
            Value(1, (1, 3, 8, 8), "float32", "input", 2, "x"),
            Value(2, (1, 4, 6, 6), "float32", "result", 3),
            Value(3, (1, 4, 6, 6), "float32", "result", 3),
        ),
        modules=(
            Module("", "Net", "model", False),
            Module(
                "conv", "Conv2d", "torch.nn.modules.conv", False, parameters=(0,), location=Location("model.py", 5, 9)
            ),
        ),
        calls=(Call(0, "", 0, None, (1,), (3,)), Call(1, "conv", 0, 0, (1,), (2,))),
        ops=(
            Op(
                0,
                "conv",
                "conv2d",
                (Operand("input", 1), Operand("weight", 0)),
                (2,),
                {"stride": (1, 1), "groups": 1},
                1,
            ),
            Op(1, "activation", "relu_", (Operand("input", 2),), (3,), {"p": 0.5, "name": "x", "none": None}, 0),
        ),
        inputs=(1,),
        outputs=(3,),
    )


def test_a_valid_graph_has_no_violations() -> None:
    assert violations(small_graph()) == []


def test_json_round_trip() -> None:
    graph = small_graph()
    assert Graph.from_json(graph.to_json()) == graph


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        (lambda g: replace(g, ops=(g.ops[1], g.ops[0])), "stands at position"),
        (lambda g: replace(g, ops=(replace(g.ops[0], outputs=(3,)), g.ops[1])), "a second time"),
        (
            lambda g: replace(g, ops=(replace(g.ops[0], inputs=(Operand("input", 3),)), g.ops[1])),
            "before it is defined",
        ),
        (lambda g: replace(g, outputs=(9,)), "nothing defines it"),
        (lambda g: replace(g, ops=(replace(g.ops[0], call=7), g.ops[1])), "does not exist"),
        (lambda g: replace(g, calls=(g.calls[0], replace(g.calls[1], module="head"))), "is no module"),
        (lambda g: replace(g, calls=(g.calls[0], replace(g.calls[1], parent=1))), "before its parent"),
        (lambda g: replace(g, modules=(g.modules[0], g.modules[0])), "listed twice"),
        (lambda g: replace(g, modules=(replace(g.modules[0], parameters=(2,)),)), "neither parameter nor buffer"),
    ],
)
def test_each_break_of_the_grammar_is_named(broken, expected: str) -> None:
    assert any(expected in problem for problem in violations(broken(small_graph())))


@pytest.mark.parametrize("text", ["{}", "[", '{"target": 3}', b"\xff"])
def test_what_is_not_a_graph_is_refused(text: str | bytes) -> None:
    with pytest.raises(ValueError):
        Graph.from_json(text)


def test_an_invalid_graph_is_refused_when_read() -> None:
    graph = small_graph()
    with pytest.raises(ValueError, match="nothing defines it"):
        Graph.from_json(replace(graph, outputs=(9,)).to_json())


def test_producers_consumers_and_operands() -> None:
    graph = small_graph()
    conv, relu = graph.ops
    assert graph.producer == {2: conv, 3: relu}
    assert graph.consumers == {1: (conv,), 0: (conv,), 2: (relu,)}
    assert (conv.operand("weight"), conv.operand("bias"), conv.operands("input")) == (0, None, (1,))
    assert graph.value_of(conv, "weight") == graph.values[0]
    assert graph.result(relu).bytes == 4 * 6 * 6 * 4
    assert [call.module for call in graph.ancestry(1)] == ["conv", ""]
    assert str(graph.module_at["conv"].location) == "model.py:5"
