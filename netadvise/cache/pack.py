"""Nouns as JSON and back: frozen dataclasses, tuples, mappings and plain values, whatever they are nested in.

packed ::= null | true | number | "text" | [packed ...]              a list stands for a tuple
         | {"": "Hit", "rule": packed, ...}                           a dataclass, by its name
         | {"=": [[packed, packed] ...]}                              a mapping
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import cast

from netadvise import edit, finding, graph, quantity, rule

_MODULES = (edit, finding, graph, quantity, rule)
Packed = None | bool | int | float | str | list["Packed"] | dict[str, "Packed"]


def pack(value: object) -> bytes:
    """One line of JSON; raises `TypeError` for what is no noun."""
    return json.dumps(_packed(value), ensure_ascii=False, separators=(",", ":")).encode()


def unpack(line: bytes) -> object:
    """What `pack` wrote; raises `ValueError` or `TypeError` for anything else, and where a noun has changed since."""
    return _unpacked(json.loads(line))


def _packed(value: object) -> Packed:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, tuple):
        return [_packed(item) for item in value]
    if isinstance(value, Mapping):
        return {"=": [[_packed(key), _packed(item)] for key, item in value.items()]}
    kind = type(value).__name__
    if _nouns().get(kind) is not type(value):
        raise TypeError(f"{kind} cannot be packed")
    return {"": kind} | {name: _packed(getattr(value, name)) for name in _names(_nouns()[kind])}


def _unpacked(packed: Packed) -> object:
    if isinstance(packed, list):
        return tuple(_unpacked(item) for item in packed)
    if not isinstance(packed, dict):
        return packed
    if "=" in packed:
        pairs = packed["="]
        return {_unpacked(pair[0]): _unpacked(pair[1]) for pair in cast(list[list[Packed]], pairs)}
    kind = _nouns().get(str(packed.get("")))
    if kind is None or _names(kind) != tuple(name for name in packed if name):
        raise ValueError("not the nouns of this version")
    return kind(**{name: _unpacked(item) for name, item in packed.items() if name})


@cache
def _nouns() -> dict[str, type]:
    """The dataclasses that may be read back, by name."""
    found = (item for module in _MODULES for item in vars(module).values() if isinstance(item, type))
    return {item.__name__: item for item in found if is_dataclass(item)}


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
