"""Torch functions that are recorded whole, under the names and arguments the user wrote.

Below this level an operator loses what a reader wants to see: `F.dropout` in eval mode runs nothing at all, `linear`
becomes `addmm`, an LSTM hundreds of products. What is not in this table is recorded by the aten operators it runs
(see `aten.py`).
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

Attrs = dict[str, Any]
Normalise = Callable[[Attrs], Attrs]


@dataclass(frozen=True, slots=True)
class Whole:
    """How a torch function is recorded: its kind, its parameters in order with defaults, and a normaliser."""

    kind: str
    parameters: tuple[str, ...]
    defaults: Attrs
    normalise: Normalise

    def bind(self, args: tuple[Any, ...], kwargs: Attrs) -> Attrs:
        """The call's arguments by name in the signature's order, defaults filled in, absent tensors left out."""
        given = {**dict(zip(self.parameters, args, strict=False)), **kwargs}
        ordered = {name: given.pop(name, self.defaults.get(name)) for name in self.parameters}
        found = {**ordered, **given}
        return {name: value for name, value in found.items() if value is not None or name not in _TENSORS}


WHOLE: dict[Any, Whole] = {}
"""The function object as torch dispatches it, to how it is recorded."""


def whole(kind: str, signature: str, *functions: Any, normalise: Normalise = dict) -> None:
    """Register `functions` under `kind`; `signature` is "name name=default ..." in torch's order."""
    names, defaults = [], {}
    for part in signature.split():
        name, given, default = part.partition("=")
        names.append(name)
        if given:
            defaults[name] = _default(default)
    for function in functions:
        WHOLE[function] = Whole(kind, tuple(names), defaults, normalise)


_TENSORS = {"bias", "weight", "bias_ih", "bias_hh", "attn_mask", "running_mean", "running_var"}


def _default(text: str) -> Any:
    """A default value as it stands in a signature; a bare word is text."""
    return text if text.isalpha() and text not in ("None", "True", "False") else ast.literal_eval(text)


def per_axis(value: Any, rank: int) -> tuple[int, ...]:
    """An int or a sequence as one int per spatial axis."""
    items = tuple(value) if isinstance(value, Iterable) else (value,)
    return tuple(int(item) for item in (items * rank if len(items) == 1 else items))


def _conv(arguments: Attrs) -> Attrs:
    """Named arguments of a convolution; 'same' padding as explicit amounts before and after (torch pads the end)."""
    kernel = tuple(arguments["weight"].shape[2:])
    rank = len(kernel)
    stride, dilation = per_axis(arguments["stride"], rank), per_axis(arguments["dilation"], rank)
    padding = arguments["padding"]
    attrs = {**arguments, "kernel_size": kernel, "stride": stride, "dilation": dilation}
    if padding == "valid":
        return {**attrs, "padding": (0,) * rank}
    if padding == "same":
        totals = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
        before = tuple(total // 2 for total in totals)
        after = tuple(total - first for total, first in zip(totals, before, strict=True))
        return {**attrs, "padding": before, "padding_after": after, "padding_mode": "same"}
    return {**attrs, "padding": per_axis(padding, rank)}


def _conv_transpose(arguments: Attrs) -> Attrs:
    attrs = _conv(arguments)
    return {**attrs, "output_padding": per_axis(arguments["output_padding"], len(attrs["kernel_size"]))}


def _pool(rank: int) -> Normalise:
    def normalise(arguments: Attrs) -> Attrs:
        attrs = {**arguments, "kernel_size": per_axis(arguments["kernel_size"], rank)}
        stride = arguments.get("stride")
        given = stride is not None and stride != () and stride != []
        attrs["stride"] = per_axis(stride, rank) if given else attrs["kernel_size"]
        for name in ("padding", "dilation"):
            if name in arguments:
                attrs[name] = per_axis(arguments[name], rank)
        return attrs

    return normalise


def _adaptive(rank: int) -> Normalise:
    def normalise(arguments: Attrs) -> Attrs:
        size = arguments["output_size"]
        sizes = tuple(size) if isinstance(size, Iterable) else (size,) * rank
        shape = tuple(arguments["input"].shape)[-rank:]
        resolved = tuple(int(length if given is None else given) for given, length in zip(sizes, shape, strict=True))
        return {**arguments, "output_size": resolved}

    return normalise


def _interpolate(arguments: Attrs) -> Attrs:
    rank = arguments["input"].dim() - 2
    scale = arguments["scale_factor"]
    if scale is not None:
        scales = tuple(scale) if isinstance(scale, Iterable) else (scale,) * rank
        scale = tuple(float(factor) for factor in scales)
    return {**arguments, "scale_factor": scale}


def _dropout(variant: str) -> Normalise:
    return lambda arguments: {**arguments, "variant": variant}


def _named(name: str, **fixed: Any) -> Normalise:
    return lambda arguments: {**arguments, **fixed}


def _rnn(mode: str) -> Normalise:
    """Attributes of a recurrent layer from its call; a packed call has `batch_sizes` as its second argument."""

    def normalise(arguments: Attrs) -> Attrs:
        packed = not isinstance(arguments["has_biases"], bool)
        if packed:
            given = [arguments[part.partition("=")[0]] for part in _RNN.split()]
            arguments = dict(zip(_PACKED_RNN, given, strict=True))
        weights = list(arguments["weights"])
        attrs = {**arguments, "mode": mode, "hidden_size": weights[0].shape[0] // _GATES[mode]}
        attrs["proj_size"] = _projection(mode, weights, arguments, attrs["hidden_size"])
        if packed:
            attrs["batch_sizes"] = tuple(arguments["batch_sizes"].tolist())
            attrs["batch_first"] = False
        return attrs

    return normalise


_RNN = "input hx weights has_biases num_layers dropout training bidirectional batch_first=False"
_PACKED_RNN = "input batch_sizes hx weights has_biases num_layers dropout training bidirectional".split()
_GATES = {"LSTM": 4, "GRU": 3, "RNN_TANH": 1, "RNN_RELU": 1}


def _projection(mode: str, weights: list[Tensor], arguments: Attrs, hidden_size: int) -> int:
    """`proj_size` of an LSTM, read from the width of its recurrent weight; 0 without projection."""
    width = int(weights[1].shape[1])
    return width if mode == "LSTM" and width != hidden_size else 0


def _setitem(arguments: Attrs) -> Attrs:
    """The index as text; `dim`, `start`, `end`, `step` beside it when it is one slice of one axis."""
    index, shape = arguments["index"], tuple(arguments["input"].shape)
    items = index if isinstance(index, tuple) else (index,)
    attrs = {**arguments, "index": _index_text(items)}
    if Ellipsis in [item for item in items if not isinstance(item, Tensor)]:
        position = next(place for place, item in enumerate(items) if item is Ellipsis)
        fill = (slice(None),) * (len(shape) - len(items) + 1)
        items = (*items[:position], *fill, *items[position + 1 :])
    if all(isinstance(item, slice | int) and not isinstance(item, bool) for item in items):
        cuts = [(dim, item) for dim, item in enumerate(items) if item != slice(None)]
        if len(cuts) == 1:
            dim, cut = cuts[0]
            bounds = cut.indices(shape[dim]) if isinstance(cut, slice) else (cut % shape[dim], cut % shape[dim] + 1, 1)
            attrs |= {"dim": dim, "start": bounds[0], "end": bounds[1], "step": bounds[2]}
        elif not cuts:
            attrs |= {"dim": 0, "start": 0, "end": shape[0] if shape else 1, "step": 1}
    return attrs


def _index_text(items: tuple[Any, ...]) -> str:
    return ", ".join(f"tensor{tuple(item.shape)}" if isinstance(item, Tensor) else str(item) for item in items)


def _register_products() -> None:
    conv = "input weight bias=None stride=1 padding=0 dilation=1 groups=1"
    whole("conv", conv, torch.conv1d, torch.conv2d, torch.conv3d, normalise=_conv)
    transposed = "input weight bias=None stride=1 padding=0 output_padding=0 groups=1 dilation=1"
    functions = (torch.conv_transpose1d, torch.conv_transpose2d, torch.conv_transpose3d)
    whole("conv_transpose", transposed, *functions, normalise=_conv_transpose)
    whole("linear", "input weight bias=None", F.linear)
    whole("bilinear", "input1 input2 weight bias=None", F.bilinear, torch.bilinear)
    matmuls = (torch.matmul, Tensor.matmul, Tensor.__matmul__, operator.matmul, torch.mm, Tensor.mm, torch.bmm)
    whole("matmul", "input other", *matmuls, Tensor.bmm, torch.mv, Tensor.mv, torch.dot, Tensor.dot)
    whole("matmul", "other input", Tensor.__rmatmul__)
    attention = "query key value attn_mask=None dropout_p=0.0 is_causal=False scale=None enable_gqa=False"
    whole("attention", attention, F.scaled_dot_product_attention)
    modes: tuple[tuple[str, Any], ...] = (
        ("LSTM", torch.lstm),
        ("GRU", torch.gru),
        ("RNN_TANH", torch.rnn_tanh),
        ("RNN_RELU", torch.rnn_relu),
    )
    for mode, function in modes:
        whole("rnn", _RNN, function, normalise=_rnn(mode))
    cell = "input hx weight_ih weight_hh bias_ih=None bias_hh=None"
    cells: tuple[tuple[str, Any], ...] = ("LSTM", torch.lstm_cell), ("GRU", torch.gru_cell)
    for mode, function in (*cells, ("RNN_TANH", torch.rnn_tanh_cell), ("RNN_RELU", torch.rnn_relu_cell)):
        whole("rnn_cell", cell, function, normalise=_named(mode, mode=mode))
    whole("embedding", "input weight", F.embedding)
    whole("index", "input lengths batch_first", torch._VF._pack_padded_sequence)
    unpack = "input batch_sizes batch_first padding_value total_length"
    whole("index", unpack, torch._VF._pad_packed_sequence)


def _register_norms_and_dropout() -> None:
    norm = "input running_mean running_var weight=None bias=None training=False momentum=0.1 eps=1e-5"
    whole("batch_norm", norm, F.batch_norm)
    native = "input weight bias running_mean running_var training momentum eps cudnn_enabled"
    whole("batch_norm", native, torch.batch_norm)
    instance = "input running_mean=None running_var=None weight=None bias=None use_input_stats=True momentum=0.1"
    whole("instance_norm", instance + " eps=1e-5", F.instance_norm)
    whole("layer_norm", "input normalized_shape weight=None bias=None eps=1e-5", F.layer_norm, torch.layer_norm)
    whole("group_norm", "input num_groups weight=None bias=None eps=1e-5", F.group_norm, torch.group_norm)
    whole("rms_norm", "input normalized_shape weight=None eps=None", F.rms_norm, torch.rms_norm)
    whole("local_response_norm", "input size alpha beta k", F.local_response_norm)
    functional = "input p=0.5 training=True inplace=False"
    whole("dropout", functional, F.dropout, normalise=_dropout("element"))
    channels = (F.dropout1d, F.dropout2d, F.dropout3d)
    whole("dropout", functional, *channels, normalise=_dropout("channel"))
    whole("dropout", "input p=0.5 training=False inplace=False", F.alpha_dropout, normalise=_dropout("alpha"))
    feature_alpha = _dropout("feature_alpha")
    whole("dropout", "input p=0.5 training=False inplace=False", F.feature_alpha_dropout, normalise=feature_alpha)
    whole("dropout", "input p training", torch.dropout, torch.dropout_, normalise=_dropout("element"))
    whole("dropout", "input p training", torch.feature_dropout, normalise=_dropout("channel"))


def _found(*names: str) -> list[Any]:
    """The functions of those names in each namespace that has one, dispatchers that only call another left out."""
    spaces = (torch, F, torch._C._nn)
    found = [getattr(space, name) for space in spaces for name in names if hasattr(space, name)]
    return [function for function in found if "boolean_dispatch" not in getattr(function, "__qualname__", "")]


def _register_spatial() -> None:
    max_pool = "input kernel_size stride=None padding=0 dilation=1 ceil_mode=False return_indices=False"
    average = "input kernel_size stride=None padding=0 ceil_mode=False count_include_pad=True divisor_override=None"
    for rank in (1, 2, 3):
        whole("max_pool", max_pool, *_found(f"max_pool{rank}d", f"max_pool{rank}d_with_indices"), normalise=_pool(rank))
        whole("avg_pool", average, *_found(f"avg_pool{rank}d"), normalise=_pool(rank))
        adaptive = _found(f"adaptive_avg_pool{rank}d")
        whole("adaptive_avg_pool", "input output_size", *adaptive, normalise=_adaptive(rank))
        adaptive = _found(f"adaptive_max_pool{rank}d", f"adaptive_max_pool{rank}d_with_indices")
        whole("adaptive_max_pool", "input output_size", *adaptive, normalise=_adaptive(rank))
    lp_pool = "input norm_type kernel_size stride=None ceil_mode=False"
    for rank, function in enumerate((F.lp_pool1d, F.lp_pool2d, F.lp_pool3d), start=1):
        whole("lp_pool", lp_pool, function, normalise=_pool(rank))
    resize = "input size=None scale_factor=None mode=nearest align_corners=None recompute_scale_factor=None"
    whole("interpolate", resize + " antialias=False", F.interpolate, normalise=_interpolate)
    whole("pad", "input pad mode=constant value=None", F.pad)
    grid = "input grid mode=bilinear padding_mode=zeros align_corners=None"
    whole("grid_sample", grid, F.grid_sample)
    whole("channel_shuffle", "input groups", torch.channel_shuffle, torch.native_channel_shuffle, F.channel_shuffle)
    whole("setitem", "input index value", Tensor.__setitem__, normalise=_setitem)


def _register_losses() -> None:
    names = (
        "binary_cross_entropy binary_cross_entropy_with_logits cross_entropy nll_loss mse_loss l1_loss smooth_l1_loss "
        "huber_loss kl_div poisson_nll_loss gaussian_nll_loss hinge_embedding_loss margin_ranking_loss "
        "soft_margin_loss multi_margin_loss multilabel_margin_loss multilabel_soft_margin_loss triplet_margin_loss "
        "cosine_embedding_loss ctc_loss"
    )
    for name in names.split():
        whole("loss", "input target", getattr(F, name))


_register_products()
_register_norms_and_dropout()
_register_spatial()
_register_losses()

CODES = frozenset(function.__code__ for function in WHOLE if hasattr(function, "__code__"))
"""Code objects of the Python functions among them."""
