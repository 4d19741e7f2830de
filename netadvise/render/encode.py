"""JSON that every reader accepts, whatever the names in it."""

from __future__ import annotations

import json
import math
import re

import msgspec

_SURROGATE = re.compile(r"\\ud[89a-f]", re.IGNORECASE)
"""Half of a pair, which JSON text has for every sign above U+FFFF, or a lone one."""


def json_text(document: object, *, indent: int | None = None) -> str:
    """`document` in ASCII. A lone surrogate becomes an escape in the text, and a number that is not finite null."""
    try:
        text = json.dumps(document, allow_nan=False)
    except ValueError:
        text = json.dumps(_encodable(document), allow_nan=False)
    if _SURROGATE.search(text):
        text = json.dumps(_encodable(document), allow_nan=False)
    return text if indent is None else msgspec.json.format(text, indent=indent)


def _encodable(item: object) -> object:
    if isinstance(item, str):
        return item if item.isascii() else item.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(item, float):
        return item if math.isfinite(item) else None
    if isinstance(item, dict):
        return {_encodable(key): _encodable(value) for key, value in item.items()}
    if isinstance(item, list | tuple):
        return [_encodable(value) for value in item]
    return item
