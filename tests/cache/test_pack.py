"""Nouns in the cache: what is refused first, then there and back."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from netadvise.cache.pack import pack, unpack
from netadvise.edit import Insert, Part, Place, SetArgs
from netadvise.finding import Hit, Related
from netadvise.graph import Location
from netadvise.quantity import Unknown
from tests.check.lint_values import RULES


@dataclass
class Stranger:
    name: str


@pytest.mark.parametrize("value", [Stranger("x"), {1, 2}, [1], object()])
def test_what_is_no_noun_is_not_written(value: object) -> None:
    with pytest.raises(TypeError):
        pack(value)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b'{"": "Stranger", "name": "x"}',
        b'{"": "Popen", "args": "true"}',
        b'{"": "Unknown"}',
        b'{"": "Unknown", "reason": "x", "more": 1}',
        b'{"reason": "x"}',
    ],
)
def test_what_is_no_noun_is_not_read(line: bytes) -> None:
    with pytest.raises(ValueError):
        unpack(line)


HIT = Hit(
    "NRM001",
    "conv",
    Location("größe.py", 3, 5),
    "warning",
    'a "message"',
    effect={"params": -8, "text": "less", "share": 0.5},
    related=(Related("bn", "norm", None),),
)


@pytest.mark.parametrize(
    "value",
    [
        None,
        (),
        (1, (2.5, True), "x"),
        {"a": {"b": ("c",)}, "=": 1, "": 2},
        Unknown("no"),
        HIT,
        RULES,
        (SetArgs("conv", {"bias": False, "kernel_size": (3, 3)}), Insert(Place("after", "x"), (Part("ReLU"),))),
    ],
)
def test_there_and_back(value: object) -> None:
    assert unpack(pack(value)) == value
    assert b"\n" not in pack(value)
