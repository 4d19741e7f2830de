"""Whether the samples of a batch stay apart, by following axis 0 of the inputs as receptive fields follow an image's.

On the strict track: statistics and gates count. A position that sees more than its own sample mixes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netadvise.graph import Graph, Op
from netadvise.measure.facts.batch_pair import Pair
from netadvise.measure.keeps import is_floating
from netadvise.measure.receptive import advance
from netadvise.measure.receptive_exact import interval
from netadvise.measure.receptive_input import source
from netadvise.measure.receptive_reach import Reach
from netadvise.quantity import Unknown


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether no output sample depends on another sample, and if one does, the op where samples first meet."""

    independent: bool | Unknown
    meeting: Op | None = None


def verdict(pair: Pair) -> Verdict:
    """Over all inputs whose axis 0 follows the batch size."""
    found = Verdict(True)
    for own, other in zip(pair.base.inputs, pair.other.inputs, strict=False):
        if 0 in pair.samples(own, other):
            told = _of_input(pair.other, other, [output for _, output in pair.outputs])
            if told.independent is False:
                return told
            found = told if isinstance(told.independent, Unknown) else found
    return found


def _of_input(graph: Graph, value: int, outputs: Sequence[int]) -> Verdict:
    known = {value: source(graph.values[value], (0,))}
    length = graph.values[value].shape[0]
    for op in graph.ops:
        found = advance(graph, op, known)
        known.update((output, _certain(graph, op, output, reach, length)) for output, reach in found.items())
    apart: bool | Unknown = True
    for output in outputs:
        told = _apart(known[output], length) if output in known else True
        if told is False:
            return Verdict(False, _first_meeting(graph, known, outputs, length))
        apart = told if isinstance(told, Unknown) else apart
    return Verdict(apart)


def _certain(graph: Graph, op: Op, output: int, reach: Reach, length: int) -> Reach:
    """Whole numbers over several samples (a sort, a count) say where something goes; who meets there is not known."""
    value = graph.values[output]
    if is_floating(value) or _apart(reach, length) is not False:
        return reach
    return reach.unknown(value.shape, f"{op.function} orders samples by content")


def _apart(reach: Reach, length: int) -> bool | Unknown:
    """Whether every position sees its own sample alone."""
    track, placement = reach.axes[0].strict, reach.layout.placement(0)
    if track.exact is None:
        return track.window if isinstance(track.window, Unknown) else Unknown("samples cannot be followed")
    positions = reach.layout.extent(0)
    seen = [interval(track.exact, position) for position in range(positions)]
    if any(found is not None and found[0] != found[1] for found in seen):
        return False
    if any(not factor.placed and factor.size > 1 for _, factor in placement):
        return Unknown("a reshape cuts across the batch axis")
    return positions != length or all(found is None or found[0] == place for place, found in enumerate(seen))


def _first_meeting(graph: Graph, known: dict[int, Reach], outputs: Sequence[int], length: int) -> Op | None:
    """The first op on the way to an output whose result sees more than one sample."""
    needed = set(outputs)
    leading = []
    for op in reversed(graph.ops):
        if not needed.isdisjoint(op.outputs):
            needed.update(operand.value for operand in op.inputs)
            leading.append(op)
    for op in reversed(leading):
        if any(output in known and _apart(known[output], length) is False for output in op.outputs):
            return op
    return None
