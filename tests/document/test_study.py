"""Studies as text and back: requests, files, and what was found."""

from __future__ import annotations

import json
from dataclasses import replace
from math import nan

import pytest

from netadvise.document.study import (
    SCHEMA,
    request_from_json,
    request_json,
    study_file,
    study_from_file,
    study_from_json,
    study_json,
)
from netadvise.edit import Edit, Insert, Part, Place, Replace, SetArgs
from netadvise.evidence import Baseline, Curve, Estimate, Evidence, Gate, Price, Recipe, Study
from netadvise.study import Arm, Dose, RecipeRequest, StudyRequest

EDITS: tuple[Edit, ...] = (
    Insert(Place("after-call", "", "relu", 1), (Part("Dropout", {"p": 0.5}),)),
    SetArgs("lstm", {"dropout": 0.2}),
    Replace("conv", (Part("Conv2d", {"kernel_size": (3, 1)}),)),
)
ARM = Arm("all", ("a", "b"), "several", (Dose(0.5, EDITS), Dose(None, ())), True, True)
REQUEST = StudyRequest(
    target="net.py:Net",
    arguments=("depth=3",),
    inputs=("1,8",),
    recipe=RecipeRequest(data="net.py:load", learning_rate=0.1, max_steps=30),
    arms=(ARM,),
    named=True,
    looks=(2, 4),
    input_shape=(8,),
    options={"PRB021": {"share": 0.25}},
    time_limit=3.5,
    folder="studies",
)
RECIPE = Recipe(
    "classification", "CrossEntropyLoss", "accuracy", "Adam", 1e-3, 0.0, 32, 2000, "d", 300, 400, notes=("n",)
)
GATE = Gate("DIVERGED", "it did", "PRB011", True)
CURVE = Curve((5, 6), (1.0, nan), (nan, 2.0), (0.5, 0.25))
ESTIMATE = Estimate("loss", "early_stop", 0.1, 0.05, 0.15, 0.02, 8.0, 0.01, 1.0, 0.9)
EVIDENCE = Evidence(
    "a", ("a",), "Dropout", 0.5, EDITS, "confirm", "HELPS", "it does", "PRB021", "loss", (ESTIMATE,), 0.99
)
STUDY = Study(
    "confirm",
    RECIPE,
    Baseline(4, 100, 200, 0.1, 0.2, 0.9, None, 0.1, 0.1, 0.01, 3.0, CURVE),
    (GATE,),
    (EVIDENCE, replace(EVIDENCE, edits=(), verdict="NOT_RUN", curve=CURVE)),
    Price(28, 34.0, 60.0, 2),
    None,
    "studies/x",
    "the time limit",
    True,
    ("it crashed",),
    ("a note",),
)


def test_a_request_comes_back() -> None:
    assert request_from_json(request_json(REQUEST)) == REQUEST
    bare = StudyRequest(target="n", recipe=RecipeRequest(data="d"), arms=())
    assert request_from_json(request_json(bare)) == bare


def test_a_file_comes_back_with_its_key() -> None:
    assert study_from_file(study_file("key", REQUEST)) == ("key", REQUEST)
    assert json.loads(study_file("key", REQUEST))["schema"] == SCHEMA


def test_what_was_found_comes_back_with_numbers_that_are_none() -> None:
    assert repr(study_from_json(study_json(STUDY))) == repr(STUDY)


def test_a_study_without_anything_comes_back() -> None:
    bare = Study("quick", RECIPE, None)
    assert study_from_json(study_json(bare)) == bare


def file_with(**changes: object) -> bytes:
    plain = json.loads(study_file("key", REQUEST))
    return json.dumps({**plain, **changes}).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"schema": 1}',
        file_with(schema="netadvise.study/2"),
        file_with(key=None),
        file_with(request=None),
        file_with(request={}),
        file_with(request={"target": "n", "arms": []}),
        file_with(request={"target": "n", "arms": [3], "recipe": {"data": "d"}}),
        file_with(request={"target": "n", "arms": [{"place": "a"}], "recipe": {"data": "d"}}),
        file_with(request={"target": "n", "arms": [], "recipe": {"data": "d"}, "unknown": 1}),
        file_with(request={"target": 3, "arms": [], "recipe": {"data": "d"}}),
    ],
)
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError):
        study_from_file(content)


@pytest.mark.parametrize("text", ["", "{}", '{"evidence": 3}', '{"evidence": [{}]}', '{"evidence": []}'])
def test_what_is_no_study_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        study_from_json(text)
