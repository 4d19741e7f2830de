"""Keep torch from importing what recording does not need: sympy and torch._dynamo cost as much as torch itself.

Torch's meta kernels import them for three reasons only. They ask the symbolic-shape solver about sizes, even when
those are plain numbers: `PlainShapes` answers these, and hands everything else to the solver. They compare the type
of each operand with sympy's. And their functions are shielded from the compiler by importing it: while nothing is
compiled, they need no shield.
"""

from __future__ import annotations

import importlib
import operator
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce
from types import FunctionType, ModuleType
from typing import Any

import torch.fx.experimental  # noqa: F401  (the parent of the solver)
from torch import _compile, _prims_common

_SOLVER = "torch.fx.experimental.symbolic_shapes"
_SHIELDED = ("torch._refs", "torch._refs.nn.functional", "torch._refs.special", "torch._refs.linalg", "torch._refs.fft")
_PROMOTION = "elementwise_dtypes"
_MARK = "__dynamo_disable"
"""Where torch keeps the unshielded form of a function once it has been called."""


@contextmanager
def lean() -> Iterator[None]:
    """While active, meta kernels run without sympy and torch._dynamo, unless the program has loaded them itself."""
    if _SOLVER in sys.modules or "torch._dynamo" in sys.modules:
        yield
        return
    solver = PlainShapes(_SOLVER)
    opened = list(_shielded_functions())
    for function in opened:
        setattr(function, _MARK, function)
    sys.modules[_SOLVER] = solver
    holders = [module for module in _torch_modules() if vars(module).get(_PROMOTION) is _elementwise_dtypes]
    for module in holders:
        setattr(module, _PROMOTION, _without_sympy)
    try:
        yield
    finally:
        for module in holders:
            setattr(module, _PROMOTION, _elementwise_dtypes)
        if sys.modules.get(_SOLVER) is solver:
            del sys.modules[_SOLVER]
        for function in opened:
            delattr(function, _MARK)


_elementwise_dtypes = _prims_common.elementwise_dtypes
_NO_SYMPY = ModuleType("sympy")
_NO_SYMPY.Basic = type("Basic", (), {})  # type: ignore[attr-defined]


def _without_sympy(*operands: Any, **options: Any) -> Any:
    """Torch's own type promotion, for which no operand is an instance of `sympy.Basic` unless sympy is loaded."""
    if "sympy" in sys.modules:
        return _elementwise_dtypes(*operands, **options)
    sys.modules["sympy"] = _NO_SYMPY
    try:
        return _elementwise_dtypes(*operands, **options)
    finally:
        del sys.modules["sympy"]


class PlainShapes(ModuleType):
    """The symbolic-shape solver's questions, answered for plain numbers and bools; for the rest, the solver itself."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.solver(), name)

    def solver(self) -> ModuleType:
        """The real module, imported now."""
        if sys.modules.get(_SOLVER) is self:
            del sys.modules[_SOLVER]
        return importlib.import_module(_SOLVER)

    def expect_true(self, condition: Any, skip: int = 0) -> Any:
        return self._of_bool("expect_true", condition, skip)

    def guard_or_false(self, condition: Any) -> Any:
        return self._of_bool("guard_or_false", condition)

    def guard_or_true(self, condition: Any) -> Any:
        return self._of_bool("guard_or_true", condition)

    def guard_size_oblivious(self, condition: Any) -> Any:
        return self._of_bool("guard_size_oblivious", condition)

    def statically_known_true(self, condition: Any) -> Any:
        return self._of_bool("statically_known_true", condition)

    def sym_and(self, *conditions: Any) -> Any:
        return reduce(operator.and_, conditions)

    def sym_or(self, *conditions: Any) -> Any:
        return reduce(operator.or_, conditions)

    def sym_eq(self, one: Any, other: Any) -> Any:
        if isinstance(one, tuple | list) and isinstance(other, tuple | list):
            return len(one) == len(other) and all(map(self.sym_eq, one, other))
        both_plain = type(one) is int and type(other) is int
        return one == other if both_plain else self.solver().sym_eq(one, other)

    def is_nested_int(self, size: Any) -> Any:
        return False if type(size) in (int, float) else self.solver().is_nested_int(size)

    def guard_int(self, size: Any) -> Any:
        return size if type(size) is int else self.solver().guard_int(size)

    def guarding_hint_or_throw(self, size: Any) -> Any:
        return size if type(size) in (int, bool) else self.solver().guarding_hint_or_throw(size)

    def has_guarding_hint(self, size: Any) -> Any:
        return True if type(size) in (int, bool) else self.solver().has_guarding_hint(size)

    def has_free_symbols(self, value: Any) -> Any:
        return False if type(value) in (int, bool) else self.solver().has_free_symbols(value)

    def _of_bool(self, name: str, condition: Any, *more: Any) -> Any:
        return condition if type(condition) is bool else getattr(self.solver(), name)(condition, *more)


def _torch_modules() -> Iterator[ModuleType]:
    for name, module in list(sys.modules.items()):
        if name.startswith("torch.") and isinstance(module, ModuleType):
            yield module


def _shielded_functions() -> Iterator[FunctionType]:
    """The functions inside torch's shields that have not been called yet."""
    shield = _compile._disable_dynamo(_shielded_functions).__code__
    seen: set[FunctionType] = set()
    waiting = [function for name in _SHIELDED for function in _functions(sys.modules.get(name))]
    while waiting:
        function = waiting.pop()
        if function in seen:
            continue
        seen.add(function)
        enclosed = [item for item in _enclosed(function) if isinstance(item, FunctionType)]
        if function.__code__ is shield:
            yield from (item for item in enclosed if _MARK not in vars(item))
        waiting += enclosed


def _enclosed(function: FunctionType) -> Iterator[object]:
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:
            continue


def _functions(module: ModuleType | None) -> Iterator[FunctionType]:
    for value in list(vars(module).values()) if module is not None else ():
        if isinstance(value, FunctionType):
            yield value
