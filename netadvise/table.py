"""One table per question: an exact key to one function.

A table refuses a second owner for a key, so that two formulas can never compete for one operation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

F = TypeVar("F", bound=Callable[..., object])


class Table(Generic[F]):
    """Maps exact keys to functions; `@table("conv", "linear")` registers a function under each key."""

    def __init__(self, question: str) -> None:
        self.question = question
        self._functions: dict[str, F] = {}

    def __call__(self, *keys: str) -> Callable[[F], F]:
        def register(function: F) -> F:
            for key in keys:
                if key in self._functions:
                    raise ValueError(f"{self.question}: '{key}' already has an answer")
                self._functions[key] = function
            return function

        return register

    def get(self, key: str) -> F | None:
        """The function registered under exactly `key`, if any."""
        return self._functions.get(key)

    def __contains__(self, key: str) -> bool:
        return key in self._functions

    def __iter__(self) -> Iterator[str]:
        return iter(self._functions)
