"""The layer classes of torch.nn that edits may speak of, and what their constructors take.

A line each: classes | values of `op` they run as | arguments with their kinds. `device` and `dtype` are left out: an
edited layer stays where the layer was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["count", "axes", "padding", "sizes", "number", "flag", "text"]
"""count: a whole number; axes: one for all axes, or one each; padding: the same, or a text; sizes: of several axes."""


@dataclass(frozen=True, slots=True)
class LayerClass:
    """One class of torch.nn."""

    name: str
    ops: frozenset[str]
    """What its calls can be, in the words of `vocabulary.OPS`."""
    args: Mapping[str, Kind]


_KINDS: Mapping[str, Kind] = {
    "n": "count",
    "a": "axes",
    "p": "padding",
    "s": "sizes",
    "f": "number",
    "b": "flag",
    "t": "text",
}

_TABLE = """
Conv1d Conv2d Conv3d | conv | in_channels:n out_channels:n kernel_size:a stride:a padding:p dilation:a groups:n bias:b padding_mode:t
ConvTranspose1d ConvTranspose2d ConvTranspose3d | conv_transpose | in_channels:n out_channels:n kernel_size:a stride:a padding:a output_padding:a groups:n bias:b dilation:a padding_mode:t
Linear | linear | in_features:n out_features:n bias:b
BatchNorm1d BatchNorm2d BatchNorm3d InstanceNorm1d InstanceNorm2d InstanceNorm3d SyncBatchNorm | norm | num_features:n eps:f momentum:f affine:b track_running_stats:b
GroupNorm | norm | num_groups:n num_channels:n eps:f affine:b
LayerNorm | norm | normalized_shape:s eps:f elementwise_affine:b bias:b
RMSNorm | norm | normalized_shape:s eps:f elementwise_affine:b
LocalResponseNorm | norm | size:n alpha:f beta:f k:f
ReLU ReLU6 SELU SiLU Mish Hardswish Hardsigmoid | activation | inplace:b
Sigmoid Tanh Softsign LogSigmoid Tanhshrink | activation |
LeakyReLU | activation | negative_slope:f inplace:b
PReLU | activation | num_parameters:n init:f
RReLU | activation | lower:f upper:f inplace:b
ELU CELU | activation | alpha:f inplace:b
GELU | activation | approximate:t
Hardtanh | activation | min_val:f max_val:f inplace:b
Threshold | activation | threshold:f value:f inplace:b
Softplus | activation | beta:f threshold:f
Softshrink Hardshrink | activation | lambd:f
GLU Softmax LogSoftmax Softmin | activation | dim:n
MaxPool1d MaxPool2d MaxPool3d | pool_max pool_global | kernel_size:a stride:a padding:a dilation:a return_indices:b ceil_mode:b
AvgPool1d | pool_avg pool_global | kernel_size:a stride:a padding:a ceil_mode:b count_include_pad:b
AvgPool2d AvgPool3d | pool_avg pool_global | kernel_size:a stride:a padding:a ceil_mode:b count_include_pad:b divisor_override:n
AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d | pool_adaptive pool_global | output_size:a
AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d | pool_adaptive pool_global | output_size:a return_indices:b
Upsample | upsample | size:a scale_factor:f mode:t align_corners:b
Dropout Dropout1d Dropout2d Dropout3d AlphaDropout FeatureAlphaDropout | dropout | p:f inplace:b
Identity | identity |
Flatten | reshape | start_dim:n end_dim:n
"""  # noqa: E501  # one line per class is what makes it a table


def _read(table: str) -> Iterable[tuple[str, LayerClass]]:
    for line in table.strip().splitlines():
        names, ops, args = (part.split() for part in line.split("|"))
        kinds = {arg.partition(":")[0]: _KINDS[arg.partition(":")[2]] for arg in args}
        for name in names:
            yield name, LayerClass(name, frozenset(ops), kinds)


CLASSES: Mapping[str, LayerClass] = dict(_read(_TABLE))
"""Every class, by its name."""

OF_FUNCTION: Mapping[str, str] = {
    "relu": "ReLU",
    "relu6": "ReLU6",
    "selu": "SELU",
    "silu": "SiLU",
    "gelu": "GELU",
    "mish": "Mish",
    "hardswish": "Hardswish",
    "hardsigmoid": "Hardsigmoid",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "softsign": "Softsign",
    "logsigmoid": "LogSigmoid",
}
"""The class that does what a function without arguments of its own does: `F.relu` is a ReLU()."""


def candidates(ops: Collection[str] | None, types: Collection[str] | None) -> tuple[LayerClass, ...]:
    """The classes that a layer can be of which `op` and `type` may be known; None: anything."""
    return tuple(
        each
        for each in CLASSES.values()
        if (ops is None or not each.ops.isdisjoint(ops)) and (types is None or each.name in types)
    )


def arguments(classes: Iterable[LayerClass]) -> dict[str, Kind]:
    """Every argument that one of these classes takes."""
    return {name: kind for each in classes for name, kind in each.args.items()}
