"""The short vocabulary of operations: each kind of op, with the attributes it carries.

`capture` maps what torch called to these; every table of `measure` is keyed on them.
"""

from __future__ import annotations

KINDS: dict[str, str] = {
    # Products: what MACs count. Operands: input, weight, bias (weights as torch stores them).
    "conv": "stride padding dilation groups kernel_size padding_mode; tuples per spatial axis, padding maybe uneven "
    "(padding = before, padding_after = after)",
    "conv_transpose": "as conv, with output_padding",
    "linear": "input [..., in], weight [out, in]",
    "bilinear": "input1 [..., in1], input2 [..., in2], weight [out, in1, in2]",
    "matmul": "input, other; broadcasting as torch.matmul (mm, bmm, mv, dot, @ alike); bias for addmm, baddbmm",
    "grouped_matmul": "input [rows, in], other [groups, in, out], offs; each row meets the matrix of its group alone",
    "attention": "query, key, value, attn_mask; dropout_p is_causal scale enable_gqa",
    "rnn": "input, hx..., weights; mode (LSTM GRU RNN_TANH RNN_RELU) num_layers bidirectional batch_first dropout "
    "hidden_size proj_size training; packed batch_sizes when given a packed sequence",
    "rnn_cell": "input, hx..., weight_ih, weight_hh, bias_ih, bias_hh; mode",
    # Look-ups.
    "embedding": "input (ids), weight; embedding_bag: mode too",
    # Normalisation. Operands: input, weight, bias, running_mean, running_var.
    "batch_norm": "training momentum eps",
    "instance_norm": "use_input_stats eps",
    "group_norm": "num_groups eps",
    "layer_norm": "normalized_shape eps",
    "rms_norm": "normalized_shape eps",
    "local_response_norm": "size",
    "weight_norm": "dim; a weight rescaled to a learnt length, operands v and g",
    # Element-wise, one operand or several that broadcast. `function` tells which.
    "activation": "inplace and the function's own arguments (dim for glu, negative_slope, ...)",
    "softmax": "dim; log_softmax alike; implicit_dim: torch chose it",
    "add": "other and alpha when scalar",
    "sub": "other when scalar",
    "mul": "other when scalar",
    "div": "other when scalar",
    "pointwise": "any other element-wise function: exp, pow, clamp, where, comparisons, masked_fill, casts",
    # Dropout in all its forms; recorded in eval mode and at p = 0 too.
    "dropout": "p training inplace variant (element channel alpha feature_alpha path block)",
    # Pooling. Tuples per spatial axis.
    "max_pool": "kernel_size stride padding dilation ceil_mode",
    "avg_pool": "kernel_size stride padding ceil_mode count_include_pad divisor_override",
    "lp_pool": "norm_type kernel_size stride ceil_mode",
    "adaptive_avg_pool": "output_size",
    "adaptive_max_pool": "output_size",
    "max_unpool": "kernel_size stride padding",
    # Resampling and rearrangement of space.
    "interpolate": "mode align_corners antialias scale_factor (tuple or None) recompute_scale_factor",
    "grid_sample": "mode padding_mode align_corners; operands input, grid",
    "pixel_shuffle": "upscale_factor",
    "pixel_unshuffle": "downscale_factor",
    "channel_shuffle": "groups",
    "unfold": "kernel_size dilation padding stride (im2col)",
    "fold": "output_size kernel_size dilation padding stride (col2im)",
    "pad": "pad (torch's order: last axis first, before then after) mode value",
    # Moving elements without arithmetic.
    "view": "shape: reshape, flatten, unflatten, squeeze, unsqueeze, view; element order unchanged; requested: the "
    "sizes as the code gave them, where one was -1; all_axes: a squeeze without dim",
    "permute": "dims (transpose, movedim, .T alike)",
    "expand": "shape of the output; broadcasting copies of size-1 axes",
    "repeat": "repeats",
    "slice": "dim start end step (non-negative; end clipped to the size)",
    "select": "dim index",
    "split": "dim sizes; one output per piece (chunk, unbind with squeeze=True, tensor_split)",
    "cat": "dim",
    "stack": "dim",
    "flip": "dims",
    "roll": "shifts dims",
    "index": "advanced indexing, gather, take, index_select; dims indexed when known",
    "setitem": "operands input (old content), value; index as text, dim start end step when it is one basic slice",
    "write_through": "operands input (old content), view (new content of a view of it); an alias changed under it",
    "copy": "clone, contiguous, detach, to, alias: the same elements (dtype when cast)",
    "as_strided": "size stride storage_offset",
    # Reductions and scans.
    "reduce": "dim (tuple, all axes when it was None) keepdim; function: mean sum amax max var norm all ...",
    "scan": "dim; cumsum, cumprod, cummax, sort, argsort, topk, median: the whole axis feeds each output",
    "fft": "dim; any Fourier transform",
    "factory": "no tensor operand: zeros, arange, rand, tensor(...)",
    "random": "bernoulli, rand_like, randn_like, ...: only shape and dtype of the operand matter",
    "shape_only": "zeros_like, ones_like, new_zeros, empty_like: only shape and dtype of the operand matter",
    "item": "a value read by Python (.item(), .tolist(), bool(t)); no output",
    "loss": "a loss function; function tells which",
}
"""The kinds of an op, each with the attributes it carries."""
