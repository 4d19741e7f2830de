"""The passes that find where a layer stands: its depth, its block, its stage, the head, and chains of kernels."""

from __future__ import annotations

from collections.abc import Callable

from netadvise.measure.facts.blocks import blocks, innermost
from netadvise.measure.facts.chains import dilation_chains, side_by_side
from netadvise.measure.facts.head import heads, outputs
from netadvise.measure.facts.position import cumulative_keep, depths, parallel_paths, shortcuts
from netadvise.measure.facts.recurrent import recurrent_state
from netadvise.measure.facts.stages import Stage, stage_indices, stages
from netadvise.measure.facts.structure import Structure, structure
from netadvise.measure.facts.survey import Pass, Survey

__all__ = ["POSITION_PASSES", "Stage", "blocks", "cumulative_keep", "stages"]

_READINGS: tuple[Callable[[Survey, Structure], None], ...] = (
    depths,
    shortcuts,
    parallel_paths,
    recurrent_state,
    outputs,
    heads,
    innermost,
    side_by_side,
    dilation_chains,
    stage_indices,
)
"""Each sets facts of its own from the structure; it may read the facts of those before it."""


def positions(survey: Survey) -> None:
    """Finds the structure once and reads every position fact from it."""
    found = structure(survey)
    for read in _READINGS:
        read(survey, found)


POSITION_PASSES: tuple[Pass, ...] = (positions,)
"""To be run after the passes over layers."""
