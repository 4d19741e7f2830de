"""What layers with weights and dropout were called with, in torch's own names.

Channels and features are read from the weights that the op really ran with, so that functional calls, parametrizations
and quantised copies have them too.
"""

from __future__ import annotations

from collections.abc import Callable

from netadvise.facts import Fact
from netadvise.graph import Value
from netadvise.measure.facts.reading import flag, module_attr, number, parameter, text, whole
from netadvise.measure.facts.survey import Entry, Survey
from netadvise.measure.facts.walk import ahead, behind, source
from netadvise.measure.other_ops import axes
from netadvise.table import Table

Found = dict[str, Fact]
Describe = Callable[[Survey, Entry], Found]

_describe: Table[Describe] = Table("arguments of an op")


def arguments(survey: Survey) -> None:
    """The arguments of convolutions, linear and recurrent layers, attention and dropout."""
    for entry in survey.entries:
        describe = _describe.get(str(entry.get("op")))
        if describe is not None:
            entry.facts.update(describe(survey, entry))


@_describe("conv", "conv_transpose")
def _conv(survey: Survey, entry: Entry) -> Found:
    weight = parameter(survey, entry, "weight")
    if weight is None:
        return {}
    attrs, groups = entry.op.attrs, whole(entry.op.attrs.get("groups")) or 1
    transposed = entry.get("op") == "conv_transpose"
    first, second = weight.shape[0], weight.shape[1] * groups
    after = axes(attrs.get("padding_after"))
    padding = axes(attrs.get("padding"))
    return {
        "in_channels": first if transposed else second,
        "out_channels": second if transposed else first,
        "kernel_size": weight.shape[2:],
        "stride": axes(attrs.get("stride")),
        "padding": padding,
        "padding_after": after if after and after != padding else None,
        "dilation": axes(attrs.get("dilation")),
        "output_padding": axes(attrs.get("output_padding")) if transposed else None,
        "padding_mode": _padding_mode(entry),
        "groups": groups,
        "bias": parameter(survey, entry, "bias") is not None,
        "transposed": transposed,
        "ndim": len(weight.shape) - 2,
        "explicit_padding": explicit_padding(survey, entry, len(weight.shape) - 2),
    }


def _padding_mode(entry: Entry) -> str:
    """The mode of the module; "same" padding is one of zeros."""
    return text(module_attr(entry, "padding_mode")) or "zeros"


def explicit_padding(survey: Survey, entry: Entry, rank: int) -> Fact:
    """What a padding op directly before adds per axis, both sides together; None without one."""
    before = source(survey, entry)
    if before is None or before.get("op") != "pad":
        return None
    amounts = axes(before.op.attrs.get("pad"))
    totals = [amounts[place] + amounts[place + 1] for place in range(0, len(amounts) - 1, 2)][::-1]
    return (0,) * (rank - len(totals)) + tuple(totals[-rank:])


@_describe("linear")
def _linear(survey: Survey, entry: Entry) -> Found:
    """Features from weight [out, in] or [in]; a bilinear layer has two inputs and so no one number of them."""
    weight = parameter(survey, entry, "weight")
    if weight is None:
        return {}
    return {
        "in_features": weight.shape[-1] if entry.op.kind == "linear" else None,
        "out_features": weight.shape[0] if len(weight.shape) > 1 else 1,
        "bias": parameter(survey, entry, "bias") is not None,
    }


@_describe("rnn")
def _rnn(survey: Survey, entry: Entry) -> Found:
    attrs = entry.op.attrs
    weights = [survey.graph.values[value] for value in entry.op.operands("weights")]
    return {
        "mode": text(attrs.get("mode")),
        "input_size": weights[0].shape[1] if weights else None,
        "hidden_size": whole(attrs.get("hidden_size")),
        "num_layers": whole(attrs.get("num_layers")),
        "bidirectional": flag(attrs.get("bidirectional")),
        "batch_first": _first_of(flag(module_attr(entry, "batch_first")), flag(attrs.get("batch_first"))),
        "proj_size": whole(attrs.get("proj_size")),
        "dropout": number(attrs.get("dropout")),
        "bias": flag(attrs.get("has_biases")),
    }


@_describe("rnn_cell")
def _rnn_cell(survey: Survey, entry: Entry) -> Found:
    inside, hidden = parameter(survey, entry, "weight_ih"), parameter(survey, entry, "weight_hh")
    return {
        "mode": text(entry.op.attrs.get("mode")),
        "input_size": None if inside is None else inside.shape[1],
        "hidden_size": None if hidden is None else hidden.shape[1],
        "bias": parameter(survey, entry, "bias_ih") is not None,
    }


@_describe("attention")
def _attention(survey: Survey, entry: Entry) -> Found:
    query = parameter(survey, entry, "query")
    heads = query.shape[-3] if query is not None and len(query.shape) > 3 else None
    return {**_around(entry, query, heads), "dropout_p": number(entry.op.attrs.get("dropout_p"))}


def _around(entry: Entry, query: Value | None, heads: int | None) -> Found:
    """What the attention module around it says; a functional call shows its heads in the shape of the query."""
    width = heads * query.shape[-1] if query is not None and heads is not None else None
    return {
        "batch_first": flag(module_attr(entry, "batch_first")),
        "num_heads": _first_of(whole(module_attr(entry, "num_heads")), heads),
        "embed_dim": _first_of(whole(module_attr(entry, "embed_dim")), width),
    }


def _first_of(one: Fact, other: Fact) -> Fact:
    return other if one is None else one


@_describe("dropout", "drop_path")
def _dropout(survey: Survey, entry: Entry) -> Found:
    if entry.op.kind != "dropout":
        return {}
    attrs = entry.op.attrs
    rate, drawing = number(attrs.get("p")), attrs.get("training") is True
    on_weights = weighs_values(survey, entry)
    return {
        "p": rate,
        "dropout_kind": "attention" if on_weights else _variant(survey, entry),
        "active": drawing and rate is not None and rate > 0,
        "training_arg": flag(attrs.get("training")) if entry.get("functional") else None,
        "attention_weights": on_weights,
    }


def _variant(survey: Survey, entry: Entry) -> str:
    variant = str(entry.op.attrs.get("variant", "element"))
    if variant != "channel":
        return variant
    named = entry.op.function.rstrip("_")[-2:]
    rank = len(survey.graph.result(entry.op).shape) - 2
    return f"channel{named if named in ('1d', '2d', '3d') else f'{min(max(rank, 1), 3)}d'}"


@_describe("activation")
def _attention_softmax(survey: Survey, entry: Entry) -> Found:
    """A softmax of attention scores; inside nn.MultiheadAttention it stands for the attention."""
    if entry.op.kind != "softmax":
        return {}
    on_weights = weighs_values(survey, entry)
    inside = on_weights and entry.get("type") == "MultiheadAttention"
    return {**(_around(entry, None, None) if inside else {}), "attention_weights": on_weights}


_AMONG_SCORES = frozenset(("dropout", "reshape", "permute", "expand", "slice", "pointwise"))


def weighs_values(survey: Survey, entry: Entry) -> bool:
    """Whether it is a softmax, or a dropout behind one, whose result is multiplied with other data."""
    if entry.op.kind != "softmax" and not any(
        each.op.kind == "softmax" for each in behind(survey, entry, _AMONG_SCORES)
    ):
        return False
    return any(_multiplies(survey, each) for each in ahead(survey, entry, _AMONG_SCORES))


def _multiplies(survey: Survey, reader: Entry) -> bool:
    """Whether it takes two different tensors of the data."""
    operands = survey.data_operands(reader)
    return reader.get("op") in ("matmul", "mul") and len(set(operands)) > 1
