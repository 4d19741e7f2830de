"""Another tool's count of the same network, beside ours, with the reason of each difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["agreed", "convention", "they miss", "we miss", "both miss", "differs"]
"""What a row says about the two counts.

agreed      the same multiply-accumulates
convention  the same multiply-accumulates; the tool adds work that netadvise keeps apart, in `other_ops`
they miss   the tool has no formula for an operator, or counts part of its work
we miss     the tool counts an operator for which netadvise has no formula
both miss   neither has a formula for an operator of the layer
differs     both count, and the numbers are not the same
"""


@dataclass(frozen=True, slots=True)
class OpinionRow:
    """One layer, counted twice."""

    name: str
    kind: str
    verdict: Verdict
    macs: int | None
    """Ours; None where a formula is missing."""
    their_macs: int
    """Theirs for convolutions, linear layers, matrix products and the like."""
    their_other: int
    """What they add for normalisation, pooling and resampling."""
    why: str
    """Empty where the counts agree."""


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """Another tool's count of one network, layer by layer; a tool that fails gives no rows and says why."""

    tool: str
    version: str
    total: int | None
    """The number that the tool itself would print."""
    macs: int
    """Our total."""
    rows: tuple[OpinionRow, ...] = ()
    failure: str = ""
    notes: tuple[str, ...] = ()
