"""Dropout on the state of a recurrent cell: a fresh mask at every step wears the memory away."""

from __future__ import annotations

from netadvise.measure.facts.structure import Structure
from netadvise.measure.facts.survey import Entry, Survey

_FARTHEST = 48
"""A step of a cell written by hand has no more ops between its products than this."""


def recurrent_state(survey: Survey, found: Structure) -> None:
    """Sets `recurrent_state` of every dropout."""
    for entry in survey.entries:
        if entry.get("op") == "dropout" and entry.id in found.paths.useful:
            entry.facts["recurrent_state"] = _on_state(survey, found, entry)


def _on_state(survey: Survey, found: Structure, entry: Entry) -> bool:
    """Whether the same weights made what it drops and multiply its result: the step before and the step after.

    A dropout in a residual branch drops an update of the state, not the state.
    """
    if entry.get("in_branch") is True:
        return False
    made = _weights(survey, found, entry.id, ahead=False)
    return bool(made) and not made.isdisjoint(_weights(survey, found, entry.id, ahead=True))


def _weights(survey: Survey, found: Structure, start: int, *, ahead: bool) -> set[int]:
    """The weights for the state in the nearest layers with weights in one direction."""
    paths = found.paths
    reached: set[int] = set()
    seen = {start}
    waiting = [(start, reader) for reader in paths.readers[start]] if ahead else _before(found, start)
    while waiting and len(seen) <= _FARTHEST:
        came_from, current = waiting.pop()
        if paths.weighted(current):
            reached |= _state_weights(survey, found, came_from, current) if ahead else _own(survey, current)
        elif current not in seen:
            seen.add(current)
            waiting.extend([(current, each) for each in paths.readers[current]] if ahead else _before(found, current))
    return reached


def _before(found: Structure, entry: int) -> list[tuple[int, int]]:
    makers = (found.paths.maker(value) for value in found.paths.reads[entry])
    return [(entry, maker) for maker in makers if maker is not None]


def _own(survey: Survey, entry: int) -> set[int]:
    values = survey.graph.values
    operands = (operand.value for operand in survey.entries[entry].op.inputs)
    return {value for value in operands if value not in survey.data and len(values[value].shape) > 1}


def _state_weights(survey: Survey, found: Structure, came_from: int, entry: int) -> set[int]:
    """Its weights, if what came is read as the state: of a cell the other operand is the input of the step."""
    op = survey.entries[entry].op
    if op.kind != "rnn_cell":
        return _own(survey, entry)
    results = set(survey.entries[came_from].op.outputs)
    return set() if results.isdisjoint(op.operands("hx")) else _own(survey, entry)
