"""How deep a layer lies, whether it stands on a shortcut, in a branch or in a gate, and what goes around a dropout."""

from __future__ import annotations

from math import inf

from netadvise.measure.facts.structure import Structure
from netadvise.measure.facts.survey import Entry, Survey

_FARTHEST = 16
"""A way from a dropout to the sum it belongs to has no more ops than this."""


def depths(survey: Survey, found: Structure) -> None:
    """Layers with weights on the longest path from the input and to the output; gates are no part of a path."""
    paths = found.paths
    before: dict[int, int] = {}
    for entry in survey.entries:
        if entry.op.outputs[0] in survey.data:
            makers = (paths.maker(value) for value in _followed(found, entry))
            deepest = max((before.get(maker, 0) for maker in makers if maker is not None), default=0)
            before[entry.id] = deepest + paths.weighted(entry.id)
            entry.facts["depth"] = before[entry.id]
    behind: dict[int, int] = {}
    for place in sorted(paths.useful, reverse=True):
        readers = paths.readers[place]
        onward = [reader for reader in readers if reader not in found.serving] or readers
        longest = max((behind[reader] for reader in onward), default=0)
        behind[place] = longest + paths.weighted(place)
        survey.entries[place].facts["depth_from_output"] = behind[place]


def _followed(found: Structure, entry: Entry) -> tuple[int, ...]:
    """The values that a path to an entry may come from."""
    gate = found.gates.get(entry.id)
    return found.paths.reads[entry.id] if gate is None else (gate.main,)


def shortcuts(survey: Survey, found: Structure) -> None:
    """What stands on the way around a branch or on the stream between two sums, in a branch, or in a gate."""
    around: set[int] = set()
    inside: set[int] = set()
    for meeting in found.sums.values():
        around.update(meeting.shortcut or ())
        around.update(_stream(found, meeting.fork))
        inside.update(entry for branch in meeting.branches for entry in branch)
    for entry in survey.entries:
        entry.facts.update(
            on_shortcut=entry.id in around,
            in_branch=entry.id in inside,
            is_gate=entry.id in found.serving,
        )


def _stream(found: Structure, fork: int) -> list[int]:
    """What every path from the sum before passes on its way to a fork; nothing where a layer with weights is on it."""
    passed: list[int] = []
    paths, value = found.paths, fork
    while True:
        maker = paths.maker(value)
        if maker is None:
            return []
        if maker in found.sums:
            return passed
        before = found.gates[maker].main if maker in found.gates else paths.only(maker)
        if before is None or paths.weighted(maker):
            return []
        passed.append(maker)
        value = before


def parallel_paths(survey: Survey, found: Structure) -> None:
    """Whether the result of a dropout is added to a path that goes around it."""
    for entry in survey.entries:
        if entry.get("op") in ("dropout", "drop_path") and entry.id in found.paths.useful:
            entry.facts["has_parallel_path"] = entry.get("in_branch") is True or _meets_a_sum(found, entry.id)


def _meets_a_sum(found: Structure, entry: int) -> bool:
    paths = found.paths
    for _ in range(_FARTHEST):
        readers = paths.readers[entry]
        if len(readers) != 1:
            return False
        entry = readers[0]
        if paths.op(entry) == "add" and len(paths.reads[entry]) > 1:
            return True
    return False


def cumulative_keep(survey: Survey) -> float | None:
    """The smallest product of 1 - p over the dropouts of a path that no skip goes around; None without dropout."""
    kept: dict[int, float] = {}
    ends = {entry.id for entry in survey.outputs()}
    for entry in survey.entries:
        makers = (survey.maker(value) for value in survey.data_operands(entry))
        before = min((kept.get(maker.id, 1.0) for maker in makers if maker is not None), default=1.0)
        rate = entry.get("p") if entry.get("has_parallel_path") is False else None
        kept[entry.id] = before * (1 - rate) if isinstance(rate, int | float) else before
    some = any(entry.get("op") in ("dropout", "drop_path") for entry in survey.entries)
    smallest = min((kept[end] for end in ends), default=inf)
    return smallest if some and smallest <= 1 else None
