"""One row of the profile from the ops it sums over: shapes, attributes in torch's names, and totals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from netadvise.graph import Attr, Graph, Op
from netadvise.measure.flops import PRODUCTS, flops, macs
from netadvise.measure.memory import activation_bytes
from netadvise.measure.other_ops import other_ops
from netadvise.measure.params import count_by_row
from netadvise.measure.rows import Row, rows
from netadvise.profiles import Layer, ReceptiveField, Sizes
from netadvise.quantity import total
from netadvise.table import Table

Shapes = tuple[tuple[int, ...], ...]


def layers(graph: Graph, fields: Mapping[int, ReceptiveField]) -> tuple[Layer, ...]:
    """The rows of the profile; `fields` holds receptive fields by value id."""
    found = rows(graph)
    counts = count_by_row(graph, found)
    return tuple(
        Layer(
            name=row.name,
            kind=row.kind,
            call=row.call.index,
            location=row.module.location if row.module else row.ops[0].location,
            called_at=row.call.location if row.module else row.ops[0].location,
            input_shapes=_input_shapes(graph, row),
            output_shapes=_output_shapes(graph, row),
            attrs=_attributes(graph, row),
            params=counted.params,
            trainable_params=counted.trainable_params,
            buffers=counted.buffers,
            macs=total(macs(graph, op) for op in row.ops),
            flops=total(flops(graph, op) for op in row.ops),
            other_ops=total(other_ops(graph, op) for op in row.ops),
            activation_bytes=total(activation_bytes(graph, op) for op in row.ops),
            receptive_field=_field(row, fields),
            shared_params=counted.shared_params,
            ops=tuple(op.id for op in row.ops),
        )
        for row, counted in zip(found, counts, strict=True)
    )


def _field(row: Row, fields: Mapping[int, ReceptiveField]) -> ReceptiveField | None:
    """The field of what a module returned, or of an op's first output."""
    outputs = row.call.outputs if row.module else row.ops[0].outputs
    return fields.get(outputs[0]) if outputs else None


def last_feature_map(found: Sequence[Layer]) -> Sizes:
    """The field of the last row that still has positions: before pooling or a linear layer took in the whole map."""
    fields = [layer.receptive_field for layer in found if layer.receptive_field]
    located = [field for field in fields if not (field.culprit and field.size == field.jump)]
    return (located or fields)[-1].size if fields else ()


_WEIGHTS = frozenset(
    ("weight", "bias", "weights", "weight_ih", "weight_hh", "bias_ih", "bias_hh", "running_mean", "running_var"),
)


def _input_shapes(graph: Graph, row: Row) -> Shapes:
    """A module's tensor arguments; a functional op's operands that are no weights."""
    if row.module:
        return tuple(graph.values[value].shape for value in row.call.inputs)
    operands = [graph.values[operand.value] for operand in row.ops[0].inputs if operand.role not in _WEIGHTS]
    return tuple(value.shape for value in operands if value.origin not in ("parameter", "buffer"))


def _output_shapes(graph: Graph, row: Row) -> Shapes:
    outputs = row.call.outputs if row.module else row.ops[0].outputs
    return tuple(graph.values[value].shape for value in outputs)


def _attributes(graph: Graph, row: Row) -> dict[str, Attr]:
    """The module's attributes, overridden by what the op really ran with where it tells more (ints become tuples)."""
    products = [op for op in row.ops if op.kind in PRODUCTS]
    main = products if products else list(row.ops)
    op = main[0] if len(main) == 1 else None
    if op is None:
        return dict(row.module.attrs) if row.module else {}
    describe = _describe.get(op.kind)
    described = {} if describe is None else describe(graph, op)
    if row.module is None:
        return {**op.attrs, **described}
    wider = {name: value for name, value in op.attrs.items() if name in row.module.attrs and isinstance(value, tuple)}
    return {**row.module.attrs, **wider, **described}


_describe: Table[Callable[[Graph, Op], dict[str, Attr]]] = Table("attributes of a layer, from its operands")


@_describe("conv")
def _conv(graph: Graph, op: Op) -> dict[str, Attr]:
    """Channels from weight [out, in / groups, *kernel]."""
    weight = graph.value_of(op, "weight")
    if weight is None:
        return {}
    groups = op.attrs.get("groups")
    inside = weight.shape[1] * (groups if isinstance(groups, int) else 1)
    return {**_window(op), "in_channels": inside, "out_channels": weight.shape[0], "bias": _has_bias(op)}


@_describe("conv_transpose")
def _conv_transpose(graph: Graph, op: Op) -> dict[str, Attr]:
    """Channels from weight [in, out / groups, *kernel]."""
    weight = graph.value_of(op, "weight")
    if weight is None:
        return {}
    groups = op.attrs.get("groups")
    outside = weight.shape[1] * (groups if isinstance(groups, int) else 1)
    window = {**_window(op), "output_padding": op.attrs.get("output_padding")}
    return {**window, "in_channels": weight.shape[0], "out_channels": outside, "bias": _has_bias(op)}


@_describe("linear")
def _linear(graph: Graph, op: Op) -> dict[str, Attr]:
    """Features from weight [out, in] or [in]."""
    weight = graph.value_of(op, "weight")
    if weight is None:
        return {}
    outside = weight.shape[0] if len(weight.shape) > 1 else 1
    return {"in_features": weight.shape[-1], "out_features": outside, "bias": _has_bias(op)}


def _window(op: Op) -> dict[str, Attr]:
    names = ("kernel_size", "stride", "padding", "dilation", "groups")
    return {name: op.attrs.get(name) for name in names}


def _has_bias(op: Op) -> bool:
    return op.operand("bias") is not None
