"""In-place ops on a tensor that is still needed as it was.

After an in-place op the record tells the new content from the old, but reading the same tensor again shows the new one.
That the old one was meant is certain in three cases: another name for the same memory is read later; a sum or a
concatenation takes the tensor twice, before and after, it seems; or a module overwrote what its caller gave it, did not
hand that back, and the caller reads it again.
"""

from __future__ import annotations

from netadvise.graph import Call, Graph, Op
from netadvise.measure.facts.survey import Entry, Survey

_DELIBERATE = frozenset(("setitem", "copy", "shape_only", "random"))
"""Kinds that are written to put new content in old memory."""


def overwritten(survey: Survey) -> None:
    """Which in-place ops overwrite what another layer reads later."""
    for entry in survey.entries:
        if entry.get("inplace"):
            entry.facts["overwritten_while_needed"] = _is_needed(survey, entry)


def _is_needed(survey: Survey, entry: Entry) -> bool:
    if entry.op.kind in _DELIBERATE:
        return False
    readers = survey.graph.consumers.get(entry.op.outputs[0], ())
    return (
        any(_is_other_name(survey, entry, reader) for reader in readers)
        or any(_takes_twice(entry, reader) for reader in readers)
        or any(_is_given_back_changed(survey.graph, entry.op, call, readers) for call in _around(survey, entry))
    )


def _is_other_name(survey: Survey, entry: Entry, reader: Op) -> bool:
    """Whether the write showed in another tensor of the same shape that is read later."""
    if reader.kind != "write_through" or reader.id not in survey.entry_of:
        return False
    return survey.graph.result(reader).shape == survey.graph.result(entry.op).shape


def _takes_twice(entry: Entry, reader: Op) -> bool:
    if reader.kind not in ("add", "sub", "cat", "stack"):
        return False
    return sum(operand.value in entry.op.outputs for operand in reader.inputs) > 1


def _around(survey: Survey, entry: Entry) -> list[Call]:
    """The calls around the op that were given the tensor it overwrites and do not return it."""
    old, new = entry.op.inputs[0].value, entry.op.outputs[0]
    calls = survey.graph.ancestry(entry.op.call)
    return [call for call in calls if call.parent is not None and old in call.inputs and new not in call.outputs]


def _is_given_back_changed(graph: Graph, op: Op, call: Call, readers: tuple[Op, ...]) -> bool:
    """Whether something outside of the call reads the overwritten tensor, or the model returns it."""
    outside = (reader for reader in readers if all(each.id != call.id for each in graph.ancestry(reader.call)))
    return op.outputs[0] in graph.outputs or any(reader.kind != "write_through" for reader in outside)
