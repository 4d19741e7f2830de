"""Gates: small branches whose result multiplies the main path (squeeze-and-excitation, attention maps)."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from netadvise.measure.facts.paths import Paths

_LARGEST = 4
"""A branch with more layers with weights is a network of its own (a mask estimator), not a gate."""

_FARTHEST = 64
"""A branch of more ops than this is not looked through to its end."""

_COPYING = frozenset({"expand", "copy", "identity"})


@dataclass(frozen=True, slots=True)
class Gate:
    """A product of the main path with a gate."""

    join: int
    """The entry of the product."""
    main: int
    """The value that is gated."""
    factor: int
    """The value of the gate."""
    members: tuple[int, ...]
    """The entries that compute the factor and nothing else, in execution order."""


def gates(paths: Paths) -> dict[int, Gate]:
    """The gates by the entry of their product."""
    found: dict[int, Gate] = {}
    for entry in sorted(paths.useful):
        if paths.op(entry) == "mul" and len(paths.reads[entry]) == 2:
            gate = _gate(paths, entry, *paths.reads[entry])
            if gate is not None:
                found[entry] = gate
    return found


def _gate(paths: Paths, entry: int, one: int, other: int) -> Gate | None:
    whole = prod(paths.shape(paths.result(entry)))
    narrow = [value for value in (one, other) if _elements(paths, value) < whole]
    if len(narrow) == 1:
        main = other if narrow[0] == one else one
        return _branch(paths, entry, main, narrow[0], forked=False)
    if narrow:
        return None
    return _branch(paths, entry, one, other, forked=True) or _branch(paths, entry, other, one, forked=True)


def _elements(paths: Paths, value: int) -> int:
    """How many elements it has before it was expanded."""
    maker = paths.survey.maker(value)
    while maker is not None and maker.get("op") in _COPYING and maker.op.inputs:
        value = maker.op.inputs[0].value
        maker = paths.survey.maker(value)
    return prod(paths.shape(value))


def _branch(paths: Paths, entry: int, main: int, factor: int, *, forked: bool) -> Gate | None:
    """The gate, if the factor comes from a small branch with weights; where `forked`, one that reads `main` itself."""
    top = paths.maker(factor)
    if top is None or not paths.exits.above(entry, top):
        return None
    members: set[int] = set()
    read: set[int] = set()
    waiting = [top]
    while waiting and len(members) <= _FARTHEST:
        current = waiting.pop()
        if current in members or not paths.exits.above(top, current):
            continue
        members.add(current)
        read.update(paths.reads[current])
        waiting.extend(maker for value in paths.reads[current] if (maker := paths.maker(value)) is not None)
    small = not waiting and 0 < paths.weights(members) <= _LARGEST
    if not small or (forked and main not in read):
        return None
    return Gate(entry, main, factor, tuple(sorted(members)))


def gate_entries(paths: Paths, found: dict[int, Gate]) -> frozenset[int]:
    """Every entry whose result serves gates alone: also what two gates share."""
    serving: set[int] = set()
    for entry in sorted(paths.useful, reverse=True):
        results = set(paths.survey.entries[entry].op.outputs)
        is_output = not results.isdisjoint(paths.survey.graph.outputs)
        readers = paths.readers[entry]
        if (
            not is_output
            and readers
            and all(reader in serving or _reads_as_factor(paths, found, reader, results) for reader in readers)
        ):
            serving.add(entry)
    return frozenset(serving)


def _reads_as_factor(paths: Paths, found: dict[int, Gate], reader: int, results: set[int]) -> bool:
    gate = found.get(reader)
    return gate is not None and gate.factor in results and gate.main not in results
