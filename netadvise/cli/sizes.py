"""Amounts of memory as texts: 8G, 500M."""

from __future__ import annotations

import re

from netadvise.errors import UsageError

_SIZE = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[kKMGT]?)i?[bB]?")
_UNITS = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


def size_in_bytes(text: str, flag: str) -> int:
    """The bytes that `8G` means; raises `UsageError` naming the option."""
    size = _SIZE.fullmatch(text.strip())
    if size is None:
        raise UsageError(f"{flag} {text!r} is not a size", hint="For example: 8G, 500M, 0 for no limit")
    return int(float(size["number"]) * _UNITS[size["unit"]])
