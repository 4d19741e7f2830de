"""Multiply-accumulates (MACs) of every op: convolution, linear, matmul, attention and recurrent products.

One MAC is one multiplication and one addition into a sum, so `flops` is twice `macs`. Bias additions, element-wise
functions, normalisation, pooling, resampling and Fourier transforms are no MACs; their work stands in `other_ops`.
Positions in the padding count, as everywhere in the literature. A mask does not reduce attention.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from netadvise.graph import Graph, Op, Value
from netadvise.kinds import KINDS
from netadvise.quantity import Quantity, Unknown, apply
from netadvise.table import Table

Formula = Callable[[Graph, Op], Quantity]

_formula: Table[Formula] = Table("macs")

PRODUCTS = frozenset(
    ("conv", "conv_transpose", "linear", "bilinear", "matmul", "grouped_matmul", "attention") + ("rnn", "rnn_cell"),
)
"""The kinds whose work is in MACs; every other kind of `KINDS` has none."""


def macs(graph: Graph, op: Op) -> Quantity:
    """Multiply-accumulates of one op.

    Half of the registered FLOPs, rounded down, for an operator outside `KINDS` that has a registered formula;
    Unknown for one that has none.
    """
    formula = _formula.get(op.kind)
    if formula is not None:
        return formula(graph, op)
    if op.kind in KINDS:
        return 0
    return Unknown(f"no formula for {op.function}") if op.registered_flops is None else op.registered_flops // 2


def flops(graph: Graph, op: Op) -> Quantity:
    """Floating point operations of one op's products: the registered number, else twice its MACs."""
    if op.kind not in KINDS and op.registered_flops is not None:
        return op.registered_flops
    return apply(lambda count: 2 * count, macs(graph, op))


def given(graph: Graph, op: Op, *roles: str) -> tuple[Value, ...] | Unknown:
    """The operands of these roles, or Unknown where the recording lacks one."""
    found: list[Value] = []
    for role in roles:
        value = graph.value_of(op, role)
        if value is None:
            return Unknown(f"{op.function} was recorded without its {role}")
        found.append(value)
    return tuple(found)


def sequence_steps(data: Value) -> int:
    """Time steps times batch of a recurrent layer's input: [T, N, F], [N, T, F], [T, F] or packed [sum, F]."""
    return prod(data.shape[:-1])


@_formula("conv", "bilinear")
def _outputs_times_filter(graph: Graph, op: Op) -> Quantity:
    """Output elements times one filter: weight [out, in / groups, *kernel], or [out, in1, in2] of a bilinear layer.

    The products of a bilinear layer's two inputs with each other are `other_ops`.
    """
    outputs = graph.result(op).elements
    return apply(lambda found: outputs * prod(found[0].shape[1:]), given(graph, op, "weight"))


@_formula("conv_transpose")
def _inputs_times_filter(graph: Graph, op: Op) -> Quantity:
    """Input elements times one filter: weight [in, out / groups, *kernel]."""
    return apply(lambda found: found[0].elements * prod(found[1].shape[1:]), given(graph, op, "input", "weight"))


@_formula("linear")
def _linear(graph: Graph, op: Op) -> Quantity:
    """Output elements times in_features: weight [out, in] or [in]."""
    outputs = graph.result(op).elements
    return apply(lambda found: outputs * found[0].shape[-1], given(graph, op, "weight"))


@_formula("matmul")
def _matmul(graph: Graph, op: Op) -> Quantity:
    return apply(lambda found: matmul_macs(found[0].shape, found[1].shape), given(graph, op, "input", "other"))


def matmul_macs(left: tuple[int, ...], right: tuple[int, ...]) -> int:
    """Batch times n times k times p of `torch.matmul`, [..., n, k] @ [..., k, p].

    Batch axes broadcast; a vector is one row on the left, one column on the right.
    """
    rows = left[-2] if len(left) > 1 else 1
    columns = right[-1] if len(right) > 1 else 1
    return prod(broadcast(left[:-2], right[:-2])) * rows * left[-1] * columns


def broadcast(left: tuple[int, ...], right: tuple[int, ...]) -> tuple[int, ...]:
    """The shape to which two compatible shapes broadcast."""
    axes = max(len(left), len(right))
    padded = zip((1,) * (axes - len(left)) + left, (1,) * (axes - len(right)) + right, strict=True)
    return tuple(second if first == 1 else first for first, second in padded)


@_formula("grouped_matmul")
def _grouped_matmul(graph: Graph, op: Op) -> Quantity:
    """Rows times in times out: input [rows, in] or [groups, rows, in], other [groups, in, out].

    When both operands are flat the groups share the summed axis, so that the work is one plain product.
    """

    def work(found: tuple[Value, ...]) -> int:
        left, right = found
        return left.elements * right.shape[-1]

    return apply(work, given(graph, op, "input", "other"))


@_formula("attention")
def _attention(graph: Graph, op: Op) -> Quantity:
    """Scores and weighted values: attention matrix elements times (E + Ev).

    Shapes: query [..., heads, L, E], key [..., S, E], value [..., S, Ev]; key and value may have fewer heads.
    """
    operands = given(graph, op, "query", "value")
    return apply(lambda found: attention_elements(graph, op) * (found[0].shape[-1] + found[1].shape[-1]), operands)


def attention_elements(graph: Graph, op: Op) -> int:
    """Elements of the attention matrix over all batches and heads: batch, heads, L times S."""
    value = graph.value_of(op, "value")
    return prod(graph.result(op).shape[:-1]) * (value.shape[-2] if value else 0)


@_formula("rnn")
def _rnn(graph: Graph, op: Op) -> Quantity:
    """Steps times the elements of every weight matrix: each meets every time step of every sequence once."""
    weights = [graph.values[value] for value in op.operands("weights")]
    matrices = sum(weight.elements for weight in weights if len(weight.shape) == 2)
    return apply(lambda found: sequence_steps(found[0]) * matrices, given(graph, op, "input"))


@_formula("rnn_cell")
def _rnn_cell(graph: Graph, op: Op) -> Quantity:
    """Batch times the elements of weight_ih [gates, in] and weight_hh [gates, hidden]."""
    operands = given(graph, op, "input", "weight_ih", "weight_hh")
    return apply(lambda found: sequence_steps(found[0]) * (found[1].elements + found[2].elements), operands)
