"""The recording of one forward pass, as frozen values. Nothing here needs torch.

Grammar:

    graph    ::= values calls ops outputs
    value    ::= id shape dtype origin           origin ::= input | parameter | buffer | constant | result
    call     ::= id module parent location       one call of one module; call 0 is the model itself
    op       ::= id kind inputs -> outputs @ call location
    operand  ::= role value                      role ::= the argument's name in torch ("input", "weight", ...)

Ops stand in execution order. Every value has exactly one definition (single assignment): an in-place op gives its
result a fresh id, so a use always means the content at that moment. Values of one `storage` share memory.

Two vocabularies live on an op. `function` is torch's name for what was called (`conv2d`, `relu_`, `aten.sort`);
`kind` is one of `kinds.KINDS`, on which every table of `measure/` is keyed; what has no kind of its own
keeps its full operator name as its kind (`aten.cholesky`, `natten.na2d`) and is a gap, never a zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from typing import Literal

import msgspec

Scalar = None | bool | int | float | str
Attr = Scalar | tuple[Scalar, ...]
"""An argument of an op: plain values; infinities and NaN are the strings 'inf', '-inf', 'nan'."""

Origin = Literal["input", "parameter", "buffer", "constant", "result"]
Mode = Literal["eval", "train"]


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a source file: line from 1, column from 1, as editors count. `file` is as short as it can be."""

    file: str
    line: int
    column: int | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Value:
    """A tensor at one moment: `shape` and `dtype` ("float32"), never its elements."""

    id: int
    shape: tuple[int, ...]
    dtype: str
    origin: Origin
    storage: int
    name: str = ""
    """`named_parameters`/`named_buffers` path of its first owner, or the input's name; else empty."""
    itemsize: int = 4
    requires_grad: bool = False
    strides: tuple[int, ...] = ()
    """Elements in memory between neighbours along each axis; empty where they were not recorded."""

    @property
    def elements(self) -> int:
        return prod(self.shape)

    @property
    def bytes(self) -> int:
        return self.elements * self.itemsize


@dataclass(frozen=True, slots=True)
class Operand:
    """One tensor argument: its name in torch's signature, and the value."""

    role: str
    value: int


@dataclass(frozen=True, slots=True)
class Op:
    """One operation that ran."""

    id: int
    kind: str
    function: str
    inputs: tuple[Operand, ...]
    outputs: tuple[int, ...]
    attrs: dict[str, Attr]
    call: int
    location: Location | None = None
    registered_flops: int | None = None
    """FLOPs from a formula that the user registered with torch or netadvise for this operator."""

    def operand(self, role: str) -> int | None:
        """The value id of the first operand of that role."""
        return next((operand.value for operand in self.inputs if operand.role == role), None)

    def operands(self, role: str) -> tuple[int, ...]:
        return tuple(operand.value for operand in self.inputs if operand.role == role)


@dataclass(frozen=True, slots=True)
class Module:
    """One `nn.Module` object, under its first `named_modules` path ("" is the model itself)."""

    path: str
    type: str
    """Class name, e.g. "Conv2d"."""
    package: str
    """The module that defines the class, e.g. "torch.nn.modules.conv"."""
    training: bool
    parameters: tuple[int, ...] = ()
    """Values of its own parameters (not its children's), also when another module owned them first."""
    buffers: tuple[int, ...] = ()
    aliases: tuple[str, ...] = ()
    """Further `named_modules` paths of the same object."""
    attrs: dict[str, Attr] = field(default_factory=dict)
    """Its public plain attributes: in_channels, p, inplace, num_layers, ..."""
    location: Location | None = None
    """The call of its constructor."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of one module. `index` counts the calls of that module from 0."""

    id: int
    module: str
    index: int
    parent: int | None
    inputs: tuple[int, ...] = ()
    outputs: tuple[int, ...] = ()
    location: Location | None = None


@dataclass(frozen=True)
class Graph:
    """One recorded forward pass."""

    target: str
    mode: Mode
    torch: str
    values: tuple[Value, ...]
    modules: tuple[Module, ...]
    calls: tuple[Call, ...]
    ops: tuple[Op, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    input_source: Literal["given", "declared", "inferred"] = "given"
    notes: tuple[str, ...] = ()
    """What the recording had to do, in words for the user (ran with real values, materialised lazy modules, ...)."""

    @cached_property
    def module_at(self) -> dict[str, Module]:
        return {module.path: module for module in self.modules}

    @cached_property
    def producer(self) -> dict[int, Op]:
        """The op that defines each result."""
        return {output: op for op in self.ops for output in op.outputs}

    @cached_property
    def consumers(self) -> dict[int, tuple[Op, ...]]:
        """The ops that read each value, in execution order."""
        found: dict[int, list[Op]] = {}
        for op in self.ops:
            for value in dict.fromkeys(operand.value for operand in op.inputs):
                found.setdefault(value, []).append(op)
        return {value: tuple(ops) for value, ops in found.items()}

    def value_of(self, op: Op, role: str) -> Value | None:
        """The operand of that role as a Value."""
        found = op.operand(role)
        return None if found is None else self.values[found]

    def result(self, op: Op) -> Value:
        """The first output of an op that has one."""
        return self.values[op.outputs[0]]

    def ancestry(self, call: int) -> Iterator[Call]:
        """The call, its parent, and so on up to the call of the model."""
        current: int | None = call
        while current is not None:
            yield self.calls[current]
            current = self.calls[current].parent

    def to_json(self) -> bytes:
        return msgspec.json.encode(self)

    @staticmethod
    def from_json(text: bytes | str) -> Graph:
        """The graph that `to_json` wrote, validated.

        Raises `ValueError` when the document is not a graph or breaks the grammar.
        """
        graph = msgspec.json.decode(text, type=Graph)
        problems = violations(graph)
        if problems:
            raise ValueError("; ".join(problems[:5]))
        return graph


def violations(graph: Graph) -> list[str]:
    """Every way in which `graph` breaks the grammar; an empty list for a valid one."""
    return [
        *_misplaced_ids(graph),
        *_misdefined_values(graph),
        *_bad_calls(graph),
        *_bad_modules(graph),
    ]


def _misplaced_ids(graph: Graph) -> Iterator[str]:
    listings = {
        "value": [value.id for value in graph.values],
        "call": [call.id for call in graph.calls],
        "op": [op.id for op in graph.ops],
    }
    for label, ids in listings.items():
        for position, found in enumerate(ids):
            if found != position:
                yield f"{label} {found} stands at position {position}"


def _misdefined_values(graph: Graph) -> Iterator[str]:
    defined = {value.id for value in graph.values if value.origin != "result"}
    for op in graph.ops:
        for operand in op.inputs:
            if operand.value not in defined:
                yield f"op {op.id} ({op.kind}) reads value {operand.value} before it is defined"
        for output in op.outputs:
            if output in defined:
                yield f"op {op.id} ({op.kind}) defines value {output} a second time"
            defined.add(output)
    for value in (*graph.inputs, *graph.outputs):
        if value not in defined:
            yield f"value {value} is an input or output of the graph, but nothing defines it"


def _bad_calls(graph: Graph) -> Iterator[str]:
    paths = {module.path for module in graph.modules}
    for call in graph.calls:
        if call.module not in paths:
            yield f"call {call.id} is of '{call.module}', which is no module"
        if call.parent is not None and call.parent >= call.id:
            yield f"call {call.id} stands before its parent {call.parent}"
    for op in graph.ops:
        if not 0 <= op.call < len(graph.calls):
            yield f"op {op.id} belongs to call {op.call}, which does not exist"


def _bad_modules(graph: Graph) -> Iterator[str]:
    seen: set[str] = set()
    for module in graph.modules:
        if module.path in seen:
            yield f"module '{module.path}' is listed twice"
        seen.add(module.path)
        for value in (*module.parameters, *module.buffers):
            if graph.values[value].origin not in ("parameter", "buffer"):
                yield f"module '{module.path}' owns value {value}, which is neither parameter nor buffer"
