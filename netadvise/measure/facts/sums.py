"""Residual sums: a tensor that is added to what a branch makes of it.

One operand of the sum leads up to a fork through ops that carry the whole tensor on (nothing, a norm, a pool, one
projection): the shortcut. Every other operand depends on that fork too: the branches. A branch may read further inputs
from elsewhere (cross-attention, a time embedding); everything that leaves a branch must lead to the sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from netadvise.measure.facts.gates import Gate
from netadvise.measure.facts.paths import Paths

_CARRIERS = frozenset(
    ("conv", "conv_transpose", "linear", "norm", "activation", "dropout", "drop_path", "pool_max", "pool_avg")
    + ("pool_adaptive", "upsample", "pixel_shuffle", "pixel_unshuffle", "channel_shuffle", "pad", "reshape", "permute")
    + ("expand", "copy", "identity", "pointwise", "mul", "add", "cat"),
)
"""Ops that carry a tensor on as a whole when it is the only one they read; of slices only those that leave out borders
or every second position."""

_LONGEST = 16
"""A shortcut has no more ops than this."""

_MOST = 8
"""A chain of more additions gathers something else than the branches of a block."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """Branches of one fork that meet again."""

    kind: str
    """sum, cat or dense"""
    join: int
    """The entry at which they meet."""
    fork: int
    """The value that they start from."""
    shortcut: tuple[int, ...] | None
    """The entries between the fork and the sum that go around the branches; None without such a path."""
    branches: tuple[tuple[int, ...], ...]
    """The entries of each branch, in execution order; what several share stands in the first."""
    holds_join: bool = True

    def members(self) -> tuple[int, ...]:
        """All entries, in execution order."""
        found = {entry for branch in self.branches for entry in branch}
        found.update(self.shortcut or ())
        return tuple(sorted(found | {self.join} if self.holds_join else found))


def sums(paths: Paths, gates: Mapping[int, Gate]) -> dict[int, Meeting]:
    """The residual sums by their entry. A sum of sums of one fork is one meeting."""
    found: dict[int, Meeting] = {}
    for entry in sorted(paths.useful):
        if _adds(paths, entry):
            meeting = _merged(paths, gates, entry, found) or _residual(paths, gates, entry, paths.reads[entry])
            if meeting is not None:
                found[entry] = meeting
    return found


def _adds(paths: Paths, entry: int) -> bool:
    return paths.op(entry) == "add" and len(paths.reads[entry]) > 1


def _merged(paths: Paths, gates: Mapping[int, Gate], entry: int, found: dict[int, Meeting]) -> Meeting | None:
    """The meeting of all operands of a chain of additions, unless an inner one is a residual block of its own."""
    if any(_adds(paths, reader) for reader in paths.readers[entry]):
        return None
    operands, inner = flattened(paths, entry, lambda each: _adds(paths, each))
    if not inner or len(operands) > _MOST:
        return None
    meeting = _residual(paths, gates, entry, operands)
    if meeting is None or any(each in found and found[each].fork != meeting.fork for each in inner):
        return None
    for each in inner:
        found.pop(each, None)
    first, *others = meeting.branches
    return replace(meeting, branches=(tuple(sorted({*first, *inner})), *others))


def flattened(paths: Paths, entry: int, joins: Callable[[int], bool]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The operands of a chain of joins of which each is read by the next alone, and the inner joins."""
    operands: dict[int, None] = {}
    inner: list[int] = []
    waiting = [(value, entry) for value in reversed(paths.reads[entry])]
    while waiting:
        value, reader = waiting.pop()
        maker = paths.maker(value)
        if maker is not None and paths.readers[maker] == (reader,) and joins(maker):
            inner.append(maker)
            waiting.extend((each, maker) for each in reversed(paths.reads[maker]))
        else:
            operands[value] = None
    return tuple(operands), tuple(inner)


def _residual(paths: Paths, gates: Mapping[int, Gate], join: int, operands: Sequence[int]) -> Meeting | None:
    candidates = [_around(paths, gates, join, value, [v for v in operands if v != value]) for value in operands]
    fitting = [each for each in candidates if each is not None and _is_residual(paths, each)]
    return min(fitting, key=lambda each: _cost(paths, each), default=None)


def _cost(paths: Paths, meeting: Meeting) -> tuple[int, int]:
    shortcut = meeting.shortcut or ()
    return paths.weights(shortcut), len(shortcut)


def _is_residual(paths: Paths, meeting: Meeting) -> bool:
    """Whether the branches hold more layers with weights than the shortcut: a norm counts where there are no others.

    A projected shortcut around an up-sampling joins a decoder to an earlier map; that is no block.
    """
    inside = [entry for branch in meeting.branches for entry in branch]
    projections = paths.weights(meeting.shortcut or ())
    if projections and any(paths.op(entry) in _ENLARGING for entry in inside):
        return False
    learns = not meeting.shortcut and any(_learns(paths, entry) for entry in inside)
    return paths.weights(inside) > projections or learns


_ENLARGING = frozenset({"upsample", "conv_transpose", "pixel_shuffle"})


def _learns(paths: Paths, entry: int) -> bool:
    values = paths.survey.graph.values
    return any(values[operand.value].origin == "parameter" for operand in paths.survey.entries[entry].op.inputs)


def _around(paths: Paths, gates: Mapping[int, Gate], join: int, value: int, others: Sequence[int]) -> Meeting | None:
    """The meeting in which `value` ends the shortcut."""
    chain = _forking(paths, list(_chain(paths, gates, value)))
    if not chain:
        return None
    place = {each: index for index, (each, _) in enumerate(chain)}
    makers = [-1 if maker is None else maker for maker in (paths.maker(each) for each in place)]
    floor = min(makers)
    branches: list[tuple[int, ...]] = []
    seen: set[int] = set()
    nearest = []
    for other in others:
        entries, met = _region(paths, join, other, place, floor, seen)
        if not met:
            return None
        nearest.append(min(met))
        branches.append(entries)
    fork = max(nearest)
    return Meeting("sum", join, chain[fork][0], tuple(sorted(chain[fork][1])), tuple(branches))


Chain = list[tuple[int, tuple[int, ...]]]


def _forking(paths: Paths, chain: Chain) -> Chain:
    """The chain up to the last value that something else reads too: nothing forks above it."""
    several = [index for index, (value, _) in enumerate(chain) if paths.fan_out.get(value, 0) > 1]
    return chain[: several[-1] + 1] if several else []


def _chain(paths: Paths, gates: Mapping[int, Gate], value: int) -> Iterator[tuple[int, tuple[int, ...]]]:
    """The values up the shortcut, each with the entries between it and the sum."""
    passed: tuple[int, ...] = ()
    while True:
        yield value, passed
        maker = paths.maker(value)
        if maker is None or maker not in paths.useful or len(passed) >= _LONGEST:
            return
        passed = (*passed, maker)
        before = gates[maker].main if maker in gates else paths.only(maker) if _carries(paths, maker) else None
        if before is None or paths.weights(passed) > 1:
            return
        value = before


def _carries(paths: Paths, entry: int) -> bool:
    if paths.op(entry) in _CARRIERS:
        return True
    op = paths.survey.entries[entry].op
    return op.kind == "slice" and len(op.outputs) == 1


def _region(
    paths: Paths, join: int, value: int, place: Mapping[int, int], floor: int, seen: set[int]
) -> tuple[tuple[int, ...], list[int]]:
    """The entries behind `value` that lead to the join alone, and which values of the shortcut's chain they read."""
    met: list[int] = []
    entries: list[int] = []
    waiting = [value]
    visited: set[int] = set()
    while waiting:
        current = waiting.pop()
        if current in place:
            met.append(place[current])
            continue
        maker = paths.maker(current)
        if maker is None or maker in visited or maker <= floor or not paths.exits.above(join, maker):
            continue
        visited.add(maker)
        waiting.extend(paths.reads[maker])
    entries = sorted(visited - seen)
    seen.update(visited)
    return tuple(entries), met
