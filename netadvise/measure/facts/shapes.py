"""Shapes, and where in them the channels and the positions lie."""

from __future__ import annotations

from netadvise.facts import Fact
from netadvise.graph import Value
from netadvise.measure.facts.axes import demanded
from netadvise.measure.facts.reading import first_data
from netadvise.measure.facts.survey import Entry, Survey
from netadvise.quantity import Unknown


def shapes(survey: Survey) -> None:
    """Shape, rank and layout of the first data operand, shape and dtype of the result."""
    for entry in survey.entries:
        result = survey.graph.result(entry.op)
        entry.facts.update(output_shape=result.shape, dtype=result.dtype)
        data = first_data(survey, entry)
        if data is not None:
            entry.facts.update(
                input_shape=data.shape,
                rank=len(data.shape),
                channels_first=_channels_first(survey, entry, data),
                in_spatial=_spatial(survey, entry, data),
                out_spatial=_spatial(survey, entry, result),
            )


def _channels_first(survey: Survey, entry: Entry, value: Value) -> Fact:
    """None for a value without positions: fewer than three axes, or no channels left.

    Where the axis was lost, a convolution, pool or batch norm still says where it must be. A linear layer takes any
    last axis, be it one of positions by mistake, and says nothing.
    """
    if len(value.shape) < 3:
        return None
    axis = survey.channel_axis.get(value.id)
    if isinstance(axis, Unknown):
        needed = None if entry.get("op") == "linear" else demanded(entry.op, value)
        return axis if needed is None else needed == 1
    return None if axis is None else axis == 1


_SPATIAL = frozenset(("conv", "conv_transpose", "pool_max", "pool_avg", "pool_adaptive", "pool_global"))


def _spatial(survey: Survey, entry: Entry, value: Value) -> Fact:
    """The sizes behind the channels; convolutions and pools say how many there are, with or without a batch."""
    rank = entry.get("ndim")
    if entry.get("op") in _SPATIAL and isinstance(rank, int):
        return value.shape[len(value.shape) - rank :]
    first = _channels_first(survey, entry, value)
    if isinstance(first, Unknown):
        return first
    return value.shape[2:] if first else None
