"""Facts of the model: its sizes and costs."""

from __future__ import annotations

from netadvise.facts import Fact
from netadvise.measure.facts.network import MODEL_FACTS, Network, number
from netadvise.measure.receptive import advance
from netadvise.measure.receptive_input import primary_input
from netadvise.quantity import Unknown, total

_TRAINED_BYTES = 16
_HELD_BYTES = 4
_LIGHT = ("add", "mul", "pointwise", "activation", "norm")

MODEL_FACTS("name")(lambda network: network.graph.module_at[""].type)
MODEL_FACTS("params")(lambda network: network.profile.totals.params)
MODEL_FACTS("trainable_params")(lambda network: network.profile.totals.trainable_params)
MODEL_FACTS("macs")(lambda network: total(layer.macs for layer in network.profile.layers))
MODEL_FACTS("flops")(lambda network: total(layer.flops for layer in network.profile.layers))
MODEL_FACTS("activation_bytes")(lambda network: total(layer.activation_bytes for layer in network.profile.layers))
MODEL_FACTS("peak_activation_bytes")(lambda network: network.profile.totals.peak_activation_bytes)
MODEL_FACTS("saved_activation_bytes")(lambda network: network.profile.totals.saved_activation_bytes)
MODEL_FACTS("input_shape")(lambda network: None if network.input is None else network.input.shape)
MODEL_FACTS("output_shape")(lambda network: None if network.output is None else network.output.shape)
MODEL_FACTS("num_outputs")(lambda network: len(network.graph.outputs))


@MODEL_FACTS("optimizer_bytes")
def _optimizer_bytes(network: Network) -> Fact:
    totals = network.profile.totals
    frozen = totals.params - totals.trainable_params
    return _TRAINED_BYTES * totals.trainable_params + _HELD_BYTES * frozen


@MODEL_FACTS("input_spatial")
def _input_spatial(network: Network) -> Fact:
    found = primary_input(network.graph, advance)
    return None if found is None else tuple(axis.length for axis in found[1].axes) or None


@MODEL_FACTS("sample_output_shape")
def _sample_output_shape(network: Network) -> Fact:
    """Axis 0 is the batch axis where it follows the batch size, or at least has its length."""
    source, result = network.input, network.output
    if source is None or result is None or not source.shape or not result.shape:
        return None
    if isinstance(network.pair, Unknown):
        return result.shape[1:] if result.shape[0] == source.shape[0] else network.pair
    follows = 0 in network.pair.samples(result.id, network.pair.other.outputs[0])
    return result.shape[1:] if follows else Unknown("axis 0 of the output does not follow the batch size")


@MODEL_FACTS("head_params")
def _head_params(network: Network) -> Fact:
    """Each parameter once."""
    read = {
        operand.value for entry in network.survey.entries if entry.get("in_head") is True for operand in entry.op.inputs
    }
    values = (network.graph.values[value] for value in read)
    return sum(value.elements for value in values if value.origin == "parameter")


@MODEL_FACTS("elementwise_traffic_share")
def _elementwise_traffic_share(network: Network) -> Fact:
    moved = [(entry.get("op"), number(entry.get("memory_access_bytes")) or 0) for entry in network.survey.entries]
    everything = sum(count for _, count in moved)
    return sum(count for op, count in moved if op in _LIGHT) / everything if everything else None


@MODEL_FACTS("unused_params")
def _unused_params(network: Network) -> Fact:
    """Parameters by name: the two recordings number their values each in its own way."""
    idle = _idle(network)
    if not idle:
        return 0
    if isinstance(network.training, Unknown):
        return network.training
    read = {operand.value for op in network.training.graph.ops for operand in op.inputs}
    alive = {network.training.graph.values[value].name for value in read}
    return sum(count for name, count in idle.items() if name not in alive)


def _idle(network: Network) -> dict[str, int]:
    """The parameters that no op of the evaluation pass reads, and their elements."""
    graph = network.graph
    read = {graph.values[operand.value].storage for op in graph.ops for operand in op.inputs}
    values = (value for value in graph.values if value.origin == "parameter" and value.storage not in read)
    return {value.name: value.elements for value in values}
