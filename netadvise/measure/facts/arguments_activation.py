"""Activations under one name each, and the axis of softmax, joins and reductions."""

from __future__ import annotations

from collections.abc import Mapping

from netadvise.facts import Fact
from netadvise.graph import Attr
from netadvise.measure.facts.identity import plain
from netadvise.measure.facts.reading import flag, number
from netadvise.measure.facts.survey import Entry, Survey
from netadvise.measure.other_ops import axes

_RENAMED = {
    "log_sigmoid_forward": "logsigmoid",
    "log_sigmoid": "logsigmoid",
    "prelu_kernel": "prelu",
    "rrelu_with_noise": "rrelu",
    "safe_softmax": "softmax",
}
_COMPOSED = {"Softsign": "softsign", "Tanhshrink": "tanhshrink", "Softmin": "softmin"}
"""Modules of torch that run several ops; the last of them is the activation."""

_MONOTONE = frozenset(
    ("relu", "relu6", "rrelu", "selu", "sigmoid", "tanh", "hardtanh", "hardsigmoid", "softplus", "softsign")
    + ("logsigmoid", "tanhshrink", "softshrink", "hardshrink"),
)
_SATURATING = frozenset(("sigmoid", "tanh", "hardsigmoid", "hardtanh", "relu6", "softsign"))
_BOUNDED = _SATURATING | {"softmax", "softmin", "sin"}
_SELU_SCALE = 1.05


def activations(survey: Survey) -> None:
    """Name and shape of every activation."""
    for entry in survey.entries:
        if entry.get("op") == "activation":
            name = _name(entry)
            entry.facts.update(
                activation=name,
                monotone=_is_monotone(name, entry.op.attrs),
                saturating=name in _SATURATING,
                bounded=name in _BOUNDED,
                implicit_dim=_implicit(entry),
            )


def _name(entry: Entry) -> str:
    composed = _COMPOSED.get(str(entry.get("type")))
    if composed is not None and not entry.get("functional"):
        return composed
    name = plain(entry.op.function)
    name = _RENAMED.get(name, name)
    attrs = entry.op.attrs
    if name == "hardtanh" and (number(attrs.get("min_val")), number(attrs.get("max_val"))) == (0, 6):
        return "relu6"
    scale = number(attrs.get("scale"))
    return "selu" if name == "elu" and scale is not None and scale > _SELU_SCALE else name


def _is_monotone(name: str, attrs: Mapping[str, Attr]) -> bool:
    """Never decreasing, with the slope it was given; a learnt slope may become negative."""
    slope = {"leaky_relu": "negative_slope", "elu": "alpha", "celu": "alpha"}.get(name)
    if slope is not None:
        return (number(attrs.get(slope)) or 0) >= 0
    if name == "threshold":
        return (number(attrs.get("value")) or 0) <= (number(attrs.get("threshold")) or 0)
    return name in _MONOTONE


def _implicit(entry: Entry) -> Fact:
    return bool(flag(entry.op.attrs.get("implicit_dim"))) if entry.op.kind == "softmax" else None


_OVER_ONE_AXIS = frozenset(("softmax", "cat", "stack", "reduce", "scan", "activation"))


def dims(survey: Survey) -> None:
    """The axis that a softmax, join, scan or reduction works on, where it is one."""
    for entry in survey.entries:
        if entry.op.kind not in _OVER_ONE_AXIS or not entry.op.inputs or entry.get("op") == "constant":
            continue
        found = axes(entry.op.attrs.get("dim"))
        source = survey.graph.values[entry.op.inputs[0].value]
        joined = survey.graph.result(entry.op) if entry.get("op") == "cat" else source
        if len(found) == 1 and 0 <= found[0] < len(joined.shape):
            entry.facts.update(dim=found[0], dim_size=joined.shape[found[0]])
