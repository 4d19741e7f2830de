"""Facts of the model: which layers it has, and how many."""

from __future__ import annotations

from netadvise.facts import Fact
from netadvise.measure.facts.dependence import output_depends_on_input
from netadvise.measure.facts.gradient import params_without_grad
from netadvise.measure.facts.network import MODEL_FACTS, Network, distinct, number
from netadvise.measure.facts.positions import cumulative_keep
from netadvise.measure.facts.randomness import stochastic
from netadvise.measure.facts.survey import Entry
from netadvise.measure.facts.walk import ahead, has_weights, transparent
from netadvise.quantity import Unknown

_CONVS = ("conv", "conv_transpose")
_RNNS = ("rnn", "rnn_cell")
_POOLS = ("pool_max", "pool_avg")
_CURVED = ("activation", "attention", "pool_max", "rnn", "rnn_cell")
_FIXED_NORMS = ("batch", "sync_batch", "frozen_batch")
_RESIDUAL = frozenset(("residual", "bottleneck", "inverted_bottleneck"))
_BETWEEN = frozenset(("norm", "activation", "dropout", "drop_path", "pointwise"))


def _rates(network: Network) -> tuple[float, ...]:
    found = (number(each.get("p")) for each in network.layers("dropout"))
    return tuple(float(rate) for rate in found if rate)


MODEL_FACTS("num_convs")(lambda network: sum(1 for _ in network.layers(*_CONVS)))
MODEL_FACTS("num_pools")(lambda network: sum(1 for _ in network.layers(*_POOLS)))
MODEL_FACTS("num_layers")(lambda network: len(network.survey.entries))
MODEL_FACTS("has_rnn")(lambda network: network.has(*_RNNS))
MODEL_FACTS("has_norm")(lambda network: network.has("norm"))
MODEL_FACTS("has_dropout")(lambda network: bool(_rates(network)))
MODEL_FACTS("norm_types")(lambda network: distinct(each.get("norm_type") for each in network.layers("norm")))
MODEL_FACTS("activation_types")(lambda network: distinct(each.get("activation") for each in network.survey.entries))
MODEL_FACTS("opaque_ops")(lambda network: distinct(each.get("function") for each in network.layers("opaque")))
MODEL_FACTS("dropout_rates")(_rates)
MODEL_FACTS("output_depends_on_input")(lambda network: output_depends_on_input(network.graph))
MODEL_FACTS("deterministic_in_eval")(lambda network: not stochastic(network.graph))
MODEL_FACTS("cumulative_keep_probability")(lambda network: cumulative_keep(network.survey))
MODEL_FACTS("has_attention")(
    lambda network: network.has("attention") or any(each.get("attention_weights") is True for each in _all(network))
)
MODEL_FACTS("has_residual")(lambda network: any(block.get("type") in _RESIDUAL for block in network.blocks))
MODEL_FACTS("has_global_pool")(
    lambda network: any(each.get("is_gate") is not True for each in network.layers("pool_global"))
)


def _all(network: Network) -> tuple[Entry, ...]:
    return network.survey.entries


@MODEL_FACTS("num_weight_layers")
def _num_weight_layers(network: Network) -> Fact:
    return sum(has_weights(entry, network.survey) for entry in network.survey.entries)


@MODEL_FACTS("max_depth")
def _max_depth(network: Network) -> Fact:
    depths = [entry.get("depth") for entry in network.survey.entries]
    return max((depth for depth in depths if isinstance(depth, int)), default=0)


@MODEL_FACTS("max_plain_depth")
def _max_plain_depth(network: Network) -> Fact:
    """A sum of two data paths is a residual sum, or does the same for the gradient."""
    eased = network.has("norm", "cat") or any(len(set(each.producers)) > 1 for each in network.layers("add"))
    return 0 if eased else _max_depth(network)


@MODEL_FACTS("has_nonlinearity")
def _has_nonlinearity(network: Network) -> Fact:
    """Gates: products of two things that both depend on the input."""
    if network.has(*_CURVED):
        return True
    norms = (_is_linear(each) for each in network.layers("norm"))
    products = (len(network.survey.data_operands(each)) > 1 for each in network.layers("mul", "matmul"))
    curved = not all(norms) or any(products)
    return Unknown("it has operations of unknown kind") if not curved and network.has("opaque") else curved


def _is_linear(norm: Entry) -> bool:
    return norm.get("norm_type") in _FIXED_NORMS and norm.get("batch_statistics") is not True


@MODEL_FACTS("is_classifier")
def _is_classifier(network: Network) -> Fact:
    single = len(network.graph.outputs) == 1
    return single and any(entry.get("is_classifier") is True for entry in network.survey.entries)


@MODEL_FACTS("output_activation")
def _output_activation(network: Network) -> Fact:
    """Looked for behind copies and reshapes of the first output."""
    entry = None if network.output is None else network.survey.maker(network.output.id)
    while entry is not None and (transparent(entry, frozenset(("reshape", "permute")))):
        entry = network.survey.maker(entry.op.inputs[0].value) if entry.op.inputs else None
    return entry.get("activation") if entry is not None and entry.get("op") == "activation" else None


@MODEL_FACTS("drop_path_rates")
def _drop_path_rates(network: Network) -> Fact:
    if isinstance(network.training, Unknown):
        return network.training
    found = (number(entry.get("p")) for entry in network.training.entries if entry.get("op") == "drop_path")
    return tuple(float(rate) for rate in found if rate is not None)


@MODEL_FACTS("drop_path_count")
def _drop_path_count(network: Network) -> Fact:
    if isinstance(network.training, Unknown):
        return network.training
    return sum(entry.get("op") == "drop_path" for entry in network.training.entries)


@MODEL_FACTS("params_without_grad")
def _params_without_grad(network: Network) -> Fact:
    training = network.training
    return training if isinstance(training, Unknown) else params_without_grad(training.graph)


@MODEL_FACTS("align_corners_values")
def _align_corners_values(network: Network) -> Fact:
    found = (entry.get("align_corners") for entry in network.layers("upsample"))
    return len({value for value in found if isinstance(value, bool)})


@MODEL_FACTS("num_hidden_head_linears")
def _num_hidden_head_linears(network: Network) -> Fact:
    linears = network.layers("linear")
    return sum(each.get("in_head") is True and each.get("is_hidden") is True for each in linears)


@MODEL_FACTS("traced_fraction")
def _traced_fraction(network: Network) -> Fact:
    count = len(network.survey.entries)
    return 1 - sum(1 for _ in network.layers("opaque")) / count if count else 1.0


@MODEL_FACTS("shared_layers")
def _shared_layers(network: Network) -> Fact:
    called = (each for each in network.layers(*_CONVS, "linear") if (number(each.get("call_count")) or 0) > 1)
    return distinct(each.get("name") for each in called)


@MODEL_FACTS("first_stochastic_layer")
def _first_stochastic_layer(network: Network) -> Fact:
    drawing = stochastic(network.graph)
    return network.survey.entry_of[drawing[0].id].name if drawing else None


@MODEL_FACTS("every_conv_pooled")
def _every_conv_pooled(network: Network) -> Fact:
    """The last convolution may go without."""
    convs = list(network.layers("conv"))
    return len(convs) > 1 and all(_is_pooled(network, entry) for entry in convs[:-1])


def _is_pooled(network: Network, entry: Entry) -> bool:
    behind = ahead(network.survey, entry, _BETWEEN)
    return any(str(each.get("op")).startswith("pool_") for each in behind)
