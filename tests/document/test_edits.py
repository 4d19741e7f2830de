"""Edits and tries as text and back."""

from __future__ import annotations

import pytest

from netadvise.document.edits import (
    alternatives_from_json,
    alternatives_json,
    edit_document,
    edit_from_document,
    tries_from_json,
    tries_json,
)
from netadvise.edit import Affected, Dropped, Edit, Effect, Insert, Part, Place, Replace, SetArgs, Tried
from netadvise.graph import Location
from netadvise.quantity import Unknown

EDITS: tuple[Edit, ...] = (
    SetArgs("conv", {"kernel_size": (3, 1), "bias": False, "padding": "same", "momentum": None, "eps": 1e-5}),
    Replace("conv", (Part("like:norm"), Part("Conv2d", {"kernel_size": 3}))),
    Insert(Place("after-call", "", "relu", 2), (Part("Dropout", {"p": 0.5}),)),
)
EFFECT = Effect(-3, Unknown("no formula"), 0, (2, -1), Unknown("gone"))
TRIES = (
    Tried(EDITS, EFFECT, "changes-weights", (Affected("a", "output", Location("m.py", 3, 5)), Affected("b", "gone"))),
    Tried(EDITS[:1], Effect(1, 2, 3, (), ()), "changes-function"),
    Dropped(EDITS[1:], "no module 'x'"),
)


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_comes_back(edit: Edit) -> None:
    assert edit_from_document(edit_document(edit)) == edit


def test_an_edit_reads_as_what_it_is() -> None:
    assert edit_document(EDITS[0]) == {
        "set_args": {
            "module": "conv",
            "args": {"kernel_size": (3, 1), "bias": False, "padding": "same", "momentum": None, "eps": 1e-5},
        }
    }


def test_alternatives_and_tries_come_back() -> None:
    alternatives = (EDITS, EDITS[:1], ())
    assert alternatives_from_json(alternatives_json(alternatives)) == alternatives
    assert tries_from_json(tries_json(TRIES)) == TRIES


@pytest.mark.parametrize(
    "text", ["", "[{}]", "[[{}]]", '[[{"drop": {}}]]', '[[{"set_args": {"module": 3, "args": {}}}]]']
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        alternatives_from_json(text)
