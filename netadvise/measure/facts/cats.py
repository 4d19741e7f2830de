"""Concatenations at which branches meet: inception modules, and the growing concatenations of dense blocks."""

from __future__ import annotations

from dataclasses import replace

from netadvise.measure.facts.paths import Paths
from netadvise.measure.facts.sums import Meeting, flattened

_MOVING = frozenset({"slice", "copy", "identity", "channel_shuffle", "reshape", "permute"})


def cats(paths: Paths) -> tuple[Meeting, ...]:
    """The meetings at concatenations of channels, in execution order."""
    entries = [entry for entry in sorted(paths.useful) if _joins_channels(paths, entry)]
    found = _dense(paths, entries)
    taken = {meeting.join for meeting in found}
    inner: set[int] = set()
    for entry in reversed(entries):
        if entry not in taken and entry not in inner:
            operands, below = flattened(paths, entry, lambda each: _joins_channels(paths, each))
            inner.update(below)
            meeting = _inception(paths, entry, operands)
            found.extend([] if meeting is None else [meeting])
    return tuple(sorted(found, key=lambda meeting: meeting.join))


def _joins_channels(paths: Paths, entry: int) -> bool:
    op = paths.survey.entries[entry].op
    if op.kind != "cat":
        return False
    return paths.survey.channel_axis.get(paths.result(entry)) == op.attrs.get("dim")


def _dense(paths: Paths, entries: list[int]) -> list[Meeting]:
    """The layers of dense blocks: what is concatenated with all that it was made of."""
    found: dict[int, Meeting] = {}
    of: dict[tuple[int, ...], int] = {}
    grown: set[int] = set()
    for entry in entries:
        values = paths.reads[entry]
        for old, new in ((values[:-1], values[-1]), (values[1:], values[0])):
            if not old or new in grown:
                continue
            start = of.get(old)
            fork = paths.result(start) if start is not None else old[0] if len(old) == 1 else None
            region = None if fork is None else _same_size_branch(paths, fork, new)
            if fork is not None and region:
                inside = region if start is None else tuple(sorted((start, *region)))
                if start in found:
                    found[start] = replace(found[start], holds_join=False)
                found[entry] = Meeting("dense", entry, fork, None, (inside,), holds_join=start is None)
                grown.add(new)
                break
        of.setdefault(values, entry)
    return list(found.values())


def _same_size_branch(paths: Paths, fork: int, value: int) -> tuple[int, ...] | None:
    """The entries between, if all of them keep the size of the map and hold a convolution."""
    floor, size = paths.maker(fork), paths.shape(fork)[2:]
    found: set[int] = set()
    waiting = [value]
    while waiting:
        current = waiting.pop()
        if current == fork:
            continue
        maker = paths.maker(current)
        if maker is None or (floor is not None and maker <= floor) or paths.shape(current)[2:] != size:
            return None
        if maker not in found:
            found.add(maker)
            waiting.extend(paths.reads[maker])
    return tuple(sorted(found)) if paths.weights(found) else None


def _inception(paths: Paths, join: int, operands: tuple[int, ...]) -> Meeting | None:
    """The branches of one fork that are concatenated, none of which goes through other sizes of map.

    With the fork itself among the operands it is a dense block of one concatenation (VoVNet's), if no size changes.
    """
    fork = paths.entrances.parent[join]
    if len(operands) < 2 or not paths.entrances.depth[fork]:
        return None
    seen: set[int] = set()
    branches: list[tuple[int, ...]] = []
    for value in operands:
        region = _branch(paths, join, fork, value, seen)
        if region is None:
            return None
        branches.append(region)
        seen.update(region)
    parallel = [branch for branch in branches if any(paths.op(entry) not in _MOVING for entry in branch)]
    plain = len(parallel) < len(branches)
    if paths.weights(seen) == 0 or not parallel:
        return None
    start = _value_at(paths, fork)
    if plain and not _splits(paths, fork, seen):
        alike = all(paths.shape(paths.result(entry))[2:] == paths.shape(start)[2:] for entry in seen)
        return Meeting("dense", join, start, None, tuple(parallel)) if alike else None
    return Meeting("cat", join, start, () if plain else None, tuple(parallel))


def _splits(paths: Paths, fork: int, seen: set[int]) -> bool:
    """Whether the branches work on different channels of the fork, so that the plain one is a share of them."""
    entries = paths.survey.entries
    several = fork < len(entries) and len(entries[fork].op.outputs) > 1
    return several or any(entries[each].op.kind in ("slice", "split") for each in seen)


def _value_at(paths: Paths, node: int) -> int:
    """The value that an entry makes or that an input is."""
    count = len(paths.survey.entries)
    return paths.result(node) if node < count else paths.survey.graph.inputs[node - count - 1]


def _branch(paths: Paths, join: int, fork: int, value: int, seen: set[int]) -> tuple[int, ...] | None:
    """The entries between the fork and an operand; None where one leaves them or changes size and back."""
    sizes = {paths.shape(_value_at(paths, fork))[2:], paths.shape(paths.result(join))[2:]}
    count = len(paths.survey.entries)
    found: set[int] = set()
    waiting = [value]
    while waiting:
        current = waiting.pop()
        maker = paths.maker(current)
        node = count + 1 + paths.survey.graph.inputs.index(current) if maker is None else maker
        if node == fork or node in found or node in seen:
            continue
        if maker is None or not paths.exits.above(join, maker) or not _fits(paths.shape(current)[2:], sizes):
            return None
        found.add(maker)
        waiting.extend(paths.reads[maker])
    return tuple(sorted(found))


def _fits(size: tuple[int, ...], sizes: set[tuple[int, ...]]) -> bool:
    return size in sizes or set(size) <= {1}
