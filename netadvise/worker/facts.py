"""The facts of a model in this very process: for notebooks, test suites, and the examples of rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from netadvise.facts import NetworkFacts
from netadvise.measure import measure
from netadvise.measure.receptive import receptive_fields
from netadvise.profiles import Profile
from netadvise.target import Target, make_target
from netadvise.worker.answer import live, recorded
from netadvise.worker.passes import Recording, facts_of

if TYPE_CHECKING:
    from torch import nn


def facts_of_module(module: nn.Module, inputs: Sequence[str] = ()) -> tuple[Profile, NetworkFacts]:
    """Profile and facts of a live module, which is left as it was; `inputs` as of `-i`, inferred where there are none.

    Raises what `recorded_live` raises.
    """
    return _measured(live(module, make_target("module", inputs).inputs, None, "eval"))


def facts_of_target(target: Target) -> tuple[Profile, NetworkFacts]:
    """Profile and facts of what a target names; raises what `recorded` raises."""
    return _measured(recorded(target, lambda _: None))


def _measured(recording: Recording) -> tuple[Profile, NetworkFacts]:
    fields = receptive_fields(recording.graph)
    profile = measure(recording.graph, fields)
    return profile, facts_of(recording, fields, profile)
