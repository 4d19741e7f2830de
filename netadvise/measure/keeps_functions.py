"""What autograd keeps of element-wise functions, reductions, scans and losses: by torch's name of the function.

Names are those of `other_ops.plain_name`: "relu" stands for `relu`, `relu_` and `aten.relu_`.
"""

from __future__ import annotations

from collections.abc import Set

from netadvise.graph import Graph, Op
from netadvise.measure.keeps import NOTHING, RULES, Kept, first_operand, in_place, unheard
from netadvise.measure.other_ops import plain_name
from netadvise.quantity import Unknown

__all__ = ["RULES"]

_RESULT = frozenset(
    "relu sigmoid tanh exp exp2 expm1 sqrt rsqrt tan reciprocal special_expit".split(),
)
"""Functions whose derivative is written with their result."""

_INPUT = frozenset(
    (
        "relu6 leaky_relu elu celu selu gelu silu mish hardsigmoid hardswish hardtanh softplus softshrink hardshrink "
        "glu threshold prelu prelu_kernel rrelu rrelu_with_noise abs sgn log log1p log2 log10 sin cos sinh cosh asin "
        "acos atan asinh acosh atanh erf erfc erfinv square clamp clamp_min clamp_max sinc logit lgamma digamma "
        "nan_to_num"
    ).split(),
)
"""Functions whose derivative is written with their tensor arguments; in place, torch copies the first one before."""

_RESULT_IN_PLACE = frozenset("leaky_relu elu celu selu rrelu rrelu_with_noise".split())
"""Those of them whose in-place form keeps the result instead."""

_ALL = frozenset("atan2 maximum minimum fmax fmin xlogy logaddexp logaddexp2 hypot".split())
"""Functions of two tensors that keep both."""

_NOTHING = frozenset(
    (
        "neg sign floor ceil round trunc frac deg2rad rad2deg remainder fmod floor_divide positive real imag conj "
        "conj_physical resolve_conj resolve_neg view_as_real view_as_complex complex heaviside"
    ).split(),
)
"""Functions whose derivative needs no tensor."""


@RULES("activation", "pointwise")
def _function(graph: Graph, op: Op, needing: Set[int]) -> Kept | Unknown:
    name = plain_name(op)
    overwrites = in_place(graph, op)
    if name in _RESULT or (overwrites and name in _RESULT_IN_PLACE):
        return Kept((op.outputs[0],))
    if name in _INPUT and overwrites:
        return Kept(_operands(op)[1:], first_operand(graph, op).bytes)
    if name in _INPUT or name in _ALL:
        return Kept(_operands(op))
    return NOTHING if name in _NOTHING else _special(graph, op)


def _operands(op: Op) -> tuple[int, ...]:
    return tuple(operand.value for operand in op.inputs)


def _special(graph: Graph, op: Op) -> Kept | Unknown:
    """Functions that keep some of their operands."""
    name = plain_name(op)
    if name in ("log_sigmoid", "log_sigmoid_forward"):
        return Kept(_operands(op), first_operand(graph, op).bytes)
    if name in ("where", "masked_fill"):
        return Kept(tuple(value for value in _operands(op) if graph.values[value].dtype == "bool"))
    if name in ("addcmul", "addcdiv"):
        return Kept(_operands(op)[1:])
    if name == "lerp":
        return NOTHING if op.operand("weight") is None else Kept(_operands(op))
    if name == "pow":
        return Kept(_operands(op) if op.operand("exponent") is None else (*_operands(op), op.outputs[0]))
    return unheard(op)


@RULES("softmax")
def _softmax(graph: Graph, op: Op, needing: Set[int]) -> Kept:
    return Kept((op.outputs[0],))


_REDUCED_WITH_RESULT = frozenset("std std_mean amax amin logsumexp norm linalg_vector_norm prod cumprod".split())
_EXTREMES = frozenset("max min median nanmedian sort topk msort kthvalue mode".split())


@RULES("reduce", "scan")
def _reduction(graph: Graph, op: Op, needing: Set[int]) -> Kept | Unknown:
    """Sums keep nothing, variances their input, norms input and result, sorts and extremes of an axis the indices."""
    name = plain_name(op)
    if name in ("sum", "mean", "cumsum", "diff", "nanmean"):
        return NOTHING
    if name in ("var", "var_mean"):
        return Kept(_operands(op))
    if name in _EXTREMES and len(op.outputs) > 1:
        return Kept((op.outputs[1],))
    if name in ("cummax", "cummin", "cummax_helper"):
        return Kept((op.inputs[0].value, *op.outputs[1:2]))
    if name in _REDUCED_WITH_RESULT or name in ("max", "min", "logcumsumexp"):
        return Kept((op.inputs[0].value, op.outputs[0]))
    return unheard(op)


@RULES("fft")
def _fft(graph: Graph, op: Op, needing: Set[int]) -> Kept:
    """A transform of real numbers keeps its input."""
    return Kept(_operands(op)) if plain_name(op) == "fft_r2c" else NOTHING


_LOSSES = frozenset(
    (
        "mse_loss smooth_l1_loss huber_loss binary_cross_entropy binary_cross_entropy_with_logits soft_margin_loss "
        "nll_loss nll_loss_forward nll_loss2d_forward"
    ).split(),
)


@RULES("loss")
def _loss(graph: Graph, op: Op, needing: Set[int]) -> Kept | Unknown:
    """Input and target; a cross-entropy its log-probabilities; l1_loss signs of the differences; kl_div the target."""
    name, data = plain_name(op), first_operand(graph, op)
    if name in _LOSSES:
        return Kept(_operands(op), data.itemsize if name.startswith("nll") else 0)
    if name == "cross_entropy":
        return Kept(_operands(op)[1:], data.bytes + data.itemsize)
    if name == "l1_loss":
        return Kept((), data.bytes)
    return Kept(_operands(op)[1:]) if name == "kl_div" else unheard(op)
