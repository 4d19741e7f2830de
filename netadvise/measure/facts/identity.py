"""What each op is: its `op`, the name and class of what ran it, and how it was called.

`op` comes from the kind of the recorded op; where one kind stands for several things, from its arguments and shapes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from netadvise.graph import Op, Value
from netadvise.kinds import KINDS
from netadvise.measure.facts.survey import Entry, Survey
from netadvise.measure.other_ops import axes
from netadvise.table import Table

Refine = Callable[[Survey, Op], str]

_PLAIN: dict[str, str] = {
    "conv": "conv",
    "conv_transpose": "conv_transpose",
    "linear": "linear bilinear",
    "matmul": "matmul grouped_matmul",
    "attention": "attention",
    "rnn": "rnn",
    "rnn_cell": "rnn_cell",
    "embedding": "embedding",
    "norm": "batch_norm instance_norm group_norm layer_norm rms_norm local_response_norm",
    "activation": "activation softmax",
    "upsample": "interpolate max_unpool",
    "grid_sample": "grid_sample",
    "pixel_shuffle": "pixel_shuffle",
    "pixel_unshuffle": "pixel_unshuffle",
    "channel_shuffle": "channel_shuffle",
    "pad": "pad",
    "reshape": "view",
    "permute": "permute",
    "expand": "expand repeat",
    "slice": "slice select split index flip roll as_strided unfold",
    "cat": "cat stack",
    "pointwise": "pointwise div weight_norm setitem write_through",
    "reduce": "fold",
    "scan": "scan fft",
    "random": "random",
    "constant": "factory shape_only item",
    "loss": "loss",
}
_OP_OF_KIND = {kind: op for op, kinds in _PLAIN.items() for kind in kinds.split()}

_refine: Table[Refine] = Table("op of a kind that stands for several")


_COMPOSED = {"Softsign": "activation", "Tanhshrink": "activation", "FrozenBatchNorm2d": "norm"}
"""Leaf modules that run several ops of which the last gives their result."""


def op_of(survey: Survey, entry: Entry) -> str:
    """One of `vocabulary.OPS`."""
    op, row = entry.op, entry.row
    if row is not None and row.module is not None and op is row.ops[-1] and row.module.type in _COMPOSED:
        return _COMPOSED[row.module.type]
    if op.kind not in KINDS:
        return "opaque"
    if op.kind == "random" or plain(op.function) in _RANDOM_FACTORIES:
        return "random"
    if not any(output in survey.data for output in op.outputs):
        return "constant"
    refine = _refine.get(op.kind)
    return _OP_OF_KIND[op.kind] if refine is None else refine(survey, op)


_RANDOM_FACTORIES = frozenset({"rand", "randn", "randint", "randperm", "multinomial"})


def plain(function: str) -> str:
    """torch's name without namespace, leading underscores and the mark of the in-place form."""
    name = function.rpartition(".")[2].lstrip("_")
    return name.rstrip("_") or function


@_refine("copy")
def _copy(survey: Survey, op: Op) -> str:
    """Whether it cuts the gradient, makes a copy, or hands on the same memory."""
    name = plain(op.function)
    if name == "detach":
        return "detach"
    return "identity" if name in _SAME_MEMORY else "copy"


_SAME_MEMORY = frozenset({"alias", "lift", "lift_fresh", "pin_memory"})


@_refine("pointwise")
def _pointwise(survey: Survey, op: Op) -> str:
    """A sine is the activation of implicit networks (SIREN); anything else has no name."""
    return "activation" if plain(op.function) == "sin" else "pointwise"


@_refine("dropout")
def _dropout(survey: Survey, op: Op) -> str:
    return "drop_path" if op.attrs.get("variant") == "path" else "dropout"


@_refine("add", "sub")
def _sum(survey: Survey, op: Op) -> str:
    return "add" if _joins(survey, op) else "pointwise"


@_refine("mul")
def _product(survey: Survey, op: Op) -> str:
    return "mul" if _joins(survey, op) else "pointwise"


def _joins(survey: Survey, op: Op) -> bool:
    """Whether the op has two operands that are more than one constant number."""
    operands = [survey.graph.values[operand.value] for operand in op.inputs]
    return sum(value.id in survey.data or value.origin == "parameter" or value.elements > 1 for value in operands) > 1


@_refine("max_pool")
def _max_pool(survey: Survey, op: Op) -> str:
    return "pool_global" if _takes_all(survey, op) else "pool_max"


@_refine("avg_pool", "lp_pool")
def _avg_pool(survey: Survey, op: Op) -> str:
    return "pool_global" if _takes_all(survey, op) else "pool_avg"


def _takes_all(survey: Survey, op: Op) -> bool:
    """Whether one unpadded window covers all of the map."""
    kernel = axes(op.attrs.get("kernel_size"))
    source, result = _first(survey, op), survey.graph.result(op)
    rank = len(kernel)
    covers = all(size <= width for size, width in zip(source.shape[-rank:], kernel, strict=True))
    return covers and result.shape[-rank:] == (1,) * rank and source.shape[-rank:] != (1,) * rank


@_refine("adaptive_avg_pool", "adaptive_max_pool")
def _adaptive_pool(survey: Survey, op: Op) -> str:
    size = axes(op.attrs.get("output_size"))
    return "pool_global" if size and set(size) == {1} else "pool_adaptive"


@_refine("reduce")
def _reduce(survey: Survey, op: Op) -> str:
    if plain(op.function) not in _POOLING:
        return "reduce"
    return "pool_global" if _over_positions(survey, op) else "reduce"


_POOLING = frozenset({"mean", "amax", "max"})


def _over_positions(survey: Survey, op: Op) -> bool:
    """Whether a reduction takes in every axis but the samples and the channels."""
    source, reduced = _first(survey, op), frozenset(axes(op.attrs.get("dim")))
    channel = survey.channel_axis.get(source.id)
    if not isinstance(channel, int) or len(source.shape) < 3:
        return len(source.shape) > 3 and reduced == frozenset(range(2, len(source.shape)))
    return reduced == frozenset(range(1, len(source.shape))) - {channel}


def _first(survey: Survey, op: Op) -> Value:
    return survey.graph.values[op.inputs[0].value]


def identity(survey: Survey) -> None:
    """What each entry is, who ran it, and how it was called."""
    calls = Counter(call.module for call in survey.graph.calls)
    for entry in survey.entries:
        call = survey.graph.calls[entry.op.call]
        leaf = entry.row.module if entry.row is not None else None
        count = calls[call.module]
        entry.facts.update(
            name=entry.name,
            op=op_of(survey, entry),
            type=_name(entry.op.function) if leaf is None else leaf.type,
            function=_name(entry.op.function),
            module=call.module,
            call_index=call.index,
            call_count=count,
            functional=leaf is None or not leaf.package.startswith("torch.nn."),
            inplace=overwrites(survey, entry),
            in_loop=count > 1,
        )


def _name(function: str) -> str:
    """torch's name for the function: `softmax` for the operator `_softmax`."""
    return function.rpartition(".")[2].lstrip("_") or function


def overwrites(survey: Survey, entry: Entry) -> bool:
    """Whether the op writes into the memory of its first operand."""
    op = entry.op
    if not op.inputs or op.kind == "write_through":
        return False
    named = op.function.endswith("_") or op.attrs.get("inplace") is True
    if not (named or op.kind == "setitem") or (op.kind == "dropout" and not _draws(op)):
        return False
    return survey.graph.result(op).storage == _first(survey, op).storage


def _draws(op: Op) -> bool:
    return bool(op.attrs.get("training")) and bool(op.attrs.get("p"))
