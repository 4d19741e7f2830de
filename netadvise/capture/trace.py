"""The notebook that a recording is written in: values by tensor identity, calls, ops."""

from __future__ import annotations

import math
import weakref
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import torch
from torch import nn

from netadvise.capture import locate
from netadvise.capture.gradient import gradient_marks
from netadvise.capture.tensors import flat_tensors
from netadvise.graph import Attr, Call, Location, Op, Operand, Origin, Scalar, Value

_DTYPES: dict[torch.dtype, str] = {}


def dtype_name(dtype: torch.dtype) -> str:
    """ "float32" for torch.float32."""
    return _DTYPES.setdefault(dtype, str(dtype).removeprefix("torch."))


def plain(value: Any) -> Attr:
    """An argument as a value of the record: numbers, text, booleans, None, and flat tuples of them."""
    if isinstance(value, tuple | list):
        return tuple(_scalar(item) for item in value)
    return _scalar(value)


def _scalar(value: Any) -> Scalar:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, torch.dtype):
        return dtype_name(value)
    return type(value).__name__ if isinstance(value, nn.Module | torch.Tensor) else str(value)[:80]


class Trace:
    """What was seen so far. Tensors are told apart by identity; an id is never reused for another content."""

    def __init__(self, *, derived: bool = False) -> None:
        """`derived`: whether ops are marked that autograd does not differentiate by their own formula."""
        self.derived = derived
        self.grad = False
        """Whether autograd was on when the forward pass began."""
        self.values: list[Value] = []
        self.calls: list[Call] = []
        self.ops: list[Op] = []
        self.stand_ins: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}
        """By identity, large real tensors and the meta tensors that the recording runs on in their place."""
        self._ids: dict[int, tuple[weakref.ref[torch.Tensor], int]] = {}
        self._storages: dict[int, int] = {}
        self._aliases: dict[int, dict[int, weakref.ref[torch.Tensor]]] = {}
        self._next_storage = 0
        self._call_stack: list[int] = []
        self._call_counts: dict[str, int] = {}

    def define(self, tensor: torch.Tensor, origin: Origin, name: str = "", storage: int | None = None) -> int:
        """A fresh value for the present content of `tensor`."""
        if storage is None:
            storage = self._fresh_storage(tensor)
        value = Value(
            id=len(self.values),
            shape=tuple(tensor.shape),
            dtype=dtype_name(tensor.dtype),
            origin=origin,
            storage=storage,
            name=name,
            itemsize=tensor.element_size(),
            strides=tuple(tensor.stride()) if tensor.layout is torch.strided else (),
            requires_grad=origin in ("input", "parameter") and tensor.requires_grad,
        )
        self.values.append(value)
        self._ids[id(tensor)] = (weakref.ref(tensor), value.id)
        self._aliases.setdefault(storage, {})[id(tensor)] = weakref.ref(tensor)
        return value.id

    def value_of(self, tensor: torch.Tensor) -> int:
        """The value that `tensor` holds now; one never seen before is a constant of the model's code."""
        found = self._ids.get(id(tensor))
        if found is not None and found[0]() is tensor:
            return found[1]
        return self.define(tensor, "constant", storage=self._storages.get(_storage_key(tensor)))

    def knows(self, tensor: torch.Tensor) -> bool:
        """Whether `tensor` has a value."""
        found = self._ids.get(id(tensor))
        return found is not None and found[0]() is tensor

    def add_op(
        self,
        kind: str,
        function: str,
        operands: Sequence[tuple[str, torch.Tensor]],
        results: Iterable[torch.Tensor],
        attrs: dict[str, Any],
        location: Location | None,
        registered_flops: int | None = None,
    ) -> None:
        """Write down one op; a result that shares memory with an operand keeps its storage."""
        inputs = tuple(Operand(role, self.value_of(tensor)) for role, tensor in operands)
        shared = {
            key: self.values[operand.value].storage
            for (_, tensor), operand in zip(operands, inputs, strict=True)
            for key in self._storage_keys(tensor)
        }
        outputs = tuple(self.define(tensor, "result", storage=shared.get(_storage_key(tensor))) for tensor in results)
        plain_attrs = {name: plain(value) for name, value in attrs.items()}
        if self.derived and not torch.is_grad_enabled():
            plain_attrs.update(gradient_marks(watched=self.grad))
        call = self._call_stack[-1] if self._call_stack else 0
        op = Op(len(self.ops), kind, function, inputs, outputs, plain_attrs, call, location, registered_flops)
        self.ops.append(op)

    def rewritten(self, tensor: torch.Tensor, before: int, location: Location | None) -> None:
        """Give every other living view of `tensor`'s memory a fresh value: its content changed under it."""
        storage = self.values[before].storage
        for alias in [reference() for reference in self._aliases[storage].values()]:
            if alias is not None and alias is not tensor and self.knows(alias):
                operands = [("input", alias), ("view", tensor)]
                self.add_op("write_through", "write_through", operands, [alias], {}, location)

    def enter(self, path: str, arguments: Any) -> None:
        """A module call begins."""
        index = self._call_counts.get(path, 0)
        self._call_counts[path] = index + 1
        parent = self._call_stack[-1] if self._call_stack else None
        inputs = tuple(self.value_of(tensor) for tensor in flat_tensors(arguments))
        location = locate.caller() if self._call_stack else None
        call = Call(len(self.calls), path, index, parent, inputs, location=location)
        self.calls.append(call)
        self._call_stack.append(call.id)

    def leave(self, result: Any) -> None:
        """The innermost module call ends."""
        call = self.calls[self._call_stack.pop()]
        outputs = tuple(self.value_of(tensor) for tensor in flat_tensors(result))
        fields = (call.id, call.module, call.index, call.parent, call.inputs, outputs, call.location)
        self.calls[call.id] = Call(*fields)

    def abandon(self) -> None:
        """The innermost module call ends in an exception."""
        self._call_stack.pop()

    def _storage_keys(self, tensor: torch.Tensor) -> Iterator[int]:
        """The memory of a tensor, and that of the meta tensor which stands in for it: views are taken of either."""
        yield _storage_key(tensor)
        if id(tensor) in self.stand_ins:
            yield _storage_key(self.stand_ins[id(tensor)][1])

    def _fresh_storage(self, tensor: torch.Tensor) -> int:
        self._next_storage += 1
        self._storages[_storage_key(tensor)] = self._next_storage
        return self._next_storage


def _storage_key(tensor: torch.Tensor) -> int:
    return tensor.untyped_storage()._cdata if tensor.layout is torch.strided else id(tensor)
