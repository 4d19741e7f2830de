"""What stands before and behind an op: inputs, outputs, readers, weights and batch norms.

One sweep in execution order and one against it; an entry reads what its neighbours were already told.
"""

from __future__ import annotations

from dataclasses import dataclass

from netadvise.measure.facts.survey import Entry, Survey
from netadvise.measure.facts.walk import has_weights, transparent

_RESHAPING = frozenset(("reshape", "permute", "expand", "detach"))
_WITH_STEM = frozenset(("conv", "conv_transpose", "linear"))


def only_moves(entry: Entry) -> bool:
    """Whether it hands its operand on, copied or reshaped."""
    return transparent(entry, _RESHAPING)


def keeps_statistics(entry: Entry) -> bool:
    """Whether it is a batch norm with running statistics."""
    return entry.get("norm_type") in ("batch", "sync_batch") and entry.get("track_running_stats") is True


def upstream(survey: Survey) -> None:
    """What comes before: the input itself, convolutions and linear layers, batch norms."""
    untouched = set(survey.graph.inputs)
    behind_layer: set[int] = set()
    behind_norm: set[int] = set()
    for entry in survey.entries:
        made = set(entry.producers)
        data = survey.data_operands(entry)
        entry.facts["reachable"] = entry.op.outputs[0] in survey.data
        if not data:
            continue
        raw = data[0] in untouched
        entry.facts.update(reads_input=raw, has_bn_upstream=not made.isdisjoint(behind_norm))
        if raw and only_moves(entry):
            untouched.update(entry.op.outputs)
        if entry.get("op") in _WITH_STEM:
            entry.facts["is_stem"] = made.isdisjoint(behind_layer)
        _add(behind_layer, entry, made, own=entry.get("op") in _WITH_STEM)
        _add(behind_norm, entry, made, own=keeps_statistics(entry))


def _add(marked: set[int], entry: Entry, made: set[int], *, own: bool) -> None:
    if own or not made.isdisjoint(marked):
        marked.add(entry.id)


@dataclass(frozen=True, slots=True)
class _Behind:
    """What stands behind one entry."""

    used: bool
    leaves: bool
    """Its result is an output, maybe copied or reshaped."""
    only_leaves: bool
    """And nothing else that an output needs reads it."""
    weights: bool
    to_norm: int | None
    """Layers with weights before the nearest batch norm."""
    readers: frozenset[int]
    """Entries that read its result, counted through copies and reshapes; -1 stands for the outputs."""


def downstream(survey: Survey) -> None:
    """What comes after: outputs, readers, layers with weights, batch norms."""
    ends = {entry.id for entry in survey.outputs()}
    found: dict[int, _Behind] = {}
    for entry in reversed(survey.entries):
        behind = _behind(survey, entry, found, is_end=entry.id in ends)
        found[entry.id] = behind
        entry.facts["used"] = behind.used
        if entry.get("reachable"):
            entry.facts.update(
                is_output=behind.leaves,
                before_output=behind.leaves and behind.only_leaves,
                after_last_weight=behind.used and not behind.weights,
                fan_out=len(behind.readers),
                has_bn_downstream=behind.to_norm is not None,
                weights_to_next_bn=behind.to_norm,
            )


def _behind(survey: Survey, entry: Entry, found: dict[int, _Behind], *, is_end: bool) -> _Behind:
    readers = [(survey.entries[reader], found[reader]) for reader in entry.consumers]
    needed = [(each, after) for each, after in readers if after.used]
    moved = [after.leaves and only_moves(each) for each, after in needed]
    ends = [frozenset((-1,))] if is_end else []
    seen = [after.readers if only_moves(each) else frozenset((each.id,)) for each, after in readers]
    return _Behind(
        used=is_end or bool(needed),
        leaves=is_end or any(moved),
        only_leaves=all(moved) and all(after.only_leaves for _, after in needed),
        weights=any(after.weights or has_weights(each, survey) for each, after in needed),
        to_norm=min((d for each, after in needed if (d := _to_norm(survey, each, after)) is not None), default=None),
        readers=frozenset[int]().union(*ends, *seen),
    )


def _to_norm(survey: Survey, reader: Entry, after: _Behind) -> int | None:
    if keeps_statistics(reader):
        return 0
    return None if after.to_norm is None else after.to_norm + has_weights(reader, survey)
