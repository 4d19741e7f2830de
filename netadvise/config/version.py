"""`required-version`: comma-separated comparisons with the version that runs, `>=0.3,<0.4`, as pip writes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import zip_longest

_CLAUSE = re.compile(r"\s*(==|!=|<=|>=|<|>|~=)?\s*v?(\d+(?:\.\d+)*)((?:a|b|rc|\.dev)\d+)?(\.\*)?\s*")
_BEFORE = {".dev": 0, "a": 1, "b": 2, "rc": 3, "": 4}

Release = tuple[int, ...]
Comparison = Callable[[int], bool]
"""Whether a clause holds, from the sign of (running version) - (its version)."""

_COMPARISONS: Mapping[str, Comparison] = {
    "==": lambda sign: sign == 0,
    "!=": lambda sign: sign != 0,
    "<=": lambda sign: sign <= 0,
    ">=": lambda sign: sign >= 0,
    "<": lambda sign: sign < 0,
    ">": lambda sign: sign > 0,
}


def satisfies(version: str, specifiers: str) -> bool:
    """Whether `version` fits every specifier; raises `ValueError` for what is no specifier."""
    held = [_holds(version, clause) for clause in specifiers.split(",")]
    return all(held)


def _holds(version: str, clause: str) -> bool:
    match = _CLAUSE.fullmatch(clause)
    if match is None:
        raise ValueError(f"{clause.strip()!r} is not a version specifier such as '>=0.3' or '~=0.3.1'")
    operator, wanted, before, wildcard = match[1] or "==", _release(match[2]), match[3] or "", bool(match[4])
    if operator == "~=":
        return _compared(version, wanted, before) >= 0 and _starts(version, wanted[:-1])
    if wildcard and operator in ("==", "!="):
        return _starts(version, wanted) == (operator == "==")
    return _COMPARISONS[operator](_compared(version, wanted, before))


def _compared(version: str, wanted: Release, before: str) -> int:
    ours, beta = _parsed(version)
    pairs = [*zip_longest(ours, wanted, fillvalue=0), *zip(_rank(beta), _rank(before), strict=True)]
    return next(((left > right) - (left < right) for left, right in pairs if left != right), 0)


def _starts(version: str, beginning: Release) -> bool:
    ours, _ = _parsed(version)
    return (*ours, *(0,) * len(beginning))[: len(beginning)] == beginning


def _parsed(version: str) -> tuple[Release, str]:
    match = _CLAUSE.match(version)
    assert match is not None
    return _release(match[2]), match[3] or ""


def _release(text: str) -> Release:
    return tuple(map(int, text.split(".")))


def _rank(before: str) -> tuple[int, int]:
    """Where a pre-release stands: 0.4.dev1 < 0.4a1 < 0.4rc1 < 0.4."""
    letters = before.rstrip("0123456789")
    return _BEFORE[letters], int(before[len(letters) :] or 0)
