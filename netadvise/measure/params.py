"""Parameters and buffers: how many, how many bytes, and at which row each is counted.

Every tensor counts once, however many modules share it. It is counted at the first call of its first owner, where that
module (or the nearest one around it) is a row of its own; else at the first row that reads it, directly or through
reshaping.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from netadvise.graph import Graph, Module, Value
from netadvise.measure.rows import Row


@dataclass(frozen=True, slots=True)
class ParameterCount:
    """Elements and bytes over the whole model."""

    params: int
    trainable_params: int
    buffers: int
    param_bytes: int
    buffer_bytes: int


@dataclass(frozen=True, slots=True)
class RowParameters:
    """Elements counted at one row; `shared_params` are read there and counted at another."""

    params: int
    trainable_params: int
    buffers: int
    shared_params: int


def count(graph: Graph) -> ParameterCount:
    """The model's parameters and buffers, each tensor once."""
    parameters = [value for value in graph.values if value.origin == "parameter"]
    buffers = [value for value in graph.values if value.origin == "buffer"]
    return ParameterCount(
        params=_elements(parameters),
        trainable_params=_elements(value for value in parameters if value.requires_grad),
        buffers=_elements(buffers),
        param_bytes=sum(value.bytes for value in parameters),
        buffer_bytes=sum(value.bytes for value in buffers),
    )


def count_by_row(graph: Graph, rows: Sequence[Row]) -> tuple[RowParameters, ...]:
    """What is counted at each row. The rows' `params` and the parameters that no row reads add up to the model's."""
    read = parameters_read(graph, rows)
    homes = _homes(graph, rows, read)
    held: dict[int, list[Value]] = {}
    for value, row in homes.items():
        held.setdefault(row, []).append(graph.values[value])
    found = []
    for position, values in enumerate(read):
        own = held.get(position, [])
        parameters = [value for value in own if value.origin == "parameter"]
        shared = [graph.values[value] for value in values if homes[value] != position]
        counted = RowParameters(
            params=_elements(parameters),
            trainable_params=_elements(value for value in parameters if value.requires_grad),
            buffers=_elements(value for value in own if value.origin == "buffer"),
            shared_params=_elements(value for value in shared if value.origin == "parameter"),
        )
        found.append(counted)
    return tuple(found)


def parameters_read(graph: Graph, rows: Sequence[Row]) -> list[set[int]]:
    """The parameters and buffers that each row reads, directly or through ops that have no row."""
    row_of = {op.id: position for position, row in enumerate(rows) for op in row.ops}
    sources: dict[int, set[int]] = {
        value.id: {value.id} for value in graph.values if value.origin in ("parameter", "buffer")
    }
    read: list[set[int]] = [set() for _ in rows]
    for op in graph.ops:
        reached = set().union(*(sources.get(operand.value, ()) for operand in op.inputs))
        row = row_of.get(op.id)
        if row is not None:
            read[row] |= reached
        elif reached:
            sources.update(dict.fromkeys(op.outputs, reached))
    return read


def _homes(graph: Graph, rows: Sequence[Row], read: Sequence[set[int]]) -> dict[int, int]:
    """The row at which each parameter or buffer that is read anywhere is counted."""
    first_call = {row.module.path: place for place, row in enumerate(rows) if row.module and row.call.index == 0}
    owners = _owners(graph.modules)
    homes: dict[int, int] = {}
    for position, values in enumerate(read):
        for value in values:
            homes.setdefault(value, _owning_row(owners.get(value, ""), first_call, position))
    return homes


def _owners(modules: Iterable[Module]) -> dict[int, str]:
    owners: dict[int, str] = {}
    for module in modules:
        for value in (*module.parameters, *module.buffers):
            owners.setdefault(value, module.path)
    return owners


def _owning_row(owner: str, first_call: dict[str, int], reader: int) -> int:
    """The row of the owner or of the nearest module around it; `reader` where none of them is a row."""
    path = owner
    while path not in first_call and path:
        path = path.rpartition(".")[0]
    return first_call.get(path, reader)


def uncalled_modules(graph: Graph) -> tuple[str, ...]:
    """Paths of leaf modules with parameters that were never called, and whose parameters nothing read."""
    called = {call.module for call in graph.calls}
    containers = {module.path.rpartition(".")[0] for module in graph.modules if module.path}
    read = {operand.value for op in graph.ops for operand in op.inputs}
    return tuple(
        module.path
        for module in graph.modules
        if module.parameters and module.path not in called | containers and read.isdisjoint(module.parameters)
    )


def _elements(values: Iterable[Value]) -> int:
    return sum(value.elements for value in values)
