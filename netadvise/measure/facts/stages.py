"""Stages: the runs of equal resolution along the main path, the longest one to the first output."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from netadvise.measure.facts.kernel import sizes
from netadvise.measure.facts.structure import Part, Structure, structure
from netadvise.measure.facts.survey import Survey

Size = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """One run of equal resolution."""

    width: int
    """Channels at its end."""
    depth: int
    """Its blocks; where it has none, its convolutions with kernels above 1x1."""
    resolution: int
    """Its largest side."""
    stride: float
    """The largest side before it, divided by its own."""


_SHRINKING = 1.6
"""Windows without padding cut borders off: sides that differ by less than this factor are one resolution."""


@dataclass(slots=True)
class _Run:
    sizes: list[Size]
    """Every size in it, the largest first where windows cut borders off."""
    first: int
    """The first entry of the main path in it, by which layers beside the path are sorted in."""
    width: int = 0
    blocks: int = 0
    kernels: int = 0
    layers: int = 0

    @property
    def depth(self) -> int:
        return self.blocks or self.kernels

    def holds(self, size: Size) -> bool:
        """Whether a map of this size belongs to the run."""
        sides = zip(size, self.sizes[-1], strict=True)
        return all(max(one, other) < _SHRINKING * min(one, other) for one, other in sides)

    def extended(self, other: _Run) -> None:
        """Take in a later run of the same resolution."""
        self.sizes.extend(other.sizes)
        self.width, self.layers = other.width, self.layers + other.layers
        self.blocks, self.kernels = self.blocks + other.blocks, self.kernels + other.kernels


def stages(survey: Survey) -> tuple[Stage, ...]:
    """The stages before the head, in order. Needs the facts of the passes before."""
    return _stages(survey, _runs(survey, structure(survey)))


def _stages(survey: Survey, runs: Sequence[_Run]) -> tuple[Stage, ...]:
    shapes = [survey.graph.values[value].shape for value in survey.graph.inputs]
    before = max(shapes[0][2:], default=0) if shapes else 0
    found: list[Stage] = []
    for run in runs:
        side = max(run.sizes[0])
        found.append(Stage(run.width, run.depth, side, before / side if before and side else 1.0))
        before = side
    return tuple(found)


def stage_indices(survey: Survey, found: Structure) -> None:
    """Sets `stage`: for a layer beside the main path that of the nearest run of its size begun before it."""
    runs = _runs(survey, found)
    of_size: dict[Size, list[tuple[int, int]]] = {}
    for index, run in enumerate(runs):
        for held in dict.fromkeys(run.sizes):
            of_size.setdefault(held, []).append((run.first, index))
    for entry in survey.entries:
        size = _map_size(survey, entry.op.outputs[0])
        candidates = of_size.get(size, []) if size else []
        if candidates and entry.get("in_head") is not True:
            begun = [index for first, index in candidates if first <= entry.id]
            entry.facts["stage"] = begun[-1] if begun else candidates[0][1]


def _map_size(survey: Survey, value: int) -> Size | None:
    """The sizes of the spatial axes of a map, channels first or last; None for other tensors."""
    shape, channel = survey.graph.values[value].shape, survey.channel_axis.get(value)
    if channel == 1 and len(shape) > 2:
        return shape[2:]
    return shape[1:-1] if channel == len(shape) - 1 and len(shape) > 3 else None


def _runs(survey: Survey, found: Structure) -> list[_Run]:
    units = {part.join: part for part in _units(found)}
    inner = {entry for part in units.values() for entry in part.members} - set(units)
    runs: list[_Run] = []
    for place in _before_output_layer(survey, found, inner | set(units)):
        size = _map_size(survey, survey.entries[place].op.outputs[0])
        outside = place in inner or survey.entries[place].get("in_head") is True
        if size is None or outside or (runs and len(size) != len(runs[0].sizes[0])):
            continue
        if not runs or not runs[-1].holds(size):
            runs.append(_Run([size], place))
        elif runs[-1].sizes[-1] != size:
            runs[-1].sizes.append(size)
        _count(survey, found, runs[-1], place, place in units)
    return _merged(runs)


def _before_output_layer(survey: Survey, found: Structure, in_blocks: Set[int]) -> Iterator[int]:
    """The main path up to the layer that only maps features to the outputs: a classifier, a last 1x1 convolution."""
    for place in _main_path(survey, found):
        last = found.paths.number(place, "depth_from_output") == 1 and found.paths.weighted(place)
        maps = found.paths.holds(place, "is_classifier") or found.paths.holds(place, "is_pointwise")
        if last and maps and place not in in_blocks:
            return
        yield place


def _count(survey: Survey, found: Structure, run: _Run, place: int, ends_block: bool) -> None:
    entry = survey.entries[place]
    value = entry.op.outputs[0]
    channel = survey.channel_axis.get(value)
    run.width = survey.graph.values[value].shape[channel] if isinstance(channel, int) else run.width
    run.blocks += ends_block
    run.kernels += entry.get("op") == "conv" and max(sizes(entry, "kernel_size"), default=1) > 1
    run.layers += ends_block or found.paths.weighted(place)


def _merged(runs: Sequence[_Run]) -> list[_Run]:
    """Neighbouring runs of one resolution as one, where a run without layers lay between."""
    kept: list[_Run] = []
    for run in (run for run in runs if run.layers):
        if kept and kept[-1].holds(run.sizes[0]):
            kept[-1].extended(run)
        else:
            kept.append(run)
    return kept


def _units(found: Structure) -> list[Part]:
    """The blocks that are counted: residual ones that hold no other, and what is no part of one and holds none.

    The concatenation that a dense block starts from is not held.
    """
    residual = [part for part in found.parts if part.join in found.sums and part.type != "gate"]
    units = [part for part in residual if found.sums.keys().isdisjoint(_within(found, part))]
    covered = {entry for part in units for entry in part.members}
    others = [part for part in found.parts if part.type != "gate" and part.join not in covered and part not in residual]
    joins = found.sums.keys() | {part.join for part in others}
    return units + [part for part in others if joins.isdisjoint(_within(found, part))]


def _within(found: Structure, part: Part) -> set[int]:
    start = None if part.fork is None else found.paths.maker(part.fork)
    return set(part.members) - {part.join, start}


def _main_path(survey: Survey, found: Structure) -> list[int]:
    paths = found.paths
    place = paths.maker(survey.graph.outputs[0]) if survey.graph.outputs else None
    passed: list[int] = []
    while place is not None and place in paths.useful:
        passed.append(place)
        gate = found.gates.get(place)
        values = paths.reads[place] if gate is None else (gate.main,)
        makers = [maker for value in values if (maker := paths.maker(value)) is not None]
        place = max(makers, key=lambda maker: (paths.number(maker, "depth"), maker), default=None)
    return passed[::-1]
