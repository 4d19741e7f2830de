"""What autograd keeps of each op for the backward pass.

Per op: some of its operands and results (`values`), and tensors that exist only for the backward pass
(`extra_bytes`: the indices of max pooling, the mask of dropout, the statistics of a norm). The rules are those of
torch's derivatives. Where torch has a fused kernel on the GPU that keeps less than the CPU does (dropout: one byte per
element; RMS norm; attention with dropout), the fused one is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from math import prod

from netadvise.graph import Graph, Op, Value
from netadvise.measure.folding import folded_copy_bytes, product_copy_bytes
from netadvise.measure.other_ops import axes, plain_name
from netadvise.quantity import Unknown
from netadvise.table import Table


@dataclass(frozen=True, slots=True)
class Kept:
    """What one op keeps: values of the graph, and bytes of tensors that are no values of it."""

    values: tuple[int, ...] = ()
    extra_bytes: int = 0


NOTHING = Kept()

Rule = Callable[[Graph, Op, Set[int]], Kept | Unknown]
"""From the graph, the op and the values that need a gradient to what the op keeps."""

RULES: Table[Rule] = Table("saved_activation_bytes")


def unheard(op: Op) -> Unknown:
    """Nothing is known about the op's derivative."""
    return Unknown(f"not known what autograd keeps for {op.function}")


def is_floating(value: Value) -> bool:
    """Whether a gradient can flow through a tensor of this type."""
    return value.dtype.startswith(("float", "bfloat", "complex"))


def first_operand(graph: Graph, op: Op) -> Value:
    """The operand that torch calls `input` or `self`."""
    return graph.values[op.inputs[0].value]


def in_place(graph: Graph, op: Op) -> bool:
    """Whether the op overwrites its first operand."""
    return graph.result(op).storage == first_operand(graph, op).storage


def _statistic_size(value: Value) -> int:
    """Bytes of one statistic: half precision accumulates in float32."""
    return max(value.itemsize, 4)


def _named(op: Op, *roles: str) -> tuple[int, ...]:
    return tuple(value for role in roles if (value := op.operand(role)) is not None)


RULES(
    *("view", "permute", "expand", "repeat", "slice", "select", "split", "cat", "stack", "flip", "roll", "copy"),
    *("write_through", "as_strided", "pixel_shuffle", "pixel_unshuffle", "channel_shuffle", "unfold", "fold", "add"),
    *("sub", "factory", "random", "shape_only", "item"),
)(lambda graph, op, needing: NOTHING)


@RULES("conv", "conv_transpose")
def _convolution(graph: Graph, op: Op, needing: Set[int]) -> Kept:
    """Input and weight; for uneven 'same' padding a padded copy in place of the input."""
    before, after = axes(op.attrs.get("padding")), axes(op.attrs.get("padding_after"))
    if not after or after == before:
        return Kept(_named(op, "input", "weight"))
    shape = first_operand(graph, op).shape
    rank = len(after)
    padded = [size + last - first for size, first, last in zip(shape[-rank:], before, after, strict=True)]
    return Kept(_named(op, "weight"), prod(shape[:-rank]) * prod(padded) * first_operand(graph, op).itemsize)


@RULES("linear", "matmul", "grouped_matmul", "mul")
def _partners(graph: Graph, op: Op, needing: Set[int]) -> Kept | Unknown:
    """Each factor when another factor needs a gradient."""
    factors = [operand.value for operand in op.inputs if operand.role not in ("bias", "offs")]
    if len(factors) > 2:
        return Unknown(f"{op.function} of more than two operands keeps intermediate products")
    if len(factors) < 2:
        return NOTHING
    kept = [own for own, other in zip(factors, reversed(factors), strict=True) if other in needing]
    copies = {value: bytes_ for value in kept if (bytes_ := _copied(graph, op, value, factors))}
    whole = tuple(value for value in kept if value not in copies)
    return Kept((*whole, *op.operands("offs")), sum(copies.values()))


def _copied(graph: Graph, op: Op, factor: int, factors: Sequence[int]) -> int:
    """Bytes of the copy that is kept of a factor in place of itself; 0 where it is kept as it is."""
    own = graph.values[factor]
    if op.kind == "mul":
        return own.bytes if in_place(graph, op) and factor == factors[0] else 0
    if op.kind == "grouped_matmul":
        return 0
    left, right = (graph.values[value] for value in factors)
    if op.kind == "linear":
        return folded_copy_bytes(left) if own is left else 0
    return product_copy_bytes(left, right, own)


@RULES("div")
def _div(graph: Graph, op: Op, needing: Set[int]) -> Kept:
    """The divisor, and the dividend when the divisor needs a gradient."""
    divisor = op.operand("other")
    if divisor is None:
        return NOTHING
    dividend = op.inputs[0].value
    if divisor not in needing:
        return Kept((divisor,))
    return Kept((divisor,), first_operand(graph, op).bytes) if in_place(graph, op) else Kept((divisor, dividend))


@RULES("bilinear")
def _bilinear(graph: Graph, op: Op, needing: Set[int]) -> Kept:
    return Kept(_named(op, "input1", "input2", "weight"))


@RULES("attention")
def _attention(graph: Graph, op: Op, needing: Set[int]) -> Kept:
    """Query, key, value, mask, result and one log-sum-exp per query and head; a boolean mask is kept as numbers."""
    query, result, mask = first_operand(graph, op), graph.result(op), graph.value_of(op, "attn_mask")
    extra = prod(result.shape[:-1]) * _statistic_size(query)
    if mask is not None and mask.dtype == "bool":
        return Kept((*_named(op, "query", "key", "value"), result.id), extra + mask.elements * query.itemsize)
    return Kept((*_named(op, "query", "key", "value", "attn_mask"), result.id), extra)


@RULES("rnn")
def _rnn(graph: Graph, op: Op, needing: Set[int]) -> Unknown:
    return Unknown(f"a fused {op.function} keeps a workspace whose size is the backend's own")


_GATES_KEPT = {"LSTM": 5, "GRU": 6, "RNN_TANH": 0, "RNN_RELU": 0}


@RULES("rnn_cell")
def _rnn_cell(graph: Graph, op: Op, needing: Set[int]) -> Kept:
    """Input, states, and the gates of the step: LSTM 4 and tanh(c); GRU 3, the hidden part, n and h - n; RNN: h."""
    mode = str(op.attrs["mode"])
    result = graph.result(op)
    states = op.operands("hx")
    zeros = 0 if states else result.bytes
    own = () if _GATES_KEPT[mode] else (result.id,)
    return Kept((*_named(op, "input"), *states, *own), zeros + _GATES_KEPT[mode] * result.bytes)


@RULES("embedding")
def _embedding(graph: Graph, op: Op, needing: Set[int]) -> Kept:
    """The ids; a bag also the bag of each id, and size and offset of each bag."""
    if op.attrs.get("mode") is None:
        return Kept(_named(op, "input"))
    ids, bags = first_operand(graph, op), graph.result(op).shape[0]
    return Kept(_named(op, "input", "offsets"), 8 * (ids.elements + 1 + (2 if op.operand("offsets") else 3) * bags))


@RULES("batch_norm")
def _batch_norm(graph: Graph, op: Op, needing: Set[int]) -> Kept:
    """Input and weight; in training the mean and inverse deviation of each channel."""
    data = first_operand(graph, op)
    statistics = 2 * data.shape[1] * _statistic_size(data) if op.attrs.get("training") else 0
    return Kept(_named(op, "input", "weight"), statistics)


@RULES("instance_norm")
def _instance_norm(graph: Graph, op: Op, needing: Set[int]) -> Kept:
    """As batch norm over batch times channels, for which weight and running statistics are repeated."""
    data = first_operand(graph, op)
    tensors = len(_named(op, "weight", "running_mean", "running_var"))
    tensors += 2 if op.attrs.get("use_input_stats", True) else 0
    return Kept(_named(op, "input"), tensors * prod(data.shape[:2]) * _statistic_size(data))


@RULES("group_norm")
def _group_norm(graph: Graph, op: Op, needing: Set[int]) -> Kept:
    data = first_operand(graph, op)
    groups = sum(axes(op.attrs.get("num_groups")))
    return Kept(_named(op, "input", "weight"), 2 * data.shape[0] * groups * _statistic_size(data))


@RULES("layer_norm")
def _layer_norm(graph: Graph, op: Op, needing: Set[int]) -> Kept:
    """Input, weight, and mean and inverse deviation of each normalised slice."""
    return Kept(_named(op, "input", "weight"), 2 * _slices_bytes(graph, op))


@RULES("rms_norm")
def _rms_norm(graph: Graph, op: Op, needing: Set[int]) -> Kept:
    return Kept(_named(op, "input", "weight"), _slices_bytes(graph, op))


def _slices_bytes(graph: Graph, op: Op) -> int:
    data = first_operand(graph, op)
    outer = data.shape[: len(data.shape) - len(axes(op.attrs.get("normalized_shape")))]
    return prod(outer) * _statistic_size(data)


@RULES("weight_norm")
def _weight_norm(graph: Graph, op: Op, needing: Set[int]) -> Kept:
    """Direction, length, and the norms of the direction."""
    return Kept((*(operand.value for operand in op.inputs), *op.outputs[1:]))


@RULES("local_response_norm")
def _local_response_norm(graph: Graph, op: Op, needing: Set[int]) -> Kept:
    """Input, padded squares, and the divisor before and after its power."""
    data = first_operand(graph, op)
    padded = data.bytes // data.shape[1] * (data.shape[1] + sum(axes(op.attrs.get("size"))) - 1)
    return Kept((data.id,), padded + 2 * data.bytes)


@RULES("dropout")
def _dropout(graph: Graph, op: Op, needing: Set[int]) -> Kept:
    """The mask: one byte per element; as a tensor of the input's type for channels, paths, alpha and in place."""
    data = first_operand(graph, op)
    if not op.attrs.get("training") or not op.attrs.get("p"):
        return NOTHING
    variant = op.attrs.get("variant")
    if variant == "element" and not in_place(graph, op):
        return Kept((), data.elements)
    shared = {"channel": 2, "feature_alpha": 2, "path": 1}.get(str(variant), len(data.shape))
    return Kept((), prod(data.shape[:shared]) * data.itemsize)


@RULES("max_pool", "adaptive_max_pool")
def _max_pool(graph: Graph, op: Op, needing: Set[int]) -> Kept:
    """The input, and an int64 index per output."""
    if len(op.outputs) > 1:
        return Kept((op.inputs[0].value, op.outputs[1]))
    return Kept((op.inputs[0].value,), 8 * graph.result(op).elements)


@RULES("avg_pool", "grid_sample")
def _operands(graph: Graph, op: Op, needing: Set[int]) -> Kept:
    return Kept(tuple(operand.value for operand in op.inputs))


@RULES("adaptive_avg_pool")
def _adaptive_avg_pool(graph: Graph, op: Op, needing: Set[int]) -> Kept:
    """The input; nothing for one output, which torch computes as a mean."""
    sizes = axes(op.attrs.get("output_size"))
    return NOTHING if set(sizes) == {1} else Kept((op.inputs[0].value,))


@RULES("lp_pool")
def _lp_pool(graph: Graph, op: Op, needing: Set[int]) -> Kept:
    """The input and its power, and four steps of the root."""
    return Kept((op.inputs[0].value,), first_operand(graph, op).bytes + 4 * graph.result(op).bytes)


@RULES("max_unpool")
def _max_unpool(graph: Graph, op: Op, needing: Set[int]) -> Kept:
    return Kept(_named(op, "index"))


@RULES("interpolate")
def _interpolate(graph: Graph, op: Op, needing: Set[int]) -> Kept:
    """Nothing but sizes; area mode is adaptive average pooling."""
    pooled = op.attrs.get("mode") == "area" and prod(graph.result(op).shape[2:]) > 1
    return Kept((op.inputs[0].value,)) if pooled else NOTHING


@RULES("pad")
def _pad(graph: Graph, op: Op, needing: Set[int]) -> Kept:
    return Kept((op.inputs[0].value,)) if op.attrs.get("mode") in ("reflect", "replicate") else NOTHING


@RULES("index", "setitem")
def _index(graph: Graph, op: Op, needing: Set[int]) -> Kept:
    """The indices and masks; gather and masked_select their input too."""
    indices = [o.value for o in op.inputs[1:] if not is_floating(graph.values[o.value])]
    gathered = plain_name(op) in ("gather", "take_along_dim", "masked_select")
    return Kept((op.inputs[0].value, *indices) if gathered else tuple(indices))
