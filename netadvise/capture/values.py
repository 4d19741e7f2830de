"""Which tensors keep their values: large ones live on the meta device, small ones are real.

Sizes, index tables, stochastic-depth schedules and position buffers are small and steer the Python code, so they
must be true; weights and feature maps are large and only their shapes matter. When a small real tensor meets a meta
one, the result is meta. A real tensor that was overwritten with unknown content is treated as meta from then on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from netadvise.capture.geometry import rule_for
from netadvise.capture.tensors import CPU, META, flat_tensors, map_tensors, meta_like
from netadvise.errors import ValuesNeededError

SMALL = {True: 1 << 14, False: 1 << 18}
"""Elements up to which a tensor is real, for floating (True) and integer or bool dtypes (False)."""

_READS_VALUE = {"aten._local_scalar_dense", "aten.equal", "aten.is_nonzero"}
_BLOWS_UP = {"aten.repeat", "aten.repeat_interleave", "aten.expand_copy", "aten.bmm", "aten.mm", "aten.outer"}
_TAKES_MASKS = {"aten.index", "aten.index_put", "aten.index_put_"}
_NO_DEVICE = {"aten.lift_fresh", "aten.lift", "aten.detach", "aten.alias"}


def is_small(tensor: torch.Tensor) -> bool:
    """Whether a tensor of this size and dtype is kept real."""
    return tensor.numel() <= SMALL[tensor.dtype.is_floating_point or tensor.dtype.is_complex]


class Hybrid(TorchDispatchMode):
    """Executes aten operators with large tensors on meta and small ones real (see the module's docstring)."""

    def __init__(self) -> None:
        super().__init__()
        self._twins: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}
        self._tainted: set[int] = set()
        self._results: dict[Any, Any] = {}
        self._own: set[int] = set()
        self._undo: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}
        self._passing = False

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Not to be shielded from torch.compile: the shield imports torch._dynamo, as slow to load as torch itself."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return self.execute(func, args, kwargs or {})

    @contextmanager
    def passing(self) -> Iterator[None]:
        """While active, operators run as they come: for our own work on meta tensors."""
        self._passing, before = True, self._passing
        try:
            yield
        finally:
            self._passing = before

    def is_meta(self, tensor: torch.Tensor) -> bool:
        """Whether the content of `tensor` is not known."""
        if tensor.device.type == "meta" or not is_small(tensor):
            return True
        return bool(self._tainted) and _storage(tensor) in self._tainted

    def execute(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run one aten operator."""
        if self._passing:
            return func(*args, **kwargs)
        operands = flat_tensors((args, kwargs))
        if any(map(self.is_meta, operands)):
            return self._run_meta(func, args, kwargs)
        name = str(func._overloadpacket)
        if (not operands or name in _BLOWS_UP) and name not in _NO_DEVICE and self._result_is_large(func, args, kwargs):
            return self._run_meta(func, args, kwargs)
        return self._run_real(func, args, kwargs)

    def undo(self) -> None:
        """Give tensors that existed before, and were written to, their old content back."""
        for tensor, content in self._undo.values():
            tensor.detach().copy_(content)

    def _run_real(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if kwargs.get("device") is not None:
            kwargs = {**kwargs, "device": CPU}
        for tensor in written(func, args, kwargs):
            self._remember(tensor)
        foreign = {_storage(tensor) for tensor in flat_tensors((args, kwargs))} - self._own
        result = func(*args, **kwargs)
        fresh = {_storage(tensor) for tensor in flat_tensors(result)} - foreign
        self._own |= fresh
        self._tainted -= fresh
        return map_tensors(self._to_meta_if_large, result)

    def _to_meta_if_large(self, tensor: torch.Tensor) -> torch.Tensor:
        return tensor if is_small(tensor) else meta_like(tensor)

    def _remember(self, tensor: torch.Tensor) -> None:
        storage = _storage(tensor)
        if storage not in self._own and storage not in self._undo:
            self._undo[storage] = (tensor, tensor.clone())

    def _result_is_large(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
        """Ask the operator's meta kernel how large the result would be, before anything is allocated."""
        try:
            result = _by_rule(func, args, kwargs)
            if result is None:
                result = func(*map_tensors(meta_like, args), **_on_meta(func, map_tensors(meta_like, kwargs)))
        except (NotImplementedError, RuntimeError):
            return False
        return not all(map(is_small, flat_tensors(result)))

    def _run_meta(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if str(func._overloadpacket) in _READS_VALUE:
            raise ValuesNeededError("the forward pass reads the value of a tensor whose value is not computed")
        known = _by_rule(func, args, kwargs)
        if known is not None:
            self._taint(written(func, args, kwargs))
            return known
        key = _memo_key(func, args, kwargs)
        if key is not None and key in self._results:
            return map_tensors(meta_like, self._results[key])
        targets = written(func, args, kwargs)
        twins: dict[int, torch.Tensor] = {}

        def noted(tensor: torch.Tensor) -> torch.Tensor:
            found = self.twin(tensor)
            twins[id(found)] = tensor
            return found

        args, kwargs = self._masks_as_indices(func, args), _on_meta(func, kwargs)
        result = func(*map_tensors(noted, args), **map_tensors(noted, kwargs))
        self._taint(targets)
        if key is not None and not targets:
            self._results[key] = result
            return map_tensors(meta_like, result)
        return map_tensors(lambda tensor: twins.get(id(tensor), tensor), result) if targets else result

    def _masks_as_indices(self, func: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Boolean masks whose values are known, as integer indices: a mask on meta has no countable elements."""
        if str(func._overloadpacket) not in _TAKES_MASKS or len(args) < 2:
            return args
        indices: list[torch.Tensor | None] = []
        for index in args[1]:
            is_mask = index is not None and index.dtype in (torch.bool, torch.uint8)
            known_mask = is_mask and index.device.type == "cpu" and _storage(index) not in self._tainted
            indices.extend(index.nonzero(as_tuple=True) if known_mask else [index])
        return (args[0], indices, *args[2:])

    def _taint(self, targets: list[torch.Tensor]) -> None:
        self._tainted.update(_storage(tensor) for tensor in targets if tensor.device.type != "meta")

    def twin(self, tensor: torch.Tensor) -> torch.Tensor:
        """A meta tensor of the same geometry; the same one for the same large tensor, so that views stay views."""
        if tensor.device.type == "meta":
            return tensor
        if is_small(tensor) and _storage(tensor) in self._own:
            return meta_like(tensor)
        found = self._twins.get(id(tensor))
        if found is None:
            found = self._twins[id(tensor)] = (tensor, meta_like(tensor))
        return found[1]


def _storage(tensor: torch.Tensor) -> int:
    return tensor.untyped_storage()._cdata if tensor.layout is torch.strided else id(tensor)


def _by_rule(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The result by our own geometry, or None where that is torch's to tell."""
    rule = rule_for(func)
    if rule is None:
        return None
    try:
        return rule(*args, **{name: value for name, value in kwargs.items() if name not in _PLACEMENT})
    except (NotImplementedError, TypeError):
        return None


_PLACEMENT = {"device", "layout", "pin_memory"}


@lru_cache(maxsize=4096)
def _is_factory(func: Any) -> bool:
    """Whether an operator makes a tensor on a device of its choice, out of no tensor."""
    arguments = func._schema.arguments
    return any(argument.name == "device" for argument in arguments) and not any(
        "Tensor" in str(argument.type) for argument in arguments
    )


def _on_meta(func: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
    """`kwargs` with the device argument, where there is one, redirected to meta."""
    if kwargs.get("device") is not None or _is_factory(func):
        return {**kwargs, "device": META, **({"pin_memory": False} if kwargs.get("pin_memory") else {})}
    return kwargs


def written(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[torch.Tensor]:
    """The tensors that an aten operator writes to, by its schema."""
    found: list[torch.Tensor] = []
    if not func._schema.is_mutable:
        return found
    for position, argument in enumerate(func._schema.arguments):
        if argument.alias_info is not None and argument.alias_info.is_write:
            given = args[position] if position < len(args) else kwargs.get(argument.name)
            flat_tensors(given, found)
    return found


def _describe(item: Any) -> Any:
    if isinstance(item, torch.Tensor):
        return (item.shape, item.stride(), item.dtype) if item.layout is torch.strided else id(item)
    if isinstance(item, tuple | list):
        return tuple(map(_describe, item))
    return (type(item), item)


def _memo_key(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """A key under which the geometry of the result can be reused; None for views, writers and random lists."""
    if func._schema.is_mutable or any(item.alias_info is not None for item in func._schema.returns):
        return None
    try:
        key = (func, tuple(map(_describe, args)), tuple((name, _describe(item)) for name, item in kwargs.items()))
        hash(key)
    except (TypeError, RuntimeError):
        return None
    return key


TorchCall = tuple[Any, tuple[Any, ...], dict[str, Any]]
"""A function of torch with its arguments."""


def elsewhere(device: Any) -> bool:
    """Whether a device argument names an accelerator, which a recording never uses."""
    name = device.type if isinstance(device, torch.device) else device
    return isinstance(name, str) and name.partition(":")[0] in _ACCELERATORS


_ACCELERATORS = {"cuda", "mps", "xpu", "hpu", "npu", "xla"}
_MOVES = {torch.Tensor.cuda, torch.Tensor.xpu}


def on_this_machine(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> TorchCall:
    """A torch call with a hard-coded accelerator redirected to the CPU, so that `.cuda()` records anywhere."""
    if func in _MOVES:
        return torch.Tensor.to, (args[0], args[0].device), {}
    if elsewhere(kwargs.get("device")):
        kwargs = {**kwargs, "device": CPU}
    if func is torch.Tensor.to and len(args) > 1 and elsewhere(args[1]):
        args = (args[0], CPU, *args[2:])
    return func, args, kwargs


class _OnThisMachine(TorchFunctionMode):
    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        func, args, kwargs = on_this_machine(func, args, kwargs or {})
        return func(*args, **kwargs)


@contextmanager
def building() -> Iterator[None]:
    """While active, new tensors above `SMALL` are meta and cost no memory; smaller ones are real, on the CPU."""
    with Hybrid(), _OnThisMachine():
        yield
