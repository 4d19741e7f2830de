"""Edits tried in this very process: for notebooks, test suites, and rules' examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from netadvise.edit import Dropped, Tried
from netadvise.measure import measure
from netadvise.target import Target, make_target
from netadvise.worker.answer import live, recorded
from netadvise.worker.tries import Alternative, tries_of

if TYPE_CHECKING:
    from torch import nn


def try_edits(
    module: nn.Module, inputs: Sequence[str], alternatives: Sequence[Alternative]
) -> tuple[Tried | Dropped, ...]:
    """What each alternative would change in a live module, which is left as it was.

    `inputs` as of `-i`, inferred where there are none. Raises what `recorded_live` raises for the unedited module.
    """
    recording = live(module, make_target("module", inputs).inputs, None, "eval")
    return tries_of(recording, measure(recording.graph), alternatives)


def try_target(target: Target, alternatives: Sequence[Alternative]) -> tuple[Tried | Dropped, ...]:
    """As `try_edits`, for what a target names; raises what `recorded` raises."""
    recording = recorded(target, lambda _: None)
    return tries_of(recording, measure(recording.graph), alternatives)
