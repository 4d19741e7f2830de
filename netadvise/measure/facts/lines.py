"""Blocks without a sum: inverted bottlenecks that change the size of the map, and attention on its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from netadvise.measure.facts.block_types import is_inverted, is_pointwise, width_in, width_out
from netadvise.measure.facts.gates import Gate
from netadvise.measure.facts.paths import Paths

_LIGHT = frozenset({"norm", "activation", "dropout", "copy", "identity", "pad", "pointwise"})
_MOVING = frozenset({"reshape", "permute", "copy", "identity", "dropout", "slice"})


def inverted_line(paths: Paths, gates: Mapping[int, Gate], depthwise: int) -> tuple[int, ...] | None:
    """The entries of a line widen, depthwise, narrow around a depthwise convolution; the first may be missing."""
    before = _expansion(paths, depthwise)
    after = _forward(paths, gates, depthwise)
    if after is None or not is_pointwise(paths, after[-1]) or paths.op(after[-1]) != "conv":
        return None
    tail = _norm_behind(paths, after[-1])
    first, last = before[0] if before else depthwise, after[-1]
    word = "pdp" if before else "dp"
    fits = is_inverted(word, width_in(paths, first), width_out(paths, depthwise), width_out(paths, last))
    if not fits or (not before and _activated(paths, (tail or (last,))[-1])):
        return None
    return (*before, depthwise, *after, *tail)


def _expansion(paths: Paths, entry: int) -> tuple[int, ...]:
    """The widening pointwise convolution before, and what lies between."""
    passed: tuple[int, ...] = ()
    while True:
        value = paths.only(entry)
        maker = None if value is None else paths.maker(value)
        if maker is None or len(paths.readers[maker]) != 1:
            return ()
        passed = (maker, *passed)
        if paths.op(maker) == "conv":
            widens = paths.holds(maker, "is_pointwise") and width_out(paths, maker) > width_in(paths, maker)
            return passed if widens else ()
        if paths.op(maker) not in _LIGHT:
            return ()
        entry = maker


def _forward(paths: Paths, gates: Mapping[int, Gate], entry: int) -> tuple[int, ...] | None:
    """What follows up to and with the next layer with weights of the main path; None where the path forks."""
    passed: list[int] = []
    while True:
        following = _next(paths, gates, entry)
        if following is None:
            return None
        passed.append(following)
        if paths.weighted(following):
            return tuple(passed)
        if paths.op(following) not in _LIGHT and following not in gates:
            return None
        entry = following


def _next(paths: Paths, gates: Mapping[int, Gate], entry: int) -> int | None:
    readers = paths.readers[entry]
    if len(readers) == 1:
        return readers[0]
    joins = [each for each in readers if each in gates and paths.maker(gates[each].main) == entry]
    return joins[0] if len(joins) == 1 else None


def _norm_behind(paths: Paths, entry: int) -> tuple[int, ...]:
    readers = paths.readers[entry]
    return readers if len(readers) == 1 and paths.op(readers[0]) == "norm" else ()


def _activated(paths: Paths, entry: int) -> bool:
    return any(paths.op(reader) == "activation" for reader in paths.readers[entry])


def attention_region(paths: Paths, entry: int) -> tuple[int, ...] | None:
    """What an attention is computed from since its operands parted, and the projection behind it."""
    fork = paths.entrances.parent[entry]
    if not paths.entrances.depth[fork]:
        return None
    found = _between(paths, fork, entry)
    return None if found is None else (*found, *_projection(paths, entry))


def _between(paths: Paths, fork: int, entry: int) -> tuple[int, ...] | None:
    found = {entry}
    waiting = list(paths.reads[entry])
    while waiting:
        maker = paths.maker(waiting.pop())
        if maker is None or maker == fork or maker in found:
            continue
        if not paths.exits.above(entry, maker):
            return None
        found.add(maker)
        waiting.extend(paths.reads[maker])
    return tuple(sorted(found))


def _projection(paths: Paths, entry: int) -> tuple[int, ...]:
    passed: list[int] = []
    while len(paths.readers[entry]) == 1:
        entry = paths.readers[entry][0]
        passed.append(entry)
        if paths.op(entry) == "linear":
            return tuple(passed)
        if paths.op(entry) not in _MOVING:
            return ()
    return ()


def members_with_gates(line: Collection[int], gates: Mapping[int, Gate]) -> tuple[int, ...]:
    """The entries of a line with those that compute the gates on it."""
    inside = set(line)
    for entry in line:
        inside.update(gates[entry].members if entry in gates else ())
    return tuple(sorted(inside))
