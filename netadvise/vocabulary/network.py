"""The facts of blocks, modules and the model, and what its user may declare."""

from __future__ import annotations

from netadvise.vocabulary.layer import ACTIVATIONS

BLOCK = """
name                    s  path of the module that holds it, or the layer at which its branches meet
type                    s  | plain residual bottleneck inverted_bottleneck dense inception attention mlp gate
class_name              s  class of the module that holds it
num_branches            n  paths between its fork and its join, the shortcut left out
num_convs               n
in_channels             n
out_channels            n
mid_channels            n  narrowest hidden width of the main branch, for inverted bottlenecks the widest
bottleneck_ratio        n  mid_channels / max(in_channels, out_channels)
expansion_ratio         n  mid_channels / in_channels
shortcut                s  | identity projection none
norm_type               s  of its norms, when they agree
in_spatial              nn
params                  n
macs                    n
branch_macs_min         n  MACs of the cheapest branch
branch_macs_median      n
has_dropout             b  an element or channel dropout with p > 0 in a branch
dropout_after_last_norm b  that dropout stands behind the last norm and before the last layer with weights of its
                        branch
kernel_sizes            nn largest side of each convolution of the main branch, in order
"""

MODULE = """
name                    s  path; for an unregistered module where it was found: convs[0]
type                    s  class
package                 s  module that defines the class
called                  b  in evaluation or training mode, as itself or through its parameters | source train
registered              b  found by named_modules()
params                  n  elements of its own and its children's parameters
trainable_params        n
own_params              n  without its children's
is_leaf                 b  has no children
is_container            b  ModuleList, Sequential, ...
training                b  its training flag as the author left it
norm_type               s  as for layers
track_running_stats     b
affine                  b
frozen                  b  it has parameters and none requires gradients
call_count              n
in_unused_parent        b  a module around it is not called either
"""

MODEL = f"""
name                    s  class of the model
params                  n
trainable_params        n
macs                    n
flops                   n
activation_bytes        n
peak_activation_bytes   n
saved_activation_bytes  n  what training keeps for the backward pass
optimizer_bytes         n  weights, gradients and two moments in float32: 16 bytes per trainable parameter, 4 per
                        other
input_shape             nn
input_spatial           nn spatial sizes of the primary input
output_shape            nn of the first output
sample_output_shape     nn the same without its batch axis
num_outputs             n
is_classifier           b  one output of shape (N, K) behind a layer with weights
output_activation       s  activation that makes the output, if one does | {ACTIVATIONS}
total_stride            nn largest jump before the head | source receptive_field
total_stride_at_head    nn jump of the last feature map | source receptive_field
final_feature_map       nn spatial size of the last map before global pooling or flattening
final_receptive_field   nn of that map | source receptive_field
rf_aspect_ratio         n  final_receptive_field height / width | source receptive_field
num_weight_layers       n
num_convs               n
num_layers              n
max_depth               n  layers with weights on the longest path
max_plain_depth         n  the same, 0 where a residual sum, a concatenation or a norm exists
has_global_pool         b
has_attention           b
has_rnn                 b
has_residual            b
has_norm                b
has_nonlinearity        b  an activation, attention, max pool, gate or norm that is not linear in evaluation
has_skip_decoder        b  up-sampled maps meet earlier ones
has_dropout             b
flattens_map            b  a map with spatial size goes into a linear layer without adaptive pooling
norm_types              ss
activation_types        ss
dropout_rates           nn of every dropout with p > 0
drop_path_rates         nn of every drop_path, in order | source train
drop_path_count         n  | source train
cumulative_keep_probability n  product of 1 - p over the dropouts of the path that no skip goes around
align_corners_values    n  how many different values the up-samplings of the model use
stage_widths            nn channels at the end of each run of equal resolution, before the head
stage_depths            nn convolutions with kernels above 1x1, or blocks, in each
inner_stage_depths      nn stage_depths without the last one
stage_resolutions       nn largest side
elementwise_traffic_share n  share of memory access by additions, products, activations and norms
head_params             n  parameters of the layers in the head
num_hidden_head_linears n
num_pools               n
every_conv_pooled       b  every convolution is followed by a pool before the next one
skip_scale_mismatch     b  up-sampling reached a skip connection only by cropping or padding to its odd size
opaque_ops              ss
traced_fraction         n  share of layers that are not opaque
unused_params           n  parameters that neither mode reads | source train
params_without_grad     ss trainable parameters from which no gradient path leads to an output | source train
shared_layers           ss convolutions and linear layers called more than once
deterministic_in_eval   b  no random number reaches an output in evaluation mode
first_stochastic_layer  s
output_depends_on_input b
batch_dim_preserved     b  axis 0 of the output follows the batch size | source batch
batch_independent       b  no output sample depends on another sample in evaluation mode | source batch
first_mixing_layer      s  where samples of the batch first meet | source batch
works_at_other_batch    b  the forward pass also runs at another batch size | source batch
other_batch_error       s  what it says if not | source batch
"""

CONTEXT = """
task.type               s  | classification regression segmentation detection generation embedding language
task.num_classes        n
task.loss               s  class name: CrossEntropyLoss, BCEWithLogitsLoss, NLLLoss, BCELoss, MSELoss, L1Loss,
                        SmoothL1Loss
task.object_size        n  side of the objects that matter, in input pixels
task.context_length     n  time steps that matter
task.target_min         n
task.target_max         n
task.target_shape       nn
task.mc_dropout         b  dropout is meant to stay on | default false
task.stochastic         b  the model is meant to be random in evaluation (VAE, diffusion) | default false
task.multi_resolution   b  it is used at other input sizes too | default false
task.needs_position     b  the output needs positions: coordinates, key points | default false
data.num_samples        n
train.batch_size        n  per device
train.epochs            n
train.precision         s  | fp32 tf32 fp16 bf16 int8
train.optimizer         s
train.weight_decay      n
train.augment           b
train.pretrained        b  weights are loaded from a checkpoint | default false
train.checkpointing     b  | default false
target.device           s  | cpu cuda mobile mcu
target.runtime          s
target.compiler         s
target.machine_balance  n  operations per byte at which the device is balanced
budget.params           n
budget.macs             n
budget.memory           n  bytes
budget.receptive_field  n  pixels
"""
