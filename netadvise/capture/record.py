"""One forward pass of a live module, as a `Graph`.

Three levels are watched at once: module calls (`nn.Module.__call__` is wrapped for the duration), the torch
functions of `functions.WHOLE` (a `TorchFunctionMode`), and aten operators for everything else (the `Hybrid` dispatch
mode, which also decides where each operator runs). Everything is undone in `finally`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, Literal

import torch
from torch import nn

from netadvise.capture import locate, snapshot
from netadvise.capture.lazy import has_uninitialised, materialised
from netadvise.capture.modules import describe_modules
from netadvise.capture.tensors import flat_tensors
from netadvise.capture.trace import Trace
from netadvise.capture.watch import Functions, Operators, calls_seen, python_functions_seen, slow_paths
from netadvise.errors import CaptureError, NetadviseError, ValuesNeededError
from netadvise.graph import Graph, Mode, Module


def record(
    module: nn.Module,
    args: Sequence[Any] = (),
    kwargs: dict[str, Any] | None = None,
    *,
    target: str = "",
    mode: Mode = "eval",
    input_names: Sequence[str] = (),
    input_source: Literal["given", "declared", "inferred"] = "given",
    notes: tuple[str, ...] = (),
    real: bool = False,
    grad: bool = False,
) -> Graph:
    """Record one forward pass of `module(*args, **kwargs)` and leave the module as it was found.

    With `real=False` large tensors are not computed, whatever device they are on: only small ones, whose values may
    steer the code, are. With `real=True` everything runs for real. With `grad=True`, and if it can, autograd is on, so
    that ops under `torch.no_grad` can be told: they get the attribute `no_grad`.

    Raises `ValuesNeededError` when the forward pass needs a value that was not computed, and `CaptureError` with the
    user's line for any other failure of the forward pass.
    """
    kwargs = kwargs or {}
    if has_uninitialised(module):
        notes = (*notes, "lazy modules were given their shapes by one real forward pass")
        module = _materialised(module, args, kwargs)
    call = (module, tuple(args), kwargs)
    trace, modules, inputs, outputs = _watch_either_way(call, mode, input_names, real=real, grad=grad)
    return Graph(
        target=target,
        mode=mode,
        torch=torch.__version__.partition("+")[0],
        values=tuple(trace.values),
        modules=modules,
        calls=tuple(trace.calls),
        ops=tuple(trace.ops),
        inputs=inputs,
        outputs=outputs,
        input_source=input_source,
        notes=notes,
    )


_NEEDS_GRADIENTS = "does not require grad"
_ModuleCall = tuple[nn.Module, tuple[Any, ...], dict[str, Any]]
_Seen = tuple[Trace, tuple[Module, ...], tuple[int, ...], tuple[int, ...]]


def _watch_either_way(call: _ModuleCall, mode: Mode, names: Sequence[str], *, real: bool, grad: bool) -> _Seen:
    """With autograd as asked, or the other way round where the code insists on it."""
    try:
        return _watch(call, mode, names, real=real, grad=grad)
    except CaptureError as error:
        if not grad and _NEEDS_GRADIENTS not in error.message:
            raise
        return _watch(call, mode, names, real=real, grad=not grad)


def _watch(call: _ModuleCall, mode: Mode, names: Sequence[str], *, real: bool, grad: bool) -> _Seen:
    """One watched forward pass: the trace, the modules, and the values of the inputs and outputs."""
    module, args, kwargs = call
    trace = Trace(derived=mode == "train")
    recorder = Operators(trace, real=real)
    paths: dict[nn.Module, str] = {}
    for path, each in module.named_modules():
        paths.setdefault(each, path)
    with ExitStack() as stack:
        stack.enter_context(snapshot.untouched(module))
        stack.callback(recorder.undo)
        modules = describe_modules(module, trace)
        stack.enter_context(snapshot.in_mode(module, training=mode == "train"))
        inputs = _define_inputs(trace, args, kwargs, names)
        for watching in (slow_paths(), python_functions_seen(), calls_seen(trace, paths), recorder.implied.dims_seen()):
            stack.enter_context(watching)
        stack.enter_context(torch.set_grad_enabled(grad))
        trace.grad = grad
        result = _forward(module, args, kwargs, recorder)
        outputs = tuple(trace.value_of(tensor) for tensor in flat_tensors(_opened(result)))
    return trace, modules, inputs, outputs


def _materialised(module: nn.Module, args: Any, kwargs: dict[str, Any]) -> nn.Module:
    try:
        return materialised(module, args, kwargs)
    except Exception as error:
        raise _as_capture_error(error, real=True) from error


def _define_inputs(trace: Trace, args: Any, kwargs: Any, names: Sequence[str]) -> tuple[int, ...]:
    tensors = flat_tensors((args, kwargs))
    labels = list(names) + [f"input{position}" for position in range(len(names), len(tensors))]
    return tuple(trace.define(tensor, "input", label) for tensor, label in zip(tensors, labels, strict=False))


def _opened(result: Any) -> Any:
    """The containers that models return, as plain ones: dataclasses and objects with `__dict__` of tensors."""
    if isinstance(result, torch.Tensor | tuple | list | dict) or result is None:
        return result
    return list(vars(result).values()) if hasattr(result, "__dict__") else result


def _forward(module: nn.Module, args: Any, kwargs: Any, recorder: Operators) -> Any:
    try:
        with recorder, Functions(recorder):
            return module(*args, **kwargs)
    except NetadviseError as error:
        place = locate.blame(error)
        error.where = error.where or ("" if place is None else str(place))
        raise
    except Exception as error:
        raise _as_capture_error(error, real=recorder.real) from error


_NEEDS_VALUES = (
    "meta tensor",
    "Meta tensor",
    "meta device",
    "data-dependent",
    "Meta backend",
    "meta kernel",
    "data-independent",
    "unallocated storage",
    "data is not allocated",
)
"""What torch says, in its many words, when an operator on meta would have to know content."""


def _as_capture_error(error: Exception, *, real: bool) -> CaptureError:
    place = locate.blame(error)
    text = " ".join(str(error).split())[:600]
    kind = ValuesNeededError if not real and any(sign in text for sign in _NEEDS_VALUES) else CaptureError
    return kind(f"the forward pass raised {type(error).__name__}: {text}", where="" if place is None else str(place))
