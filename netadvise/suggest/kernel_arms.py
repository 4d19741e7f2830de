"""From suggestions to the arms of a study: each first choice against the network as it is."""

from __future__ import annotations

from collections.abc import Sequence

from netadvise.study import Arm, Dose
from netadvise.suggestion import Suggestion

MOST = 6
"""So many are trained at most: each one costs some four runs of screening, and what is chosen among more is luck."""


def first_choices(suggestions: Sequence[Suggestion], *, thumbs: bool) -> list[Suggestion]:
    """The first choice for each layer, best first; of grade C only with `thumbs`."""
    return [item for item in suggestions if item.best and (thumbs or item.confidence != "C")]


def kernel_arms(suggestions: Sequence[Suggestion]) -> tuple[Arm, ...]:
    """An arm for each, of `MOST` at most."""
    return tuple(_arm(item) for item in suggestions[:MOST])


def _arm(item: Suggestion) -> Arm:
    more = f" (+{len(item.layers) - 1} more)" if len(item.layers) > 1 else ""
    return Arm(f"{item.layer}{more}", item.layers, item.change, (Dose(None, item.edits),))
