"""The constructor arguments of torch.nn's layers, in order, as far as they can be given by position.

`device` and `dtype`, which come last, are left out; `=?` is a default that no literal says. A test compares this
table with torch's own signatures.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from netadvise.edit import Value

_ROWS = (
    ("AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d", "output_size"),
    ("AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d", "output_size return_indices=False"),
    ("AlphaDropout Dropout Dropout1d Dropout2d Dropout3d FeatureAlphaDropout", "p=0.5 inplace=False"),
    ("AvgPool1d", "kernel_size stride=None padding=0 ceil_mode=False count_include_pad=True"),
    (
        "AvgPool2d AvgPool3d",
        "kernel_size stride=None padding=0 ceil_mode=False count_include_pad=True divisor_override=None",
    ),
    ("BatchNorm1d BatchNorm2d BatchNorm3d", "num_features eps=1e-05 momentum=0.1 affine=True track_running_stats=True"),
    ("Bilinear", "in1_features in2_features out_features bias=True"),
    ("CELU ELU", "alpha=1.0 inplace=False"),
    ("ChannelShuffle", "groups"),
    (
        "CircularPad1d CircularPad2d CircularPad3d ReflectionPad1d ReflectionPad2d ReflectionPad3d ReplicationPad1d "
        "ReplicationPad2d ReplicationPad3d ZeroPad1d ZeroPad2d ZeroPad3d",
        "padding",
    ),
    ("ConstantPad1d ConstantPad2d ConstantPad3d", "padding value"),
    (
        "Conv1d Conv2d Conv3d",
        "in_channels out_channels kernel_size stride=1 padding=0 dilation=1 groups=1 bias=True padding_mode=zeros",
    ),
    (
        "ConvTranspose1d ConvTranspose2d ConvTranspose3d",
        "in_channels out_channels kernel_size stride=1 padding=0 output_padding=0 groups=1 bias=True dilation=1 "
        "padding_mode=zeros",
    ),
    ("CosineSimilarity", "dim=1 eps=1e-08"),
    ("CrossMapLRN2d", "size alpha=0.0001 beta=0.75 k=1"),
    (
        "Embedding",
        "num_embeddings embedding_dim padding_idx=None max_norm=None norm_type=2.0 scale_grad_by_freq=False "
        "sparse=False _weight=None _freeze=False",
    ),
    ("Flatten", "start_dim=1 end_dim=-1"),
    ("Fold", "output_size kernel_size dilation=1 padding=0 stride=1"),
    ("GELU", "approximate=none"),
    ("GLU", "dim=-1"),
    (
        "GRU LSTM",
        "input_size hidden_size num_layers=1 bias=True batch_first=False dropout=0.0 bidirectional=False proj_size=0",
    ),
    ("GRUCell LSTMCell", "input_size hidden_size bias=True"),
    ("GroupNorm", "num_groups num_channels eps=1e-05 affine=True"),
    ("Hardshrink Softshrink", "lambd=0.5"),
    ("Hardsigmoid Hardswish Mish ReLU ReLU6 SELU SiLU", "inplace=False"),
    ("Hardtanh", "min_val=-1.0 max_val=1.0 inplace=False min_value=None max_value=None"),
    ("Identity LogSigmoid Sigmoid Softmax2d Softsign Tanh Tanhshrink", ""),
    (
        "InstanceNorm1d InstanceNorm2d InstanceNorm3d",
        "num_features eps=1e-05 momentum=0.1 affine=False track_running_stats=False",
    ),
    ("LPPool1d LPPool2d LPPool3d", "norm_type kernel_size stride=None ceil_mode=False"),
    ("LayerNorm", "normalized_shape eps=1e-05 elementwise_affine=True bias=True"),
    (
        "LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d LazyInstanceNorm1d LazyInstanceNorm2d LazyInstanceNorm3d",
        "eps=1e-05 momentum=0.1 affine=True track_running_stats=True",
    ),
    (
        "LazyConv1d LazyConv2d LazyConv3d",
        "out_channels kernel_size stride=1 padding=0 dilation=1 groups=1 bias=True padding_mode=zeros",
    ),
    (
        "LazyConvTranspose1d LazyConvTranspose2d LazyConvTranspose3d",
        "out_channels kernel_size stride=1 padding=0 output_padding=0 groups=1 bias=True dilation=1 padding_mode=zeros",
    ),
    ("LazyLinear", "out_features bias=True"),
    ("LeakyReLU", "negative_slope=0.01 inplace=False"),
    ("Linear", "in_features out_features bias=True"),
    ("LocalResponseNorm", "size alpha=0.0001 beta=0.75 k=1.0"),
    ("LogSoftmax Softmax Softmin", "dim=None"),
    (
        "MaxPool1d MaxPool2d MaxPool3d",
        "kernel_size stride=None padding=0 dilation=1 return_indices=False ceil_mode=False",
    ),
    ("MaxUnpool1d MaxUnpool2d MaxUnpool3d", "kernel_size stride=None padding=0"),
    (
        "MultiheadAttention",
        "embed_dim num_heads dropout=0.0 bias=True add_bias_kv=False add_zero_attn=False kdim=None vdim=None "
        "batch_first=False",
    ),
    ("PReLU", "num_parameters=1 init=0.25"),
    ("PairwiseDistance", "p=2.0 eps=1e-06 keepdim=False"),
    ("PixelShuffle", "upscale_factor"),
    ("PixelUnshuffle", "downscale_factor"),
    ("RMSNorm", "normalized_shape eps=None elementwise_affine=True"),
    (
        "RNN",
        "input_size hidden_size num_layers=1 nonlinearity=tanh bias=True batch_first=False dropout=0.0 "
        "bidirectional=False",
    ),
    ("RNNCell", "input_size hidden_size bias=True nonlinearity=tanh"),
    ("RReLU", "lower=0.125 upper=0.3333333333333333 inplace=False"),
    ("Softplus", "beta=1.0 threshold=20.0"),
    ("SyncBatchNorm", "num_features eps=1e-05 momentum=0.1 affine=True track_running_stats=True process_group=None"),
    ("Threshold", "threshold value inplace=False"),
    (
        "TransformerDecoderLayer TransformerEncoderLayer",
        "d_model nhead dim_feedforward=2048 dropout=0.1 activation=? layer_norm_eps=1e-05 batch_first=False "
        "norm_first=False bias=True",
    ),
    ("Unflatten", "dim unflattened_size"),
    ("Unfold", "kernel_size dilation=1 padding=0 stride=1"),
    ("Upsample", "size=None scale_factor=None mode=nearest align_corners=None recompute_scale_factor=None"),
)

Parameters = tuple[str, ...]


def _parameters(text: str) -> Parameters:
    return tuple(word.partition("=")[0] for word in text.split())


SIGNATURES: Mapping[str, Parameters] = {
    name: _parameters(arguments) for names, arguments in _ROWS for name in names.split()
}
"""Class -> the names of its constructor's arguments, in order."""


def defaults_of(layer: str) -> Mapping[str, Value]:
    """The arguments of a layer that may be left out, and what they are then, where a literal says it."""
    text = next((arguments for names, arguments in _ROWS if layer in names.split()), "")
    pairs = [word.partition("=") for word in text.split()]
    return {name: _value(said) for name, given, said in pairs if given and said != "?"}


def _value(said: str) -> Value:
    """`zeros` is a text, everything else a Python literal."""
    value: Value = said if said.isalpha() and said not in ("None", "True", "False") else ast.literal_eval(said)
    return value
