"""The practitioner's rule of thumb, "widen with larger kernels, narrow with 1x1", judged on a network.

It is judged where the census of other networks was taken: dense convolutions (groups == 1) behind the stem that change
the number of channels.
"""

from __future__ import annotations

from collections.abc import Iterable

from netadvise.facts import Subject
from netadvise.suggestion import LayerRole, RuleOfThumb, Tally, Thumb


def verdict(layer: Subject, ratio: float) -> Thumb:
    """Whether a convolution follows the rule of thumb; empty where the rule says nothing about it."""
    if layer.get("op") != "conv" or layer.get("is_dense") is not True or layer.get("is_stem") is not False:
        return ""
    if ratio == 1:
        return ""
    wants_pointwise = ratio < 1
    return "follows" if (layer.get("is_pointwise") is True) == wants_pointwise else "departs"


def rule_of_thumb(roles: Iterable[LayerRole]) -> RuleOfThumb:
    """How the judged layers of a network widen and narrow."""
    judged = [role for role in roles if role.thumb]
    widening = [role for role in judged if role.out_channels > role.in_channels]
    return RuleOfThumb(
        widening=_tally(role for role in widening if max(role.stride, default=1) == 1),
        widening_strided=_tally(role for role in widening if max(role.stride, default=1) > 1),
        narrowing=_tally(role for role in judged if role.out_channels < role.in_channels),
    )


def _tally(roles: Iterable[LayerRole]) -> Tally:
    found: tuple[list[str], list[str]] = ([], [])
    for role in roles:
        found[max(role.kernel_size, default=1) > 1].append(role.layer)
    return Tally(tuple(found[0]), tuple(found[1]))
