"""What a plain scalar of a rule file means: the core schema of YAML 1.2, with the ambiguous cases refused.

`true`, `false` and `null` are themselves; `no`, `on` and `1:30` are texts; `1e6` is the number 1000000. A leading
zero (`010`) is refused: YAML 1.1 reads it as 8, YAML 1.2 as 10. Infinities, NaN and numbers of 1e18 and above are
refused too. `25M` is a text, and a number only where `with_suffix` is asked: where an option expects a number.
"""

from __future__ import annotations

import re

from netadvise.rule import Number

Plain = bool | int | float | str

LARGEST = 10**18
SUFFIXES = {"K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_SUFFIXED = re.compile(r"([-+]?[0-9]+(?:\.[0-9]+)?)([KMGT])")


class ScalarError(ValueError):
    """A scalar that has no safe reading; its text says why."""


def resolve(text: str) -> Plain | None:
    """The value of a plain scalar; raises `ScalarError`."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _LEADING_ZERO.fullmatch(text):
        raise ScalarError(f"'{text[:20]}' has a leading zero: write {text.lstrip('+-0')[:20] or '0'}, or quote it")
    if _NOT_FINITE.fullmatch(text):
        raise ScalarError(f"'{text}' is not a finite number")
    return _number(text)


def with_suffix(text: str) -> Number | None:
    """The number that `25M` or `1.5G` means; None for anything else."""
    found = _SUFFIXED.fullmatch(text)
    if found is None or len(text) > 30:
        return None
    return _bounded(float(found[1]) * SUFFIXES[found[2]], text)


def _number(text: str) -> Number | str:
    if _INTEGER.fullmatch(text):
        if len(text) > 20:
            raise _too_large(text)
        return _bounded(int(text), text)
    if _OTHER_BASE.fullmatch(text):
        return _bounded(int(text[:40], 0), text)
    if _FLOAT.fullmatch(text):
        return _bounded(float(text), text)
    return text


def _bounded(number: Number, text: str) -> Number:
    if abs(number) >= LARGEST:
        raise _too_large(text)
    exact = isinstance(number, float) and number.is_integer() and "." not in text
    whole = exact or (isinstance(number, float) and number.is_integer() and text[-1] in SUFFIXES)
    return int(number) if whole else number


def _too_large(text: str) -> ScalarError:
    return ScalarError(f"the number {text[:20]}{'...' if len(text) > 20 else ''} is too large")
