"""The working table that the passes over a recorded graph fill with facts, one entry per op that ran.

A pass is a function of a Survey that sets facts of its own names on entries; `PASSES` lists them in order, and each may
read what earlier ones set.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from netadvise.facts import Fact
from netadvise.graph import Graph, Location, Op
from netadvise.measure.facts.axes import Axis, channel_axes
from netadvise.measure.rows import Row, rows
from netadvise.profiles import ReceptiveField


@dataclass(slots=True)
class Entry:
    """One op, its place in the network and its facts so far."""

    id: int
    op: Op
    row: Row | None
    """The profile's row that it belongs to; None for ops that only reshape outside of leaf modules."""
    name: str
    location: Location | None
    called_at: Location | None
    producers: tuple[int, ...]
    """Entries whose results it reads, in the order of its operands."""
    consumers: tuple[int, ...] = ()
    facts: dict[str, Fact] = field(default_factory=dict)
    block: int | None = None

    def get(self, name: str) -> Fact:
        return self.facts.get(name)


@dataclass
class Survey:
    """A graph under survey. `fields` are its receptive fields by value id, None where they were not measured."""

    graph: Graph
    fields: Mapping[int, ReceptiveField] | None
    entries: tuple[Entry, ...]
    entry_of: Mapping[int, Entry]
    """By op id."""
    data: frozenset[int]
    """The values that depend on an input of the model."""

    @cached_property
    def channel_axis(self) -> Mapping[int, Axis]:
        """Which axis holds the channels, of every value that depends on an input."""
        return channel_axes(self.graph, self.data)

    def maker(self, value: int) -> Entry | None:
        """The entry that defines a value; None for inputs, parameters and constants."""
        op = self.graph.producer.get(value)
        return None if op is None else self.entry_of.get(op.id)

    def data_operands(self, entry: Entry) -> tuple[int, ...]:
        """The values it reads that depend on an input, in order."""
        return tuple(operand.value for operand in entry.op.inputs if operand.value in self.data)

    def outputs(self) -> Iterator[Entry]:
        """The entries that make an output of the model, each once."""
        found = (self.maker(value) for value in self.graph.outputs)
        yield from {entry.id: entry for entry in found if entry is not None}.values()


Pass = Callable[[Survey], None]


def survey(graph: Graph, fields: Mapping[int, ReceptiveField] | None) -> Survey:
    """The table of a graph, with names, places and edges, and no facts yet."""
    row_of = {op.id: row for row in rows(graph) for op in row.ops}
    names: Counter[tuple[int, str]] = Counter()
    kept = _layers(graph)
    place = {op.id: position for position, op in enumerate(kept)}
    entries = tuple(_entry(graph, op, position, row_of.get(op.id), names, place) for position, op in enumerate(kept))
    readers: dict[int, dict[int, None]] = {}
    for entry in entries:
        for producer in entry.producers:
            readers.setdefault(producer, {})[entry.id] = None
    for entry in entries:
        entry.consumers = tuple(readers.get(entry.id, ()))
    return Survey(graph, fields, entries, {entry.op.id: entry for entry in entries}, _data(graph))


_ALIASES = frozenset(("write_through", "detach", "alias"))


def _layers(graph: Graph) -> list[Op]:
    """The ops that have results, less the aliases that torch makes on the way and nothing reads."""
    read = set(graph.outputs)
    kept: list[Op] = []
    for op in reversed(graph.ops):
        if op.outputs and (op.function not in _ALIASES or not read.isdisjoint(op.outputs)):
            kept.append(op)
            read.update(operand.value for operand in op.inputs)
    return kept[::-1]


def _entry(
    graph: Graph, op: Op, position: int, row: Row | None, names: Counter[tuple[int, str]], place: Mapping[int, int]
) -> Entry:
    module = None if row is None else row.module
    made = (graph.producer.get(operand.value) for operand in op.inputs)
    producers = tuple(dict.fromkeys(place[maker.id] for maker in made if maker is not None))
    return Entry(
        id=position,
        op=op,
        row=row,
        name=_reshaping_name(graph, op, names) if row is None else row.name,
        location=module.location if module else op.location,
        called_at=row.call.location if row is not None and module else op.location,
        producers=producers,
    )


def _reshaping_name(graph: Graph, op: Op, names: Counter[tuple[int, str]]) -> str:
    path = graph.calls[op.call].module
    repeats = names[op.call, op.function]
    names[op.call, op.function] += 1
    label = op.function + (f"_{repeats}" if repeats else "")
    return f"{path}/{label}" if path else label


_CONTENT_FREE = frozenset({"factory", "random", "shape_only"})


def _data(graph: Graph) -> frozenset[int]:
    depends = set(graph.inputs)
    for op in graph.ops:
        if op.kind not in _CONTENT_FREE and any(operand.value in depends for operand in op.inputs):
            depends.update(op.outputs)
    return frozenset(depends)
