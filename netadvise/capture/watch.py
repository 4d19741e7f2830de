"""The three watchers of a forward pass: module calls, torch functions, aten operators.

Each is a context manager or a mode that undoes itself on exit; together they fill a `Trace`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.overrides import TorchFunctionMode

from netadvise.capture import locate
from netadvise.capture.aten import normalised, roles_of
from netadvise.capture.aten_kinds import ATEN_KINDS
from netadvise.capture.formulas import registered_flops
from netadvise.capture.functions import CODES, WHOLE, Whole
from netadvise.capture.implied import RESHAPES, Implied
from netadvise.capture.shortcuts import geometry, shortcut_result, steering_operand
from netadvise.capture.tensors import flat_tensors, map_tensors, meta_like
from netadvise.capture.trace import Trace
from netadvise.capture.values import Hybrid, on_this_machine, written
from netadvise.errors import ValuesNeededError

_OVERRIDE_CHECKS = ("has_torch_function", "has_torch_function_unary", "has_torch_function_variadic")
_READS = {"aten._local_scalar_dense", "aten.equal", "aten.is_nonzero"}
_LABELS = {"einsum", "tensordot", "chain_matmul", "multi_dot", "cdist"}


class Operators(Hybrid):
    """The dispatch level: runs every aten operator, and writes down those that no whole function covers."""

    def __init__(self, trace: Trace, *, real: bool) -> None:
        super().__init__()
        self.trace, self.real = trace, real
        trace.stand_ins = self._twins
        self.inside = 0
        self.label = ""
        self.implied = Implied()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if self.inside or self._passing:
            return self.execute(func, args, kwargs)
        targets = written(func, args, kwargs)
        before = [self.trace.value_of(tensor) for tensor in targets]
        operands = _schema_operands(func, args, kwargs)
        for _, tensor in operands:
            self.trace.value_of(tensor)
        result = self.execute(func, args, kwargs)
        self._write(func, args, kwargs, operands, result)
        for tensor, value in zip(targets, before, strict=True):
            self.trace.rewritten(tensor, value, locate.caller())
        return result

    def execute(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if not self.real or self._passing:
            return super().execute(func, args, kwargs)
        for tensor in written(func, args, kwargs):
            self._remember(tensor)
        return func(*args, **kwargs)

    def _write(self, func: Any, args: Any, kwargs: Any, operands: list[tuple[str, torch.Tensor]], result: Any) -> None:
        packet = str(func._overloadpacket)
        results = flat_tensors(result)
        if not results and packet not in _READS:
            return
        attrs = _schema_attrs(func, args, kwargs)
        shape = tuple(operands[0][1].shape) if operands else ()
        kind = ATEN_KINDS.get(packet, packet)
        attrs = normalised(packet, attrs, shape, [tuple(tensor.shape) for tensor in results])
        if kind == "conv":
            kind, attrs = _raw_convolution(attrs, dict(operands)["weight"])
        attrs |= self.implied.attributes(kind, func)
        flops = registered_flops(func, args, kwargs, result) if kind == packet else None
        name = self.label or packet.removeprefix("aten.").removeprefix("_")
        self.trace.add_op(kind, name, operands, results, attrs, locate.caller(), flops)


def _raw_convolution(attrs: dict[str, Any], weight: torch.Tensor) -> tuple[str, dict[str, Any]]:
    """Kind and attributes of `aten.convolution`, which covers plain and transposed ones."""
    kind = "conv_transpose" if attrs.pop("transposed", False) else "conv"
    return kind, {**attrs, "kernel_size": tuple(weight.shape[2:])}


def _schema_operands(func: Any, args: Any, kwargs: Any) -> list[tuple[str, torch.Tensor]]:
    """The tensors an aten operator is given, with their roles."""
    packet = str(func._overloadpacket)
    names = [argument.name for argument in func._schema.arguments]
    given = [*zip(names, args, strict=False), *kwargs.items()]
    return [(roles_of(packet, name), tensor) for name, value in given for tensor in flat_tensors(value)]


def _schema_attrs(func: Any, args: Any, kwargs: Any) -> dict[str, Any]:
    """The other arguments of an aten operator by name, defaults included."""
    found: dict[str, Any] = {}
    for position, argument in enumerate(func._schema.arguments):
        given = args[position] if position < len(args) else kwargs.get(argument.name, argument.default_value)
        absent = given is None and "Tensor" in str(argument.type)
        if not (absent or argument.name in _LAYOUT_ARGUMENTS or flat_tensors(given)):
            found[argument.name] = given
    return found


_LAYOUT_ARGUMENTS = {"layout", "device", "pin_memory", "memory_format", "non_blocking", "generator", "implicit"}


class Functions(TorchFunctionMode):
    """The torch-function level: keeps the functions of `WHOLE` in one piece."""

    def __init__(self, recorder: Operators) -> None:
        super().__init__()
        self.recorder, self.trace = recorder, recorder.trace
        self._results: dict[Any, Any] = {}

    def __torch_function__(self, func: Any, types_: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        whole = WHOLE.get(func)
        if whole is None or self.recorder.inside:
            return self._descend(func, args, kwargs)
        return self._record(func, whole, args, kwargs)

    def _descend(self, func: Any, args: Any, kwargs: Any) -> Any:
        func, args, kwargs = on_this_machine(func, args, kwargs)
        name = getattr(func, "__name__", "")
        if name in RESHAPES:
            return self.recorder.implied.reshape(func, args, kwargs)
        if name not in _LABELS:
            return func(*args, **kwargs)
        outer, self.recorder.label = self.recorder.label, name
        try:
            return func(*args, **kwargs)
        finally:
            self.recorder.label = outer

    def _record(self, func: Any, whole: Whole, args: Any, kwargs: Any) -> Any:
        arguments = whole.bind(args, kwargs)
        operands = [(role, tensor) for role in arguments for tensor in flat_tensors(arguments[role])]
        for _, tensor in operands:
            self.trace.value_of(tensor)
        target = arguments["input"] if whole.kind == "setitem" else None
        before = None if target is None else self.trace.value_of(target)
        result = self._run(func, args, kwargs, operands)
        attrs = {
            name: value
            for name, value in whole.normalise(arguments).items()
            if not isinstance(value, torch.Tensor) and not flat_tensors(value)
        }
        result = self._told_apart(result, operands, bool(attrs.get("inplace")) or func.__name__.endswith("_"))
        results = [target] if target is not None else flat_tensors(result)
        location = locate.caller()
        self.trace.add_op(whole.kind, _name(func), operands, results, attrs, location)
        if target is not None and before is not None:
            self.trace.rewritten(target, before, location)
        return result

    def _run(self, func: Any, args: Any, kwargs: Any, operands: list[tuple[str, torch.Tensor]]) -> Any:
        recorder = self.recorder
        recorder.inside += 1
        try:
            if recorder.real or not any(recorder.is_meta(tensor) for _, tensor in operands):
                return func(*args, **kwargs)
            return self._run_on_meta(func, args, kwargs)
        finally:
            recorder.inside -= 1

    def _run_on_meta(self, func: Any, args: Any, kwargs: Any) -> Any:
        """Run on meta tensors alone; a call with the geometry of an earlier one is not run again."""
        if WHOLE[func].kind == "setitem" or kwargs.get("inplace"):
            return func(*args, **kwargs)
        steering = steering_operand(func)
        if steering is not None and self.recorder.is_meta(args[steering]):
            raise ValuesNeededError("the forward pass packs a sequence by lengths that are not computed")
        with self.recorder.passing():
            known = shortcut_result(func, args, kwargs)
        if known is not None:
            return known
        key = geometry((func, args, kwargs))
        with self.recorder.passing():
            if key in self._results:
                return map_tensors(meta_like, self._results[key])
            twins = map_tensors(self.recorder.twin, (args, kwargs))
            result = func(*twins[0], **twins[1])
            given = {id(tensor) for tensor in flat_tensors(twins)}
            if not any(id(tensor) in given for tensor in flat_tensors(result)):
                self._results[key] = result
                return map_tensors(meta_like, result)
        return func(*args, **kwargs)

    def _told_apart(self, result: Any, operands: list[tuple[str, torch.Tensor]], inplace: bool) -> Any:
        """A function that returned its own operand (dropout in eval mode) gets an alias, so that the two differ."""
        if inplace or not isinstance(result, torch.Tensor):
            return result
        if not any(tensor is result for _, tensor in operands):
            return result
        self.recorder.inside += 1
        try:
            return torch.ops.aten.alias(result)
        finally:
            self.recorder.inside -= 1


def _name(func: Any) -> str:
    return str(func.__name__).strip("_") if func.__name__.startswith("__") else str(func.__name__)


@contextmanager
def python_functions_seen() -> Iterator[None]:
    """Let the Python functions of `torch.nn.functional` reach the function mode only when they are in `WHOLE`.

    Each of them asks `has_torch_function*` first; answering no for the others runs their body with the mode active,
    so that what they call is seen.
    """
    originals = {name: getattr(F, name) for name in _OVERRIDE_CHECKS}

    def check(original: Callable[..., bool]) -> Callable[..., bool]:
        def answer(*tensors: Any) -> bool:
            if not torch._C._is_torch_function_mode_enabled():
                return original(*tensors)
            return sys._getframe(1).f_code in CODES

        return answer

    for name, original in originals.items():
        setattr(F, name, check(original))
    try:
        yield
    finally:
        for name, original in originals.items():
            setattr(F, name, original)


@contextmanager
def calls_seen(trace: Trace, paths: dict[nn.Module, str]) -> Iterator[None]:
    """Wrap `nn.Module.__call__` so that every call of a module of the model is entered and left in the trace."""
    original = nn.Module.__call__

    def seen_call(self: nn.Module, *args: Any, **kwargs: Any) -> Any:
        path = paths.get(self)
        if path is None:
            return original(self, *args, **kwargs)
        trace.enter(path, (args, kwargs))
        try:
            result = original(self, *args, **kwargs)
        except BaseException:
            trace.abandon()
            raise
        trace.leave(result)
        return result

    nn.Module.__call__ = seen_call  # type: ignore[method-assign]
    try:
        yield
    finally:
        nn.Module.__call__ = original  # type: ignore[method-assign]


@contextmanager
def slow_paths() -> Iterator[None]:
    """Switch off what would hide layers: the fused transformer encoder path, and compilation of submodules."""
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with ExitStack() as stack:
            if "torch._dynamo" in sys.modules:
                stack.enter_context(torch.compiler.set_stance("force_eager"))
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
