"""Work that is no multiply-accumulate of a product, in elementary operations: `other_ops`.

One addition, multiplication, comparison, division or elementary function (exp, sqrt, tanh, ...) counts one. Convention:

    products             1 per output element for a bias; bilinear: 1 per product of its two inputs;
                         attention: 6 per element of the attention matrix (scale, softmax), 7 with a mask;
                         recurrent: 1 per bias, 2 per gate (sum, activation), 5 more per unit of an LSTM or GRU
    element-wise         1 per output element, whatever the function
    softmax              5 per element: maximum, difference, exponential, sum, quotient
    normalisation        2 per element with fixed statistics (scale and shift, folded); else 6 (mean, variance,
                         difference, quotient), RMS norm 3, and 1 each for weight and bias; LRN: size + 5;
                         weight norm 3 per weight
    dropout              2 per element when active, else 0
    pooling              the size of the window per output element, twice that for LP pooling
    resampling           2 per input pixel read for an output element (nearest: 0)
    reductions, scans    1 per input element (variance 3, norm 2, logsumexp 4); sorting n elements: n log2 n
    Fourier transforms   5 n log2 n per complex transform of n points, half of it for a real one
    losses               per input element: differences 3, cross-entropies 6, soft margins 5, nll_loss 1
    moving, making       0
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, log2, prod

from netadvise.graph import Attr, Graph, Op, Value
from netadvise.measure.flops import attention_elements, given, sequence_steps
from netadvise.quantity import Quantity, Unknown, apply
from netadvise.table import Table

Formula = Callable[[Graph, Op], Quantity]

_formula: Table[Formula] = Table("other_ops")


def other_ops(graph: Graph, op: Op) -> Quantity:
    """Elementary operations of one op beside its MACs.

    0 for an operator outside `KINDS` with registered FLOPs, which hold all its work; Unknown for one without.
    """
    formula = _formula.get(op.kind)
    if formula is not None:
        return formula(graph, op)
    return Unknown(f"no formula for {op.function}") if op.registered_flops is None else 0


def plain_name(op: Op) -> str:
    """torch's name of the function without namespace and in-place mark: "relu" for `aten.relu_`."""
    name = op.function.rpartition(".")[2]
    return name if name.endswith("__") else name.removesuffix("_")


def axes(attr: Attr) -> tuple[int, ...]:
    """An attribute that holds an int or ints, as ints."""
    items = attr if isinstance(attr, tuple) else (attr,)
    return tuple(item for item in items if isinstance(item, int))


def _source(graph: Graph, op: Op) -> Value:
    """The first operand."""
    return graph.values[op.inputs[0].value]


def _has(op: Op, role: str) -> int:
    return int(op.operand(role) is not None)


_formula(
    *("view", "permute", "expand", "repeat", "slice", "select", "split", "cat", "stack", "flip", "roll", "index"),
    *("setitem", "write_through", "copy", "as_strided", "pad", "pixel_shuffle", "pixel_unshuffle", "channel_shuffle"),
    *("unfold", "max_unpool", "factory", "random", "shape_only", "item"),
)(lambda graph, op: 0)


@_formula("activation", "add", "sub", "mul", "div", "pointwise")
def _one_per_output(graph: Graph, op: Op) -> Quantity:
    return graph.result(op).elements


@_formula("softmax")
def _softmax(graph: Graph, op: Op) -> Quantity:
    return 5 * graph.result(op).elements


@_formula("fold")
def _one_per_input(graph: Graph, op: Op) -> Quantity:
    return _source(graph, op).elements


@_formula("conv", "conv_transpose", "linear", "matmul", "grouped_matmul")
def _bias(graph: Graph, op: Op) -> Quantity:
    return _has(op, "bias") * graph.result(op).elements


@_formula("bilinear")
def _bilinear(graph: Graph, op: Op) -> Quantity:
    outputs, bias = graph.result(op).elements, _has(op, "bias")
    return apply(lambda found: outputs * (prod(found[0].shape[1:]) + bias), given(graph, op, "weight"))


@_formula("attention")
def _attention(graph: Graph, op: Op) -> Quantity:
    return (6 + _has(op, "attn_mask")) * attention_elements(graph, op)


_GATES = {"LSTM": 4, "GRU": 3, "RNN_TANH": 1, "RNN_RELU": 1}
_STATE_OPS = {"LSTM": 5, "GRU": 5, "RNN_TANH": 0, "RNN_RELU": 0}


@_formula("rnn")
def _rnn(graph: Graph, op: Op) -> Quantity:
    layers, hidden = op.attrs.get("num_layers"), op.attrs.get("hidden_size")
    if not isinstance(layers, int) or not isinstance(hidden, int):
        return Unknown(f"{op.function} was recorded without num_layers or hidden_size")
    weights = [graph.values[value] for value in op.operands("weights")]
    biases = sum(weight.elements for weight in weights if len(weight.shape) == 1)
    units = layers * (2 if op.attrs.get("bidirectional") else 1) * hidden
    per_step = biases + units * _per_unit(op)
    return apply(lambda found: sequence_steps(found[0]) * per_step, given(graph, op, "input"))


@_formula("rnn_cell")
def _rnn_cell(graph: Graph, op: Op) -> Quantity:
    biases = sum(value.elements for role in ("bias_ih", "bias_hh") if (value := graph.value_of(op, role)))
    operands = given(graph, op, "input", "weight_hh")
    return apply(lambda found: sequence_steps(found[0]) * (biases + found[1].shape[1] * _per_unit(op)), operands)


def _per_unit(op: Op) -> int:
    """Operations per hidden unit and step: each gate's sum and activation, and the state's update."""
    mode = str(op.attrs["mode"])
    return 2 * _GATES[mode] + _STATE_OPS[mode]


@_formula("embedding")
def _embedding(graph: Graph, op: Op) -> Quantity:
    """0 for a look-up; a bag adds up its rows: one per element gathered."""
    if op.attrs.get("mode") is None:
        return 0
    return apply(lambda found: found[0].elements * found[1].shape[-1], given(graph, op, "input", "weight"))


@_formula("batch_norm")
def _batch_norm(graph: Graph, op: Op) -> Quantity:
    return _norm(graph, op) if op.attrs.get("training") else 2 * graph.result(op).elements


@_formula("instance_norm")
def _instance_norm(graph: Graph, op: Op) -> Quantity:
    return _norm(graph, op) if op.attrs.get("use_input_stats", True) else 2 * graph.result(op).elements


@_formula("group_norm", "layer_norm")
def _norm(graph: Graph, op: Op) -> Quantity:
    return (6 + _has(op, "weight") + _has(op, "bias")) * graph.result(op).elements


@_formula("rms_norm")
def _rms_norm(graph: Graph, op: Op) -> Quantity:
    return (3 + _has(op, "weight")) * graph.result(op).elements


@_formula("weight_norm")
def _weight_norm(graph: Graph, op: Op) -> Quantity:
    return 3 * graph.result(op).elements


@_formula("local_response_norm")
def _local_response_norm(graph: Graph, op: Op) -> Quantity:
    return (5 + sum(axes(op.attrs.get("size")))) * graph.result(op).elements


@_formula("dropout")
def _dropout(graph: Graph, op: Op) -> Quantity:
    return 2 * graph.result(op).elements if op.attrs.get("training") and op.attrs.get("p") else 0


@_formula("max_pool", "avg_pool")
def _pool(graph: Graph, op: Op) -> Quantity:
    return graph.result(op).elements * prod(axes(op.attrs["kernel_size"]))


@_formula("lp_pool")
def _lp_pool(graph: Graph, op: Op) -> Quantity:
    return 2 * graph.result(op).elements * prod(axes(op.attrs["kernel_size"]))


@_formula("adaptive_avg_pool", "adaptive_max_pool")
def _adaptive_pool(graph: Graph, op: Op) -> Quantity:
    """Window sizes summed over the outputs: output o of O reads input floor(o I / O) to ceil((o + 1) I / O)."""
    source, target = _source(graph, op).shape, graph.result(op).shape
    pixels = 1
    for inputs, outputs in zip(source, target, strict=True):
        pixels *= sum(-(-(o + 1) * inputs // outputs) - o * inputs // outputs for o in range(outputs))
    return pixels


_SUPPORT = {"linear": 2, "bilinear": 2, "trilinear": 2, "bicubic": 4}


@_formula("interpolate")
def _interpolate(graph: Graph, op: Op) -> Quantity:
    """Per axis 2 pixels (linear) or 4 (cubic); anti-aliased shrinking widens that by the factor; area: the window."""
    mode = str(op.attrs.get("mode"))
    if mode == "area":
        return _adaptive_pool(graph, op)
    support = _SUPPORT.get(mode)
    if support is None:
        return 0
    source, target = _source(graph, op), graph.result(op)
    pairs = list(zip(source.shape[2:], target.shape[2:], strict=True))
    widths = [max(1.0, inputs / outputs) if op.attrs.get("antialias") else 1.0 for inputs, outputs in pairs]
    return 2 * target.elements * prod(ceil(support * width) for width in widths)


@_formula("grid_sample")
def _grid_sample(graph: Graph, op: Op) -> Quantity:
    support = _SUPPORT.get(str(op.attrs.get("mode")))
    output = graph.result(op)
    return 0 if support is None else 2 * output.elements * int(support ** (len(output.shape) - 2))


_REDUCTIONS = {"var": 3, "std": 3, "var_mean": 4, "std_mean": 4, "norm": 2, "linalg_vector_norm": 2, "logsumexp": 4}


@_formula("reduce")
def _reduce(graph: Graph, op: Op) -> Quantity:
    return _REDUCTIONS.get(plain_name(op), 1) * _source(graph, op).elements


_SORTS = frozenset(("sort", "argsort", "topk", "msort", "kthvalue", "median", "mode", "quantile"))


@_formula("scan")
def _scan(graph: Graph, op: Op) -> Quantity:
    source = _source(graph, op)
    if plain_name(op) not in _SORTS:
        return source.elements
    lengths = [source.shape[axis] for axis in axes(op.attrs.get("dim")) if source.shape]
    return source.elements * ceil(log2(max(prod(lengths), 2)))


@_formula("fft")
def _fft(graph: Graph, op: Op) -> Quantity:
    """The nominal count of the FFTW authors: 5 n log2 n, half of it when one side is real."""
    source, result = _source(graph, op), graph.result(op)
    real = [value for value in (source, result) if not value.dtype.startswith("complex")]
    whole = real[0] if real else result
    points = max(prod(whole.shape[axis] for axis in axes(op.attrs.get("dim"))), 1)
    return ceil((2.5 if real else 5) * whole.elements * log2(points))


_LOSSES = {
    **dict.fromkeys(("mse_loss", "smooth_l1_loss", "huber_loss", "gaussian_nll_loss"), 3),
    **dict.fromkeys(("l1_loss", "kl_div", "poisson_nll_loss", "hinge_embedding_loss", "margin_ranking_loss"), 3),
    **dict.fromkeys(("cross_entropy", "binary_cross_entropy", "binary_cross_entropy_with_logits"), 6),
    **dict.fromkeys(("nll_loss", "nll_loss_forward", "nll_loss2d_forward"), 1),
    **dict.fromkeys(("soft_margin_loss", "multilabel_soft_margin_loss"), 5),
}


@_formula("loss")
def _loss(graph: Graph, op: Op) -> Quantity:
    per_element = _LOSSES.get(plain_name(op))
    if per_element is None:
        return Unknown(f"no formula for {op.function}")
    return per_element * _source(graph, op).elements


KINDS_ANSWERED = frozenset(_formula)
"""The kinds that have a formula here."""
