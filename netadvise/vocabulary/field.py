"""One fact of the vocabulary, and how its tables are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

Type = Literal["bool", "number", "text", "numbers", "texts"]
Source = Literal["record", "shapes", "receptive_field", "train", "batch", "context", "probe"]


@dataclass(frozen=True, slots=True)
class Field:
    """One fact: its type, where it comes from, and its meaning."""

    name: str
    type: Type
    doc: str
    source: Source = "record"
    values: tuple[str, ...] = ()
    """The closed list of texts it can be; empty: any."""
    default: bool | None = None
    """Context flags: what holds where the user declared nothing."""


_TYPES: Mapping[str, Type] = {"b": "bool", "n": "number", "s": "text", "nn": "numbers", "ss": "texts"}


def fields_of(table: str, source: Source = "record") -> dict[str, Field]:
    """The fields of a table: a line each, `name type meaning | note`, deeper lines going on with the one above.

    A note is `source WORD`, `default true`, or else the closed list of values. Raises `ValueError` for a name twice.
    """
    found: dict[str, Field] = {}
    for line in table.replace("\n    ", " ").splitlines():
        if line.strip():
            field = _field(line, source)
            if field.name in found:
                raise ValueError(f"the vocabulary has two entries for {field.name}")
            found[field.name] = field
    return found


def _field(line: str, source: Source) -> Field:
    described, *notes = line.split(" | ")
    name, kind, *words = described.split(maxsplit=2)
    values: tuple[str, ...] = ()
    default: bool | None = None
    for note in notes:
        word, _, rest = note.strip().partition(" ")
        if word == "source":
            source = cast(Source, rest.strip())
        elif word == "default":
            default = rest.strip() == "true"
        else:
            values = tuple(note.split())
    return Field(name, _TYPES[kind], " ".join(" ".join(words).split()), source, values, default)
