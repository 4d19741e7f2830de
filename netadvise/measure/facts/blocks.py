"""Blocks as subjects of rules, and the block of every layer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import median

from netadvise.facts import Fact, Subject
from netadvise.graph import Module
from netadvise.measure.facts.block_types import width_in, width_out
from netadvise.measure.facts.kernel import sizes
from netadvise.measure.facts.structure import Part, Structure, structure
from netadvise.measure.facts.survey import Survey
from netadvise.quantity import Unknown

Found = dict[str, Fact]
_ELEMENTS = ("element", "channel1d", "channel2d", "channel3d", "alpha", "feature_alpha")


def blocks(survey: Survey) -> tuple[Subject, ...]:
    """The blocks of a network, in the order of their results; each entry learns the innermost one it belongs to.

    Needs the facts of the passes over layers.
    """
    found = structure(survey)
    holders = _Holders(survey)
    calls = [holders.of(part.members) for part in found.parts]
    shared = Counter(calls)
    made = [_subject(survey, found, holders, index, call, shared[call] > 1) for index, call in enumerate(calls)]
    return tuple(made)


def innermost(survey: Survey, found: Structure) -> None:
    """Sets `block` and `block_type` of every entry."""
    order = sorted(range(len(found.parts)), key=lambda index: -len(found.parts[index].members))
    for index in order:
        for place in found.parts[index].members:
            survey.entries[place].block = index
    for entry in survey.entries:
        entry.facts["block_type"] = "plain" if entry.block is None else found.parts[entry.block].type


class _Holders:
    """Which module call holds some entries."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._own = Counter(entry.op.call for entry in survey.entries)
        for call in reversed(survey.graph.calls):
            if call.parent is not None:
                self._own[call.parent] += self._own[call.id]

    def of(self, members: Iterable[int]) -> int:
        """The outermost call that runs nothing else and is of no container, else the innermost that runs them all."""
        calls = self._survey.graph.calls
        found = [self._survey.entries[member].op.call for member in members]
        call = found[0]
        for other in found[1:]:
            while other != call:
                if call > other:
                    call = calls[call].parent or 0
                else:
                    other = calls[other].parent or 0
        parent, whole = calls[call].parent, call
        while parent and self._own[parent] == self._own[call]:
            whole = whole if self._is_container(parent) else parent
            parent = calls[parent].parent
        return whole

    def _is_container(self, call: int) -> bool:
        return self.module(call).package == "torch.nn.modules.container"

    def module(self, call: int) -> Module:
        return self._survey.graph.module_at[self._survey.graph.calls[call].module]


def _subject(survey: Survey, found: Structure, holders: _Holders, index: int, call: int, shared: bool) -> Subject:
    part, module = found.parts[index], holders.module(call)
    join = survey.entries[part.join]
    name = join.name if shared or not module.path else module.path
    facts: Found = {"name": name, "type": part.type, "class_name": module.type}
    facts.update(_of_form(found, part))
    facts.update(_of_channels(survey, found, part))
    facts.update(_of_cost(survey, part))
    facts.update(_of_dropout(survey, found, part))
    return Subject(
        kind="block",
        id=index,
        name=name,
        location=module.location or join.location,
        called_at=join.called_at if not module.path else survey.graph.calls[call].location,
        facts=facts,
        members=part.members,
    )


def _of_form(found: Structure, part: Part) -> Found:
    paths = found.paths
    layers = found.main(max(part.branches, key=lambda branch: len(found.main(branch))))
    norms = {paths.text(entry, "norm_type") for entry in part.members if paths.op(entry) == "norm"}
    kernels = (sizes(paths.survey.entries[entry], "kernel_size") for entry in layers)
    return {
        "num_branches": len(part.branches),
        "num_convs": sum(paths.op(entry) in ("conv", "conv_transpose") for entry in part.members),
        "shortcut": _shortcut(found, part),
        "norm_type": norms.pop() if len(norms) == 1 else None,
        "kernel_sizes": tuple(max(kernel) for kernel in kernels if kernel),
    }


def _shortcut(found: Structure, part: Part) -> str:
    if part.shortcut is None:
        return "none"
    return "projection" if found.paths.weights(part.shortcut) else "identity"


def _of_channels(survey: Survey, found: Structure, part: Part) -> Found:
    paths = found.paths
    branch = max(part.branches, key=lambda branch: len(found.main(branch)))
    layers = found.main(branch) or tuple(entry for entry in branch if paths.weighted(entry))
    inside = width_in(paths, layers[0]) if layers else 0
    outside = _channels(survey, part) or (width_out(paths, layers[-1]) if layers else 0)
    hidden = [width for layer in layers[:-1] if (width := width_out(paths, layer)) and part.type != "attention"]
    middle = 0 if not hidden else max(hidden) if part.type in ("inverted_bottleneck", "mlp") else min(hidden)
    first = survey.entries[layers[0]] if layers else None
    return {
        "in_channels": inside or None,
        "out_channels": outside or None,
        "mid_channels": middle or None,
        "bottleneck_ratio": middle / max(inside, outside) if middle and inside else None,
        "expansion_ratio": middle / inside if middle and inside else None,
        "in_spatial": None if first is None else first.get("in_spatial"),
    }


def _channels(survey: Survey, part: Part) -> int:
    """The channels of its result; 0 where their axis is not known."""
    value = survey.entries[part.join].op.outputs[0]
    axis = survey.channel_axis.get(value)
    return survey.graph.values[value].shape[axis] if isinstance(axis, int) else 0


def _of_cost(survey: Survey, part: Part) -> Found:
    macs = [_total(survey, branch, "macs") for branch in part.branches]
    told = [each for each in macs if isinstance(each, int)]
    unknown = next((each for each in macs if isinstance(each, Unknown)), None)
    known = unknown is None and bool(told)
    return {
        "params": _total(survey, part.members, "params"),
        "macs": _total(survey, part.members, "macs"),
        "branch_macs_min": min(told) if known else unknown,
        "branch_macs_median": median(told) if known else unknown,
    }


def _total(survey: Survey, members: Iterable[int], name: str) -> int | Unknown | None:
    """The sum of a fact over those that have it; None where none has."""
    whole: int | None = None
    for entry in members:
        value = survey.entries[entry].get(name)
        if isinstance(value, Unknown):
            return value
        if isinstance(value, int):
            whole = value + (whole or 0)
    return whole


def _of_dropout(survey: Survey, found: Structure, part: Part) -> Found:
    inside = sorted({entry for branch in part.branches for entry in branch})
    drops = [place for place in inside if _drops(survey, place)]
    if not drops:
        return {"has_dropout": False}
    return {"has_dropout": True, "dropout_after_last_norm": all(_is_last(found, inside, place) for place in drops)}


def _drops(survey: Survey, place: int) -> bool:
    entry = survey.entries[place]
    rate = entry.get("p")
    kind = entry.get("op") == "dropout" and entry.get("dropout_kind") in _ELEMENTS
    return kind and isinstance(rate, int | float) and rate > 0


def _is_last(found: Structure, inside: Sequence[int], place: int) -> bool:
    """Whether no norm of the branch stands behind it, and exactly one layer with weights."""
    behind = [entry for entry in inside if entry > place]
    return not any(found.paths.op(entry) == "norm" for entry in behind) and len(found.main(behind)) == 1
