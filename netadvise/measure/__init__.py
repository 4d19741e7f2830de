"""The measures: interpreters of a recorded Graph, and the Profile they make up. Nothing here needs torch."""

from __future__ import annotations

from collections.abc import Mapping

from netadvise.graph import Graph
from netadvise.measure.blocks import blocks
from netadvise.measure.gaps import gaps
from netadvise.measure.layers import last_feature_map, layers
from netadvise.measure.memory import peak_activation_bytes
from netadvise.measure.params import count, uncalled_modules
from netadvise.measure.reads import value_reads
from netadvise.measure.receptive import receptive_fields
from netadvise.measure.saved import saved_activation_bytes
from netadvise.profiles import Gap, InputInfo, Layer, Profile, ReceptiveField, Totals
from netadvise.quantity import known
from netadvise.version import __version__

__all__ = ["measure"]


def measure(graph: Graph, fields: Mapping[int, ReceptiveField] | None = None) -> Profile:
    """Everything there is to say about one recorded forward pass; `fields` are its receptive fields, if known."""
    fields = receptive_fields(graph) if fields is None else fields
    found = layers(graph, fields)
    return Profile(
        version=__version__,
        torch=graph.torch,
        target=graph.target,
        mode=graph.mode,
        inputs=tuple(_input(graph, value) for value in graph.inputs),
        totals=_totals(graph, found, gaps(graph, fields)),
        layers=found,
        notes=(*graph.notes, *value_reads(graph)),
        modules=len(graph.modules),
        uncalled_modules=uncalled_modules(graph),
        blocks=blocks(graph),
    )


def _input(graph: Graph, value: int) -> InputInfo:
    given = graph.values[value]
    return InputInfo(given.name, given.shape, given.dtype, graph.input_source)


def _totals(graph: Graph, found: tuple[Layer, ...], lacking: tuple[Gap, ...]) -> Totals:
    counted = count(graph)
    return Totals(
        params=counted.params,
        trainable_params=counted.trainable_params,
        buffers=counted.buffers,
        param_bytes=counted.param_bytes,
        buffer_bytes=counted.buffer_bytes,
        unused_params=counted.params - sum(layer.params for layer in found),
        macs=known(layer.macs for layer in found),
        flops=known(layer.flops for layer in found),
        other_ops=known(layer.other_ops for layer in found),
        activation_bytes=known(layer.activation_bytes for layer in found),
        peak_activation_bytes=peak_activation_bytes(graph),
        saved_activation_bytes=saved_activation_bytes(graph),
        receptive_field=last_feature_map(found),
        gaps=lacking,
    )
