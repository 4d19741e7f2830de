"""Which kind each aten operator is: one table, in-place forms included."""

from __future__ import annotations

_NAMES: dict[str, str] = {
    "activation": "relu relu6 leaky_relu elu celu selu gelu silu mish sigmoid hardsigmoid hardswish hardtanh tanh "
    "softplus softshrink hardshrink log_sigmoid_forward log_sigmoid threshold prelu _prelu_kernel glu rrelu "
    "rrelu_with_noise",
    "softmax": "_softmax softmax _safe_softmax _log_softmax log_softmax",
    "add": "add",
    "sub": "sub rsub",
    "mul": "mul",
    "div": "div",
    "pointwise": "abs neg exp exp2 expm1 log log1p log2 log10 sqrt rsqrt sin cos tan sinh cosh asin acos atan atan2 "
    "erf erfc erfinv reciprocal square pow sign floor ceil round trunc frac clamp clamp_min clamp_max maximum minimum "
    "fmax fmin where lerp addcmul addcdiv masked_fill eq ne lt le gt ge logical_and logical_or logical_not logical_xor "
    "bitwise_and bitwise_or bitwise_not bitwise_xor bitwise_left_shift bitwise_right_shift isnan isinf isfinite "
    "nan_to_num remainder fmod floor_divide true_divide xlogy logit logaddexp logaddexp2 sgn heaviside hypot copysign "
    "lgamma digamma polygamma special_expit sinc conj_physical view_as_real view_as_complex real imag complex polar "
    "isin bucketize searchsorted isposinf isneginf gcd lcm __and__ __or__ __xor__ __lshift__ __rshift__ angle "
    "deg2rad rad2deg _conj special_erfcx special_i0 i0 signbit nextafter ldexp asinh acosh atanh __iand__ __ior__ "
    "positive resolve_conj resolve_neg",
    "matmul": "mm bmm mv dot vdot addmm baddbmm addmv addbmm addr linalg_vecdot inner matmul",
    "grouped_matmul": "_grouped_mm",
    "conv": "convolution _convolution",
    "linear": "linear _weight_int8pack_mm",
    "embedding": "embedding embedding_bag _embedding_bag _embedding_bag_forward_only",
    "batch_norm": "native_batch_norm _native_batch_norm_legit _native_batch_norm_legit_no_training cudnn_batch_norm "
    "_batch_norm_with_update _batch_norm_no_update batch_norm",
    "group_norm": "native_group_norm",
    "layer_norm": "native_layer_norm",
    "rms_norm": "_fused_rms_norm rms_norm",
    "weight_norm": "_weight_norm_interface _weight_norm",
    "dropout": "native_dropout",
    "max_pool": "max_pool2d_with_indices max_pool3d_with_indices max_pool2d max_pool1d max_pool3d",
    "avg_pool": "avg_pool2d avg_pool3d avg_pool1d",
    "adaptive_avg_pool": "_adaptive_avg_pool2d _adaptive_avg_pool3d adaptive_avg_pool1d",
    "adaptive_max_pool": "adaptive_max_pool2d adaptive_max_pool3d adaptive_max_pool1d",
    "max_unpool": "max_unpool2d max_unpool3d",
    "pixel_shuffle": "pixel_shuffle",
    "pixel_unshuffle": "pixel_unshuffle",
    "channel_shuffle": "channel_shuffle native_channel_shuffle",
    "unfold": "im2col",
    "fold": "col2im",
    "pad": "constant_pad_nd reflection_pad1d reflection_pad2d reflection_pad3d replication_pad1d replication_pad2d "
    "replication_pad3d _pad_circular",
    "interpolate": "upsample_nearest1d upsample_nearest2d upsample_nearest3d upsample_linear1d upsample_bilinear2d "
    "upsample_trilinear3d upsample_bicubic2d _upsample_nearest_exact1d _upsample_nearest_exact2d "
    "_upsample_nearest_exact3d _upsample_bilinear2d_aa _upsample_bicubic2d_aa",
    "grid_sample": "grid_sampler_2d grid_sampler_3d grid_sampler",
    "view": "view reshape _unsafe_view squeeze unsqueeze flatten unflatten view_as _reshape_alias ravel reshape_as "
    "atleast_1d atleast_2d atleast_3d",
    "permute": "permute transpose t swapaxes movedim adjoint numpy_T transpose_ t_ mT mH",
    "expand": "expand broadcast_to expand_as",
    "repeat": "repeat tile",
    "slice": "slice narrow",
    "select": "select",
    "split": "split split_with_sizes chunk unbind tensor_split unsafe_split unsafe_chunk unsafe_split_with_sizes",
    "cat": "cat concat concatenate _cat",
    "stack": "stack",
    "flip": "flip fliplr flipud",
    "roll": "roll",
    "index": "index gather take take_along_dim index_select masked_select nonzero diagonal tril triu "
    "repeat_interleave unique2 _unique2 unique_dim unique_consecutive diag diag_embed diagonal_copy trace "
    "tril_indices triu_indices argwhere one_hot kron _pack_padded_sequence _pad_packed_sequence",
    "setitem": "index_put _index_put_impl_ index_copy index_fill index_add scatter scatter_add scatter_reduce put "
    "masked_scatter slice_scatter select_scatter diagonal_scatter",
    "copy": "clone contiguous detach alias _to_copy to copy_ copy lift lift_fresh lift_fresh_copy type_as "
    "_autocast_to_reduced_precision _autocast_to_full_precision dequantize pin_memory view_dtype",
    "as_strided": "as_strided unfold",
    "reduce": "mean sum prod amax amin max min var std var_mean std_mean norm linalg_vector_norm all any logsumexp "
    "nansum nanmean argmax argmin aminmax count_nonzero median nanmedian _linalg_norm frobenius_norm",
    "scan": "cumsum cumprod cummax cummin _cummax_helper logcumsumexp sort argsort topk msort kthvalue mode quantile "
    "histc bincount multinomial diff",
    "fft": "_fft_r2c _fft_c2r _fft_c2c fft_fftshift fft_ifftshift stft istft",
    "factory": "empty zeros ones full arange linspace logspace eye scalar_tensor rand randn randint randperm tensor "
    "empty_strided hann_window hamming_window empty_permuted complex_ full_names from_file blackman_window "
    "bartlett_window kaiser_window",
    "random": "bernoulli rand_like randn_like randint_like normal uniform exponential random log_normal cauchy "
    "geometric poisson normal_functional",
    "shape_only": "zeros_like ones_like full_like empty_like new_empty new_zeros new_ones new_full new_empty_strided "
    "zero fill",
    "item": "_local_scalar_dense is_nonzero equal allclose item",
    "loss": "nll_loss_forward nll_loss2d_forward mse_loss smooth_l1_loss huber_loss binary_cross_entropy _ctc_loss "
    "binary_cross_entropy_with_logits soft_margin_loss",
}


def _kind_by_packet() -> dict[str, str]:
    """`aten.<name>`, and its in-place form `aten.<name>_`, to the kind."""
    found: dict[str, str] = {}
    for kind, names in _NAMES.items():
        for name in names.split():
            for packet in (f"aten.{name}", f"aten.{name}_"):
                found.setdefault(packet, kind)
    return found


ATEN_KINDS = _kind_by_packet()
