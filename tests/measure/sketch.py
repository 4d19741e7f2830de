"""Graphs drawn by hand: a few lines for what a recording would hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from netadvise.graph import Call, Graph, Location, Module, Op, Operand, Origin, Value, violations

_ITEMSIZE = {"float32": 4, "float16": 2, "float64": 8, "int64": 8, "bool": 1, "complex64": 8}


class Sketch:
    """Values, modules, calls and ops in the order they are drawn; `graph(...)` is the recording."""

    def __init__(self) -> None:
        self.values: list[Value] = []
        self.modules = [Module("", "Net", "model", training=False)]
        self.calls = [Call(0, "", 0, None)]
        self.ops: list[Op] = []
        self._stack = [0]

    def _define(self, shape: tuple[int, ...], origin: Origin, dtype: str = "float32", **fields: Any) -> int:
        value = len(self.values)
        fields.setdefault("storage", value)
        self.values.append(Value(value, shape, dtype, origin, itemsize=_ITEMSIZE[dtype], **fields))
        return value

    def input(self, *shape: int, dtype: str = "float32", requires_grad: bool = False) -> int:
        return self._define(shape, "input", dtype, name="x", requires_grad=requires_grad)

    def constant(self, *shape: int, dtype: str = "float32") -> int:
        return self._define(shape, "constant", dtype)

    def parameter(self, name: str, *shape: int, trainable: bool = True) -> int:
        """A parameter of the module that its name's path says, which must have been drawn before."""
        return self._own(self._define(shape, "parameter", name=name, requires_grad=trainable), "parameters")

    def buffer(self, name: str, *shape: int) -> int:
        return self._own(self._define(shape, "buffer", name=name), "buffers")

    def _own(self, value: int, kind: str) -> int:
        path = self.values[value].name.rpartition(".")[0]
        place = next(place for place, module in enumerate(self.modules) if module.path == path)
        module = self.modules[place]
        self.modules[place] = replace(module, **{kind: (*getattr(module, kind), value)})
        return value

    def module(self, path: str, type_: str = "Layer", package: str = "model", **attrs: Any) -> None:
        location = Location("model.py", 10 + len(self.modules))
        self.modules.append(Module(path, type_, package, training=False, attrs=attrs, location=location))

    @contextmanager
    def call(self, path: str, *inputs: int) -> Iterator[list[int]]:
        """A call of a module; put its outputs into the list that the block is given."""
        outputs: list[int] = []
        index = sum(call.module == path for call in self.calls)
        call = Call(len(self.calls), path, index, self._stack[-1], inputs, location=Location("model.py", 50))
        self.calls.append(call)
        self._stack.append(call.id)
        yield outputs
        self._stack.pop()
        self.calls[call.id] = replace(call, outputs=tuple(outputs))

    def op(
        self,
        kind: str,
        operands: dict[str, int] | list[tuple[str, int]],
        *shapes: tuple[int, ...],
        function: str = "",
        on: int | None = None,
        dtype: str = "float32",
        registered_flops: int | None = None,
        **attrs: Any,
    ) -> int:
        """An op and its first output; `on` is the value whose memory the first output shares."""
        pairs = list(operands.items()) if isinstance(operands, dict) else operands
        storage = {} if on is None else {"storage": self.values[on].storage}
        outputs = [self._define(shape, "result", dtype, **storage) for shape in shapes[:1]]
        outputs += [self._define(shape, "result", "int64") for shape in shapes[1:]]
        inputs = tuple(Operand(role, value) for role, value in pairs)
        location = Location("model.py", 100 + len(self.ops))
        fields = (len(self.ops), kind, function or kind, inputs, tuple(outputs), attrs)
        self.ops.append(Op(*fields, self._stack[-1], location, registered_flops))
        return outputs[0] if outputs else -1

    def graph(self, *outputs: int) -> Graph:
        inputs = tuple(value.id for value in self.values if value.origin == "input")
        values, modules = tuple(self.values), tuple(self.modules)
        graph = Graph(
            "model.py:Net", "eval", "2.13.0", values, modules, tuple(self.calls), tuple(self.ops), inputs, outputs
        )
        assert not violations(graph)
        return graph


def lone(
    kind: str, operands: list[tuple[str, tuple[int, ...]]], *shapes: tuple[int, ...], **fields: Any
) -> tuple[Graph, Op]:
    """A graph of one op on inputs of the given shapes, and the op."""
    sketch = Sketch()
    sketch.op(kind, [(role, sketch.input(*shape)) for role, shape in operands], *shapes, **fields)
    graph = sketch.graph()
    return graph, graph.ops[0]
