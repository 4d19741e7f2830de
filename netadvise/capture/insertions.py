"""Layers inserted into a live model without a change of its structure.

The module at the place gets, for the time, a class derived from its own, which runs the inserted layers beside its
own call, and lists them in `named_modules` as `path/inserted0`, `path/inserted1`: so they are recorded as layers, and
every existing name stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook
from torch.overrides import TorchFunctionMode

from netadvise.capture import locate
from netadvise.capture.watch import python_functions_seen
from netadvise.edit import Place
from netadvise.errors import EditError
from netadvise.graph import Graph, Location

_Around = Callable[[nn.Module, Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any]
"""How the module is called with the insertion: (module, its own call, args, kwargs) -> result."""


@contextmanager
def inserted(module: nn.Module, place: Place, chain: Sequence[nn.Module], recorded: Graph | None) -> Iterator[None]:
    """While active, `chain` runs at `place`, which is in or next to `module`.

    Raises `EditError` for a module whose class cannot be derived from, and for a call that was not recorded.
    """
    kind = type(module)
    around = _AROUND[place.where](place, chain, recorded)
    method = "__call__" if place.where != "after-call" and place.module else "forward"
    stem = row_of(place).removeprefix(place.module)
    names = [f"{stem}/inserted{position}" for position in range(len(chain))]
    try:
        module.__class__ = _derived(kind, method, dict(zip(names, chain, strict=True)), around)
    except TypeError as error:
        shown = place.module or "the model"
        raise EditError(f"nothing can be inserted at {shown} ({kind.__name__}): {error}") from error
    try:
        yield
    finally:
        module.__class__ = kind


def _derived(kind: type[nn.Module], method: str, chain: Mapping[str, nn.Module], around: _Around) -> type[nn.Module]:
    """A class that looks like `kind`, calls as `around` says and lists `chain` behind its own modules.

    By `__call__` the chain stands beside the module, which stays a layer without layers in it. By `forward` it stands
    inside: for a place in the middle of a forward, and for the model, whose call is the first of every recording.
    """
    derive: Any = type(kind)

    def called(self: Any, *args: Any, **kwargs: Any) -> Any:
        return around(self, lambda *a, **k: getattr(kind, method)(self, *a, **k), args, kwargs)

    def named_modules(
        self: Any, memo: set[nn.Module] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, nn.Module]]:
        memo = set() if memo is None else memo
        if remove_duplicate and self in memo:
            return
        yield from kind.named_modules(self, memo, prefix, remove_duplicate)
        for name, part in chain.items():
            yield from part.named_modules(memo, prefix + name if prefix else name.removeprefix("/"), remove_duplicate)

    def train(self: Any, mode: bool = True) -> Any:
        for part in chain.values():
            part.train(mode)
        return kind.train(self, mode)

    body = {method: called, "named_modules": named_modules, "train": train}
    looks = {"__module__": kind.__module__, "__qualname__": kind.__qualname__, "__doc__": kind.__doc__}
    made: type[nn.Module] = derive(kind.__name__, (kind,), {**body, **looks})
    return made


def _through(chain: Sequence[nn.Module], value: Any, what: str) -> Any:
    """`value`, or the first tensor of a tuple or list, after the layers of `chain`."""
    if isinstance(value, torch.Tensor):
        for part in chain:
            value = part(value)
        return value
    if type(value) in (tuple, list) and value and isinstance(value[0], torch.Tensor):
        return type(value)([_through(chain, value[0], what), *value[1:]])
    raise EditError(f"{what} is no tensor but {type(value).__name__}: nothing can be inserted there")


def _after(place: Place, chain: Sequence[nn.Module], recorded: Graph | None) -> _Around:
    what = f"what {place.module or 'the model'} returns"

    def around(module: nn.Module, call: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        return _through(chain, call(*args, **kwargs), what)

    return around


def _before(place: Place, chain: Sequence[nn.Module], recorded: Graph | None) -> _Around:
    """The first argument that is a tensor goes through the chain."""

    def around(module: nn.Module, call: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        given = [*enumerate(args), *kwargs.items()]
        first = next((key for key, value in given if isinstance(value, torch.Tensor)), None)
        if first is None:
            raise EditError(f"{place.module or 'the model'} is called without a tensor: nothing can be inserted there")
        changed = {key: _through(chain, value, "") if key == first else value for key, value in given}
        return call(*(changed[position] for position in range(len(args))), **{name: changed[name] for name in kwargs})

    return around


def _after_call(place: Place, chain: Sequence[nn.Module], recorded: Graph | None) -> _Around:
    expected = _recorded_call(place, recorded)

    def around(module: nn.Module, call: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        with ExitStack() as stack:
            stack.enter_context(python_functions_seen())
            counting = _NthCall(place, chain, expected)
            stack.enter_context(_own_calls(counting))
            stack.enter_context(counting)
            result = call(*args, **kwargs)
        if counting.seen <= place.index:
            raise EditError(f"{_shown(place)} did not happen: there were {counting.seen} calls of it")
        return result

    return around


_AROUND: dict[str, Callable[[Place, Sequence[nn.Module], Graph | None], _Around]] = {
    "after": _after,
    "before": _before,
    "after-call": _after_call,
}


def row_of(place: Place) -> str:
    """The row of a profile after which, or before which, a place is; its insertions are named after it."""
    if place.where != "after-call":
        return place.module
    call = place.function + (f"_{place.index}" if place.index else "")
    return f"{place.module}/{call}" if place.module else call


def _shown(place: Place) -> str:
    return f"call {place.index} of {place.function} in {place.module or 'the model'}"


def _recorded_call(place: Place, recorded: Graph | None) -> Location | None:
    """Where the recorded op stands in the source; raises `EditError` when there is none."""
    if recorded is None:
        return None
    calls = {call.id for call in recorded.calls if call.module == place.module and call.index == 0}
    ops = [op for op in recorded.ops if op.call in calls and op.function == place.function]
    if place.index >= len(ops):
        raise EditError(f"{_shown(place)} was not recorded: there were {len(ops)} calls of it")
    return ops[place.index].location


class _NthCall(TorchFunctionMode):
    """Runs a chain on the result of the n-th call of one function; calls inside submodules are not counted."""

    def __init__(self, place: Place, chain: Sequence[nn.Module], expected: Location | None) -> None:
        super().__init__()
        self.place, self.chain, self.expected = place, chain, expected
        self.depth, self.seen = 0, 0

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if self.depth or _name(func) != self.place.function:
            return result
        self.seen += 1
        if self.seen - 1 != self.place.index:
            return result
        found = locate.caller()
        if self.expected is not None and found != self.expected:
            raise EditError(f"{_shown(self.place)} is at {found}, not at {self.expected} as recorded")
        return _through(self.chain, result, f"the result of {_shown(self.place)}")


_OPERATORS = {"__truediv__": "div", "__itruediv__": "div_", "__radd__": "add", "__rmul__": "mul"}
_DIVISIONS = {"true_divide": "div", "divide": "div", "multiply": "mul", "subtract": "sub"}


def _name(func: Any) -> str:
    """The name under which a recording has a call of `func`: operators by the function that they stand for."""
    name = str(getattr(func, "__name__", ""))
    if name in _OPERATORS:
        return _OPERATORS[name]
    if name.startswith("__") and name.endswith("__"):
        plain = name.strip("_")
        return f"{plain[1:]}_" if plain in _IN_PLACE else plain
    return _DIVISIONS.get(name, name)


_IN_PLACE = frozenset(("iadd", "isub", "imul", "ipow"))


@contextmanager
def _own_calls(counting: _NthCall) -> Iterator[None]:
    """Let `counting` know how deep in calls of other modules it is."""

    def enter(module: nn.Module, args: Any) -> None:
        counting.depth += 1

    def leave(module: nn.Module, args: Any, result: Any) -> None:
        counting.depth -= 1

    with ExitStack() as stack:
        stack.callback(register_module_forward_pre_hook(enter).remove)
        stack.callback(register_module_forward_hook(leave, always_call=True).remove)
        yield
