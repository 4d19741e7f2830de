"""The facts of a layer: one op that ran."""

from __future__ import annotations

OPS = (
    "conv conv_transpose linear matmul attention rnn rnn_cell embedding norm activation dropout drop_path pool_max "
    "pool_avg pool_adaptive pool_global upsample grid_sample pixel_shuffle pixel_unshuffle channel_shuffle pad "
    "reshape permute expand slice cat add mul pointwise reduce scan detach copy random constant identity loss opaque"
)
"""`op` of a layer.

pool_global: any pooling or mean over all of the map. mul: products and gates. add: sums and differences of two
tensors. reshape: view, flatten, squeeze. slice: select, split, index. constant: results that no input reaches. opaque:
what has no kind of its own; everything measured through it is Unknown.
"""

ACTIVATIONS = (
    "relu relu6 leaky_relu prelu rrelu elu celu selu gelu silu mish hardswish hardsigmoid hardtanh sigmoid tanh "
    "softplus softsign logsigmoid softmax log_softmax softmin glu threshold tanhshrink softshrink hardshrink sin"
)

LAYER = f"""
name                    s  layer name, as in the profile: a module path, or path/function
op                      s  kind of operation | {OPS}
type                    s  class of the leaf module that ran it, else the torch function: Conv2d, softmax
function                s  torch's name for what was called: conv2d, relu_, scaled_dot_product_attention
module                  s  path of the module in whose forward it ran
call_index              n  0 in the first call of its module, 1 in the second
call_count              n  how many times its module was called
functional              b  called as a function, not by a leaf module of torch.nn
inplace                 b  overwrites its input
in_loop                 b  the module that ran it was called more than once

in_channels             n  of a convolution
out_channels            n
kernel_size             nn one number per spatial axis, as stride, padding, dilation, output_padding
stride                  nn
padding                 nn before the first position; of pools too
padding_after           nn behind the last, where it differs from padding
dilation                nn
output_padding          nn
padding_mode            s  | zeros reflect replicate circular
groups                  n
bias                    b  of a convolution, linear or recurrent layer
transposed              b
ndim                    n  spatial axes of a convolution, pool or norm
explicit_padding        nn F.pad or ZeroPad directly before it: total of both sides per axis
in_features             n  of a linear layer
out_features            n

norm_type               s  | batch sync_batch layer group instance rms local_response frozen_batch
num_features            n  channels a batch or instance norm normalises
num_channels            n  of a group norm
num_groups              n
normalized_shape        nn
eps                     n
momentum                n
affine                  b  has a weight
track_running_stats     b  keeps a running mean and variance
batch_statistics        b  normalises with the statistics of this batch in this mode
elements_per_statistic  n  how many values of one recorded pass each mean is taken over
channel_axis_normalized b  a layer norm whose last axis is the channel axis of the map

activation              s  canonical lower-case name; of a norm with a fused activation too | {ACTIVATIONS}
monotone                b  non-decreasing
saturating              b  flat at both ends: sigmoid, tanh, ...
bounded                 b  its results lie in a bounded interval
dim                     n  axis of a softmax, cat, reduction; counted from 0
implicit_dim            b  a softmax called without dim
dim_size                n  length of that axis
dim_is_batch            b  that axis is the batch axis | source batch

p                       n  rate of a dropout; of drop_path too
dropout_kind            s  | element channel1d channel2d channel3d alpha feature_alpha block path attention
active                  b  this dropout draws masks in this mode with p > 0
active_in_eval          b  the same call draws masks in evaluation mode
training_arg            b  the training argument that a functional dropout was called with
recurrent_state         b  a dropout whose mask is drawn anew at each step on the state of a recurrent cell
has_parallel_path       b  its result is added to a path that goes around it
attention_weights       b  a dropout or softmax on attention weights: its result multiplies the values

ceil_mode               b
count_include_pad       b
output_size             nn of an adaptive pool
scale_factor            nn of an up-sampling
mode                    s  of an up-sampling, padding or recurrent layer
align_corners           b
input_size              n  of a recurrent layer
hidden_size             n
num_layers              n
bidirectional           b
batch_first             b  of a recurrent layer, or of the module around an attention
proj_size               n
dropout                 n  the dropout argument of a recurrent layer
dropout_p               n  of an attention call in this mode
num_heads               n
embed_dim               n

input_shape             nn shape of the first data operand
output_shape            nn
rank                    n  of the first data operand
in_spatial              nn sizes of the spatial axes of a channels-first map that it reads
out_spatial             nn
channels_first          b  the first operand is laid out (N, C, spatial axes ...); followed through permute and
                        reshape
batch_axis              n  axis of the first operand that holds the samples | source batch
dtype                   s  of the result

effective_kernel_size   nn dilation * (kernel_size - 1) + 1
group_width             n  in_channels / groups; num_channels / num_groups
channel_ratio           n  out_channels / in_channels
is_pointwise            b  a convolution with every kernel_size 1
is_depthwise            b  groups == in_channels > 1
is_dense                b  groups == 1
is_stem                 b  no convolution or linear layer before it
is_patchify             b  kernel_size == stride > 1
is_full_map             b  a kernel as large as the unpadded map
is_classifier           b  the last layer with weights before an output of shape (N, K)
is_hidden               b  a linear layer that is not the last layer with weights on its way to the output

params                  n  elements of the parameters it reads, shared or not
trainable_params        n
frozen                  b  it has parameters and none requires gradients
upstream_frozen         b  it or layers before it have parameters, and none of them requires gradients
macs                    n  source shapes
flops                   n
other_ops               n
activation_elements     n  elements of its results
activation_bytes        n
memory_access_bytes     n  bytes of its operands and results
arithmetic_intensity    n  flops + other_ops per byte of memory access
params_share            n  of the model's parameters
macs_share              n  of the model's MACs

receptive_field         nn of its result, in input pixels | source receptive_field
receptive_field_min     nn the narrowest path | source receptive_field
input_receptive_field   nn of its first operand | source receptive_field
input_receptive_field_min nn | source receptive_field
jump                    nn of its result | source receptive_field
input_jump              nn | source receptive_field

dead_tap_fraction       n  share of kernel taps that meet padding at every position
padding_tap_fraction    n  share of products that multiply padding
input_coverage          n  share of input positions that some window reads, borders that floor cuts off left out
dropped_fraction        n  share of input positions that floor leaves unread at the end
dropped_border          nn how many positions that is per axis
uneven_padding          b  the end of the padding is never read
constant_border         nn output positions per axis that see padding alone

depth                   n  layers with weights on the longest path up to and with this one
depth_from_output       n  the same towards the output
stage                   n  index of the run of equal resolution it is in
on_shortcut             b  on the path around a residual branch, or on the residual stream between two sums
in_branch               b  inside a residual branch
is_gate                 b  computes a gate (squeeze-and-excitation, attention map), a factor of the main path
in_head                 b  behind the last convolution, attention or recurrent layer, global pooling included
in_aux_head             b  leads to an output other than the first
has_parallel_small_kernel b  another depthwise convolution of at most 5x5 reads the same tensor, or takes its place
parallel_dilations      b  convolutions of other dilation read the same tensor (ASPP)

reads_input             b  its first operand is an input of the model, or only copied or reshaped from it
reachable               b  depends on an input
used                    b  an output of the model depends on it
before_output           b  from here to the output only reshaping and copying
after_last_weight       b  no layer with weights between it and the output
fan_out                 n  how many layers read its result, counted through copies and reshapes; outputs count as one
is_output               b  its result is an output of the model, maybe copied or reshaped
has_bn_downstream       b  a batch norm with running statistics on some path to the output
has_bn_upstream         b
weights_to_next_bn      n  layers with weights between it and the nearest batch norm behind it
overwritten_while_needed b  overwrites a tensor that another layer reads later
cuts_gradient           b  detaches a tensor that trainable layers made, and no other path carries the gradient
non_differentiable      b  argmax, round, sign, comparison: the gradient is zero or undefined
blocks_training         b  non_differentiable or cuts_gradient, between trainable layers and the output, with no
                        way around
swaps_axes              b  a reshape whose result has the axes of its operand in another order
folds_batch             b  a reshape that merges the batch axis with another or drops it | source batch
squeezes_all            b  squeeze() without dim
reduces_to_batch        b  a -1 that stands on the batch axis of a reshape with constant other sizes
dilation_chain          nn dilations of the chain of convolutions at one resolution that ends here
dilation_chain_gap      n  largest distance between input positions that the chain reads (HDC's M2)
block_type              s  type of the innermost block | plain residual bottleneck inverted_bottleneck dense
                        inception attention mlp gate
"""
