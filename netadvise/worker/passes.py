"""The three recordings that rules ask about: the profile's own, one at another batch size, and one in training mode.

The further passes may fail as they like: what they would have told is then Unknown, with the error as the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from netadvise.capture.blueprint import Candidate
from netadvise.capture.rebatch import rebatched
from netadvise.capture.record import record
from netadvise.capture.unregistered import unregistered
from netadvise.errors import NetadviseError
from netadvise.facts import NetworkFacts
from netadvise.graph import Graph, Mode
from netadvise.measure.facts import network_facts
from netadvise.measure.facts.batch_axis import batch_size
from netadvise.profiles import Profile, ReceptiveField
from netadvise.quantity import Unknown

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Recording:
    """A live module, the inputs it ran on, and what was recorded."""

    module: nn.Module
    inputs: Candidate
    graph: Graph
    real: bool = False


def facts_of(recording: Recording, fields: Mapping[int, ReceptiveField], profile: Profile) -> NetworkFacts:
    """The facts of a recorded module; leaves it as it was."""
    size = batch_size(recording.graph)
    return network_facts(
        recording.graph,
        profile,
        fields=fields,
        training=_training(recording, size),
        batch=size if isinstance(size, Unknown) else _again(recording, "eval", size, _another(size)),
        unregistered=unregistered(recording.module),
    )


def _another(size: int) -> int:
    """Another batch size, one that is seldom the size of another axis."""
    return 5 if size == 1 else size + 3


def _training(recording: Recording, size: int | Unknown) -> Graph | Unknown:
    """On two samples where the pass had one: a batch norm refuses to train on a single value per channel."""
    if size == 1:
        graph = _again(recording, "train", 1, 2)
        if isinstance(graph, Graph):
            return graph
    return _again(recording, "train", 0, 0)


def _again(recording: Recording, mode: Mode, old: int, new: int) -> Graph | Unknown:
    """One more pass, at batch size `new` where that differs from `old`."""
    inputs = recording.inputs if old == new else rebatched(recording.inputs, old, new)
    if recording.real:
        inputs = inputs.realised()
    try:
        return record(
            recording.module,
            inputs.args,
            inputs.kwargs,
            target=recording.graph.target,
            mode=mode,
            input_names=inputs.names,
            input_source=recording.graph.input_source,
            real=recording.real,
            grad=mode == "train",
        )
    except NetadviseError as error:
        told = error.message + (f" ({error.where})" if error.where else "")
        return Unknown(told[:400])
