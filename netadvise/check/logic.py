"""Three-valued logic and arithmetic on facts.

`Unknown` spreads, except where the other operand decides: `False and Unknown` is False, `True or Unknown` is True.
None (does not apply) makes every comparison False, every number None, and counts as False in a condition.
Numbers that divide by zero, overflow or are not real are None too.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence

from netadvise.check.types import Frame, Run
from netadvise.facts import Fact
from netadvise.quantity import Unknown
from netadvise.rule import Number

Truth = bool | Unknown
Binary = Callable[[Number, Number], Number]

LARGEST = 1e300
"""Beyond this a number is None: no chain of products may grow without bound."""

ARITHMETIC: dict[str, Binary] = {
    "Add": operator.add,
    "Sub": operator.sub,
    "Mult": operator.mul,
    "Div": operator.truediv,
    "FloorDiv": operator.floordiv,
    "Mod": operator.mod,
}
DIVIDING = ("Div", "FloorDiv", "Mod")


def truth(value: Fact) -> Truth:
    """A fact as a condition: None counts as False."""
    return value if isinstance(value, Unknown) else bool(value)


def both(left: Truth, right: Truth) -> Truth:
    """`left and right`."""
    if left is False or right is False:
        return False
    return right if left is True else left


def either(left: Truth, right: Truth) -> Truth:
    """`left or right`."""
    if left is True or right is True:
        return True
    return right if left is False else left


def opposite(value: Truth) -> Truth:
    """`not value`."""
    return value if isinstance(value, Unknown) else not value


def conjunction(parts: Sequence[Run]) -> Run:
    """All of them, until one is False."""

    def run(frame: Frame) -> Fact:
        result: Truth = True
        for part in parts:
            result = both(result, truth(part(frame)))
            if result is False:
                return False
        return result

    return run


def disjunction(parts: Sequence[Run]) -> Run:
    """Any of them, until one is True."""

    def run(frame: Frame) -> Fact:
        result: Truth = False
        for part in parts:
            result = either(result, truth(part(frame)))
            if result is True:
                return True
        return result

    return run


def negation(part: Run) -> Run:
    """Not that."""
    return lambda frame: opposite(truth(part(frame)))


def choice(condition: Run, yes: Run, no: Run) -> Run:
    """`yes if condition else no`; Unknown where the condition is."""

    def run(frame: Frame) -> Fact:
        chosen = truth(condition(frame))
        if isinstance(chosen, Unknown):
            return chosen
        return yes(frame) if chosen else no(frame)

    return run


def equal(left: Fact, right: Fact) -> bool:
    """Equality; a list of numbers equals a number when it is not empty and every entry does."""
    if isinstance(left, tuple) and not isinstance(right, tuple):
        return bool(left) and all(each == right for each in left)
    if isinstance(right, tuple) and not isinstance(left, tuple):
        return equal(right, left)
    return left == right


def less(left: Fact, right: Fact) -> bool:
    """Order of two numbers."""
    return isinstance(left, int | float) and isinstance(right, int | float) and left < right


COMPARISONS: dict[str, Callable[[Fact, Fact], bool]] = {
    "Eq": equal,
    "NotEq": lambda left, right: not equal(left, right),
    "Lt": less,
    "LtE": lambda left, right: not less(right, left),
    "Gt": lambda left, right: less(right, left),
    "GtE": lambda left, right: not less(left, right),
    "In": lambda left, right: isinstance(right, tuple) and left in right,
    "NotIn": lambda left, right: isinstance(right, tuple) and left not in right,
}


def compare(name: str, left: Fact, right: Fact) -> Truth:
    """A comparison, by the name of its `ast` class."""
    if left is None or right is None:
        return False
    if isinstance(left, Unknown):
        return left
    if isinstance(right, Unknown):
        return right
    return COMPARISONS[name](left, right)


def calculate(function: Binary, left: Fact, right: Fact) -> Fact:
    """Arithmetic of two numbers, or of each axis of lists of numbers."""
    if left is None or right is None:
        return None
    if isinstance(left, Unknown):
        return left
    if isinstance(right, Unknown):
        return right
    if isinstance(left, tuple) or isinstance(right, tuple):
        return _each(function, left, right)
    return _bounded(function, left, right)


def _each(function: Binary, left: Fact, right: Fact) -> Fact:
    length = len(left) if isinstance(left, tuple) else len(right) if isinstance(right, tuple) else 0
    lefts = left if isinstance(left, tuple) else (left,) * length
    rights = right if isinstance(right, tuple) else (right,) * length
    if len(lefts) != len(rights):
        return None
    found = [_bounded(function, one, other) for one, other in zip(lefts, rights, strict=True)]
    numbers = tuple(number for number in found if number is not None)
    return numbers if len(numbers) == length else None


def _bounded(function: Binary, left: Fact, right: Fact) -> Number | None:
    if not isinstance(left, int | float) or not isinstance(right, int | float):
        return None
    return guarded(lambda: function(left, right))


def guarded(calculation: Callable[[], Number]) -> Number | None:
    """Its result; None where there is none, or none that is finite."""
    try:
        result = calculation()
        return result if -LARGEST <= result <= LARGEST else None
    except (ArithmeticError, ValueError):
        return None
