"""Numbers that are exact or said to be unknown.

`Unknown(reason)` is a value: it spreads through sums and products, and it has no truth value, so that no `if`
and no `or` can quietly turn it into zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NoReturn, TypeVar

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Unknown:
    """A quantity that cannot be told, and why."""

    reason: str

    def __bool__(self) -> NoReturn:
        raise TypeError(f"an unknown quantity has no truth value ({self.reason})")


Quantity = int | Unknown
"""A count or a number of bytes, or the reason why there is none."""


def total(quantities: Iterable[Quantity]) -> Quantity:
    """The sum, or the first Unknown met."""
    result = 0
    for quantity in quantities:
        if isinstance(quantity, Unknown):
            return quantity
        result += quantity
    return result


def known(quantities: Iterable[Quantity]) -> int:
    """The sum of what is known; the caller reports the gaps beside it."""
    return sum(quantity for quantity in quantities if not isinstance(quantity, Unknown))


def apply(function: Callable[[T], R], value: T | Unknown) -> R | Unknown:
    """`function(value)`, or the Unknown itself."""
    return value if isinstance(value, Unknown) else function(value)
