"""Walking from layer to layer, looking through ops that let their operand pass.

Every walk stops at the first entries that it may not look through, visits each entry once and gives entries in
execution order going ahead, in reverse order going back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from netadvise.measure.facts.survey import Entry, Survey

NOTHING: frozenset[str] = frozenset()


def transparent(entry: Entry, through: frozenset[str] = NOTHING) -> bool:
    """Whether a walk looks through it: copies, inactive dropout (p == 0), and the ops named."""
    op = entry.get("op")
    if op in ("identity", "copy") or op in through:
        return True
    return op in ("dropout", "drop_path") and entry.op.attrs.get("p", entry.get("p")) == 0


def ahead(survey: Survey, entry: Entry, through: frozenset[str] = NOTHING) -> tuple[Entry, ...]:
    """The entries that read its results, counted through transparent ones."""
    return _walk(survey, entry.consumers, lambda each: each.consumers, through)


def behind(survey: Survey, entry: Entry, through: frozenset[str] = NOTHING) -> tuple[Entry, ...]:
    """The entries whose results it reads, counted through transparent ones."""
    return _walk(survey, entry.producers, lambda each: each.producers, through)[::-1]


def source(survey: Survey, entry: Entry, through: frozenset[str] = NOTHING) -> Entry | None:
    """The entry that made its first operand, counted through transparent ones; None at an input or constant."""
    current: Entry | None = entry
    while current is not None:
        current = survey.maker(current.op.inputs[0].value) if current.op.inputs else None
        if current is None or not transparent(current, through):
            return current
    return None


def _walk(
    survey: Survey, start: Iterable[int], onward: Callable[[Entry], tuple[int, ...]], through: frozenset[str]
) -> tuple[Entry, ...]:
    seen: set[int] = set()
    found: list[Entry] = []
    waiting = list(start)
    while waiting:
        current = survey.entries[waiting.pop()]
        if current.id in seen:
            continue
        seen.add(current.id)
        if transparent(current, through):
            waiting.extend(onward(current))
        else:
            found.append(current)
    return tuple(sorted(found, key=lambda each: each.id))


_WEIGHTED = frozenset(("conv", "conv_transpose", "linear", "rnn", "rnn_cell"))


def has_weights(entry: Entry, survey: Survey) -> bool:
    """Whether it is a layer with weights: a convolution, linear or recurrent layer, or a product with a parameter."""
    if entry.get("op") in _WEIGHTED:
        return True
    operands = (operand.value for operand in entry.op.inputs)
    return entry.get("op") == "matmul" and any(value not in survey.data for value in operands)
