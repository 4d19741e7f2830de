"""Receptive fields: what one unit of every value sees of the network's primary input, in input pixels.

One interpretation of the graph in execution order: each op's rule turns the reaches of its operands into those of its
outputs. What no rule covers is Unknown from there on. Definitions: Araujo, Norris and Sim, "Computing receptive fields
of convolutional neural networks" (Distill, 2019); narrowest path: Richter et al. (arXiv 2106.12307).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal

from netadvise.graph import Graph, Op
from netadvise.measure import receptive_local, receptive_products, receptive_shapes, receptive_spatial
from netadvise.measure.receptive_exact import Interval, interval
from netadvise.measure.receptive_input import primary_input
from netadvise.measure.receptive_reach import Axis, Reach, Rule, Track
from netadvise.measure.receptive_reading import RULES, Reading
from netadvise.profiles import Jumps, ReceptiveField, Sizes
from netadvise.quantity import Unknown

RULE_FILES = (receptive_local, receptive_products, receptive_shapes, receptive_spatial)
"""The files whose rules stand in the table."""


def receptive_fields(graph: Graph) -> dict[int, ReceptiveField]:
    """The field of every value that the primary spatial input reaches, by value id.

    Sizes are `()` where that input has no spatial axes. Other inputs, parameters and constants carry no position.
    """
    seen: dict[int, tuple[Reach, ReceptiveField]] = {}
    fields: dict[int, ReceptiveField] = {}
    for value, reach in reaches(graph).items():
        key = id(reach.axes)
        if key not in seen:
            seen[key] = (reach, _field(reach.axes))
        fields[value] = seen[key][1]
    return fields


def intervals(graph: Graph, value: int, track: Literal["path", "strict"] = "path") -> list[list[Interval]] | Unknown:
    """Per axis of the input, the first and last input position that every position of `value` sees, borders included.

    None stands for a position that sees padding only; one entry alone for an axis that `value` no longer has.
    """
    result: list[list[Interval]] = []
    reach = reaches(graph)[value]
    for index, axis in enumerate(reach.axes):
        chosen = axis.path if track == "path" else axis.strict
        if chosen.exact is None:
            return _lost(chosen)
        positions = range(reach.layout.extent(index))
        result.append([interval(chosen.exact, position) for position in positions])
    return result


def reaches(graph: Graph) -> dict[int, Reach]:
    """What every value that depends on the primary input sees of it."""
    found = primary_input(graph, advance)
    if found is None:
        return {}
    value, reach = found
    known = {value: reach}
    for op in graph.ops:
        known.update(advance(graph, op, known))
    return known


def advance(graph: Graph, op: Op, known: dict[int, Reach]) -> dict[int, Reach]:
    """The reaches of one op's outputs, from those of its operands."""
    if not op.outputs or not any(operand.value in known for operand in op.inputs):
        return {}
    reading = Reading(graph, op, known)
    rule = RULES.get(op.kind)
    if rule is None:
        return {output: _unruled(reading, output) for output in op.outputs}
    outcome = rule(reading)
    if outcome is None:
        return {}
    listed = outcome if isinstance(outcome, tuple) else (outcome,) * len(op.outputs)
    pairs = zip(op.outputs, listed, strict=False)
    settled = {id(reach): reach.settled() for reach in listed if reach is not None}
    return {output: _checked(settled[id(reach)], reading, output) for output, reach in pairs if reach is not None}


def _unruled(reading: Reading, output: int) -> Reach:
    call = reading.graph.calls[reading.op.call]
    where = call.module or reading.graph.module_at[call.module].type
    reason = f"no receptive-field rule for {reading.op.function} in {where}"
    return reading.reached()[0].unknown(reading.graph.values[output].shape, reason)


def _checked(reach: Reach, reading: Reading, output: int) -> Reach:
    """A rule that expects another shape than the recorded one knows too little of the op."""
    shape = reading.graph.values[output].shape
    if reach.shape == shape:
        return reach
    return reach.unknown(shape, f"{reading.op.function} at {reading.place} gave shape {shape}, its rule {reach.shape}")


def _field(axes: Sequence[Axis]) -> ReceptiveField:
    return ReceptiveField(
        size=_numbers(axes, lambda axis: _size(axis.path.window)),
        narrowest=_numbers(axes, lambda axis: _size(axis.narrowest)),
        strict=_numbers(axes, lambda axis: _size(axis.strict.window)),
        clipped=_numbers(axes, lambda axis: _central(axis.path)),
        jump=_jumps(axes),
        start=_numbers(axes, lambda axis: _start(axis.path.window)),
        period=_numbers(axes, lambda axis: _period(axis.path.window)),
        culprit=next((axis.culprit for axis in axes if axis.culprit), ""),
    )


def _numbers(axes: Iterable[Axis], measure: Callable[[Axis], int | Unknown]) -> Sizes:
    found = []
    for axis in axes:
        number = measure(axis)
        if isinstance(number, Unknown):
            return number
        found.append(number)
    return tuple(found)


def _jumps(axes: Iterable[Axis]) -> Jumps:
    found = []
    for axis in axes:
        if isinstance(axis.grid, Unknown):
            return axis.grid
        found.append(abs(axis.grid.jump))
    return tuple(found)


def _size(rule: Rule) -> int | Unknown:
    return rule if isinstance(rule, Unknown) else rule.size


def _start(rule: Rule) -> int | Unknown:
    return rule if isinstance(rule, Unknown) else rule.start


def _period(rule: Rule) -> int | Unknown:
    return rule if isinstance(rule, Unknown) else rule.period


def _central(track: Track) -> int | Unknown:
    if track.exact is None:
        return _lost(track)
    seen = interval(track.exact, track.exact.extent // 2)
    return seen[1] - seen[0] + 1 if seen else 0


def _lost(track: Track) -> Unknown:
    return track.window if isinstance(track.window, Unknown) else Unknown("positions cannot be followed")


def rules() -> Iterator[str]:
    """The kinds of op that have a receptive-field rule."""
    return iter(RULES)
