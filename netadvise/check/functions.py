"""The functions that expressions may call."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import translate
from itertools import pairwise

from netadvise.check.logic import guarded
from netadvise.check.types import ExprError, Type
from netadvise.facts import Fact
from netadvise.quantity import Unknown
from netadvise.rule import Number

Types = tuple[Type, ...]
Call = Callable[[Sequence[Fact]], Fact]

MAX_GLOB = 100
MAX_STARS = 5


@dataclass(frozen=True, slots=True)
class Function:
    """A function: how it is called, what it returns for arguments of given types, and what it does."""

    usage: str
    result: Callable[[Types], Type | None]
    """None: it does not take these."""
    call: Call
    strict: bool = True
    """None and Unknown among the arguments decide the result without a call."""


def glob_matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a text fits a pattern of `*`, `?` and `[...]`; raises `ExprError` for one that is too long."""
    if len(pattern) > MAX_GLOB or pattern.count("*") > MAX_STARS:
        raise ExprError(f"a pattern has at most {MAX_GLOB} characters and {MAX_STARS} `*`")
    try:
        compiled = re.compile(translate(pattern))
    except re.error as error:
        raise ExprError(f"'{pattern}' is not a pattern: {error}") from error
    return lambda text: compiled.match(text) is not None


def apply(function: Function, arguments: Sequence[Fact], kind: Type) -> Fact:
    """The result for arguments that may be None or Unknown."""
    if not function.strict:
        return function.call(arguments)
    if any(argument is None for argument in arguments):
        return False if kind == "bool" else None
    unknown = next((argument for argument in arguments if isinstance(argument, Unknown)), None)
    return function.call(arguments) if unknown is None else unknown


def _reduced(types: Types) -> Type | None:
    several = len(types) > 1 and all(each == "number" for each in types)
    return "number" if several or types == ("numbers",) else None


def _mapped(types: Types) -> Type | None:
    return types[0] if types in (("number",), ("numbers",)) else None


def _one_list(types: Types) -> Type | None:
    return "number" if types == ("numbers",) else None


def _any_list(types: Types) -> Type | None:
    return "number" if types in (("numbers",), ("texts",)) else None


def _neighbours(types: Types) -> Type | None:
    return "numbers" if types == ("numbers",) else None


def _question(types: Types) -> Type | None:
    return "bool" if len(types) == 1 else None


def _two_texts(types: Types) -> Type | None:
    return "bool" if types == ("text", "text") else None


def numbers(arguments: Sequence[Fact]) -> list[Number]:
    """The numbers among the arguments, lists spread out."""
    flat: list[Number] = []
    for argument in arguments:
        parts = argument if isinstance(argument, tuple) else (argument,)
        flat.extend(part for part in parts if isinstance(part, int | float))
    return flat


def _reduce(function: Callable[[list[Number]], Number]) -> Call:
    def call(arguments: Sequence[Fact]) -> Fact:
        found = numbers(arguments)
        return guarded(lambda: function(found)) if found else None

    return call


def _total(function: Callable[[list[Number]], Number]) -> Call:
    return lambda arguments: guarded(lambda: function(numbers(arguments)))


def _map(function: Callable[[Number], Number]) -> Call:
    def call(arguments: Sequence[Fact]) -> Fact:
        found = [guarded(lambda each=each: function(each)) for each in numbers(arguments)]  # type: ignore[misc]
        known = tuple(each for each in found if each is not None)
        if len(known) != len(found):
            return None
        return known if isinstance(arguments[0], tuple) else known[0]

    return call


def _pairs(function: Callable[[Number, Number], Number]) -> Call:
    def call(arguments: Sequence[Fact]) -> Fact:
        found = numbers(arguments)
        made = [guarded(lambda a=a, b=b: function(a, b)) for a, b in pairwise(found)]  # type: ignore[misc]
        known = tuple(each for each in made if each is not None)
        return known if len(known) == len(made) else None

    return call


def _texts(function: Callable[[str, str], bool]) -> Call:
    return lambda arguments: function(str(arguments[0]), str(arguments[1]))


def _divisor(found: list[Number]) -> Number:
    if any(number != int(number) for number in found):
        raise ValueError("no whole number")
    return math.gcd(*(int(number) for number in found))


FUNCTIONS: dict[str, Function] = {
    "min": Function("min(list) or min(a, b, ...)", _reduced, _reduce(min)),
    "max": Function("max(list) or max(a, b, ...)", _reduced, _reduce(max)),
    "gcd": Function("gcd(list) or gcd(a, b, ...)", _reduced, _reduce(_divisor)),
    "sum": Function("sum(list)", _one_list, _total(sum)),
    "product": Function("product(list)", _one_list, _total(math.prod)),
    "len": Function(
        "len(list)", _any_list, lambda arguments: len(arguments[0]) if isinstance(arguments[0], tuple) else 1
    ),
    "abs": Function("abs(number)", _mapped, _map(abs)),
    "ceil": Function("ceil(number)", _mapped, _map(math.ceil)),
    "floor": Function("floor(number)", _mapped, _map(math.floor)),
    "round": Function("round(number)", _mapped, _map(round)),
    "sqrt": Function("sqrt(number)", _mapped, _map(math.sqrt)),
    "log": Function("log(number)", _mapped, _map(math.log)),
    "diff": Function("diff(list)", _neighbours, _pairs(lambda a, b: b - a)),
    "ratios": Function("ratios(list)", _neighbours, _pairs(lambda a, b: b / a)),
    "defined": Function("defined(name)", _question, lambda arguments: _defined(arguments[0]), strict=False),
    "known": Function("known(name)", _question, lambda arguments: not isinstance(arguments[0], Unknown), strict=False),
    "glob": Function('glob(text, "pattern*")', _two_texts, _texts(lambda text, pattern: glob_matcher(pattern)(text))),
    "startswith": Function('startswith(text, "start")', _two_texts, _texts(str.startswith)),
    "endswith": Function('endswith(text, "end")', _two_texts, _texts(str.endswith)),
    "contains": Function('contains(text, "part")', _two_texts, _texts(lambda text, part: part in text)),
}


def _defined(value: Fact) -> Fact:
    return value if isinstance(value, Unknown) else value is not None
