"""What normalisations were called with, and how much each of their means is taken over."""

from __future__ import annotations

from math import prod

from netadvise.facts import Fact
from netadvise.graph import Value
from netadvise.measure.facts.reading import first_data, flag, module_attr, number, parameter, whole
from netadvise.measure.facts.survey import Entry, Survey
from netadvise.measure.other_ops import axes
from netadvise.quantity import Unknown

Found = dict[str, Fact]

_TYPES = {
    "batch_norm": "batch",
    "instance_norm": "instance",
    "group_norm": "group",
    "layer_norm": "layer",
    "rms_norm": "rms",
    "local_response_norm": "local_response",
}


def norms(survey: Survey) -> None:
    """The arguments of every normalisation."""
    for entry in survey.entries:
        data = first_data(survey, entry)
        if entry.get("op") == "norm" and data is not None:
            kind = _norm_type(entry)
            entry.facts.update(norm_type=kind, **_common(survey, entry))
            entry.facts.update(_own(survey, entry, data, kind))


def _norm_type(entry: Entry) -> str:
    if entry.get("type") == "SyncBatchNorm":
        return "sync_batch"
    return _TYPES.get(entry.op.kind, "frozen_batch")


def _common(survey: Survey, entry: Entry) -> Found:
    eps = number(entry.op.attrs.get("eps"))
    return {"eps": eps, "affine": parameter(survey, entry, "weight") is not None}


def _own(survey: Survey, entry: Entry, data: Value, kind: str) -> Found:
    if kind in ("batch", "sync_batch", "instance"):
        return _with_statistics(survey, entry, data, kind)
    if kind in ("layer", "rms"):
        return _over_axes(survey, entry, data)
    if kind == "group":
        return _in_groups(entry, data)
    return {"num_features": data.shape[1], "ndim": len(data.shape) - 2} if kind == "frozen_batch" else {}


def _with_statistics(survey: Survey, entry: Entry, data: Value, kind: str) -> Found:
    """A batch norm normalises over samples and positions, an instance norm over positions."""
    attrs = entry.op.attrs
    channels = data.shape[1] if len(data.shape) > 1 else 1
    own = flag(attrs.get("use_input_stats" if kind == "instance" else "training"))
    taken = own is not False if kind == "instance" else own is True
    values = prod(data.shape[2:]) if kind == "instance" else data.elements // max(channels, 1)
    return {
        "num_features": channels,
        "momentum": _momentum(entry),
        "track_running_stats": parameter(survey, entry, "running_mean") is not None,
        "batch_statistics": taken,
        "elements_per_statistic": values if taken else None,
        "ndim": len(data.shape) - 2,
    }


def _momentum(entry: Entry) -> Fact:
    """The module's: in evaluation mode it passes none on."""
    own = number(module_attr(entry, "momentum"))
    return number(entry.op.attrs.get("momentum")) if own is None else own


def _over_axes(survey: Survey, entry: Entry, data: Value) -> Found:
    shape = axes(entry.op.attrs.get("normalized_shape"))
    channel = survey.channel_axis.get(data.id)
    counted: Fact = channel if isinstance(channel, Unknown) else None
    if isinstance(channel, int):
        counted = channel >= len(data.shape) - len(shape)
    return {"normalized_shape": shape, "elements_per_statistic": prod(shape), "channel_axis_normalized": counted}


def _in_groups(entry: Entry, data: Value) -> Found:
    groups, channels = whole(entry.op.attrs.get("num_groups")) or 1, data.shape[1]
    return {
        "num_channels": channels,
        "num_groups": groups,
        "group_width": channels / groups if channels % groups else channels // groups,
        "elements_per_statistic": channels // groups * prod(data.shape[2:]),
        "ndim": len(data.shape) - 2,
    }
