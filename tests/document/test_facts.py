"""The facts document: what it must refuse, and the way back."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netadvise.document.facts import facts_document, facts_from_document, facts_from_json, facts_json
from netadvise.facts import Fact, NetworkFacts, Sheet, Subject, SubjectKind
from netadvise.graph import Location
from netadvise.quantity import Unknown

text = st.text()
numbers = st.one_of(st.integers(-(2**40), 2**60), st.floats(allow_nan=False, allow_infinity=False))
lists = st.lists(st.one_of(numbers, text), max_size=3).map(tuple)
facts = st.one_of(st.booleans(), numbers, text, lists, st.builds(Unknown, text))
locations = st.one_of(st.none(), st.builds(Location, text, st.integers(1, 99), st.one_of(st.none(), st.integers(1, 9))))


@st.composite
def subjects(draw: st.DrawFn, kind: SubjectKind) -> tuple[Subject, ...]:
    """Subjects that read some of those before them."""
    count = draw(st.integers(0, 4))
    reads = [
        tuple(sorted(draw(st.sets(st.integers(0, place - 1), max_size=2)))) if place else () for place in range(count)
    ]
    return tuple(
        Subject(
            kind=kind,
            id=place,
            name=draw(text),
            location=draw(locations),
            called_at=draw(locations),
            facts=draw(st.dictionaries(text, facts, max_size=4)),
            producers=reads[place],
            consumers=tuple(reader for reader in range(count) if place in reads[reader]),
            block=draw(st.one_of(st.none(), st.integers(0, 3))),
            members=draw(st.lists(st.integers(0, 9), max_size=2).map(tuple)),
        )
        for place in range(count)
    )


def model(**facts: Fact) -> Subject:
    return Subject("model", 0, "", Location("net.py", 3, 5), None, facts)


def small() -> NetworkFacts:
    layers = (
        Subject(
            "layer", 0, "conv", Location("net.py", 4), None, {"bias": False, "kernel_size": (3, 3)}, consumers=(1,)
        ),
        Subject("layer", 1, "relu", None, Location("net.py", 9, 2), {"macs": Unknown("why"), "p": 0.0}, producers=(0,)),
    )
    return NetworkFacts(model(params=1), Sheet("eval", layers), Unknown("no labels"), (), ("a note",))


@pytest.mark.parametrize("document", [None, [], {}, {"schema": "netadvise.facts/2"}, {"schema": "netadvise.profile/1"}])
def test_what_is_no_facts_document_is_refused(document: object) -> None:
    with pytest.raises(ValueError, match="schema of its facts"):
        facts_from_document(document)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"evaluation": None}, r"\$\.evaluation"),
        ({"notes": [1]}, r"\$\.notes"),
        ({"reasons": []}, "damaged"),
        ({"files": []}, "damaged"),
    ],
)
def test_a_damaged_document_is_refused(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        facts_from_document({**json.loads(facts_json(small())), **change})


@pytest.mark.parametrize("text", ["", "{", "null"])
def test_text_that_is_no_document_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        facts_from_json(text)


def test_the_sample_comes_back() -> None:
    assert facts_from_json(facts_json(small())) == small()


@given(subjects("layer"), subjects("block"), subjects("module"), st.booleans())
def test_any_facts_come_back(
    layers: tuple[Subject, ...], blocks: tuple[Subject, ...], modules: tuple[Subject, ...], trained: bool
) -> None:
    sheet = Sheet("train", layers, blocks)
    network = NetworkFacts(
        model(), Sheet("eval", layers, blocks), sheet if trained else Unknown("failed"), modules, ("n",)
    )
    assert facts_from_json(facts_json(network)) == network


def test_whole_numbers_stay_whole() -> None:
    network = replace(small(), model=model(params=3, share=3.0))
    found = facts_from_json(facts_json(network)).model
    assert [type(found.get(name)) for name in ("params", "share")] == [int, float]


def test_a_fact_that_does_not_apply_is_left_out() -> None:
    network = replace(small(), model=model(params=3, dim=None))
    assert facts_from_json(facts_json(network)).model.facts == {"params": 3}


def test_a_number_that_is_none_is_unknown() -> None:
    network = replace(small(), model=model(share=float("inf")))
    assert facts_from_json(facts_json(network)).model.get("share") == Unknown("it is inf")


def test_reasons_and_files_are_written_once() -> None:
    layers = tuple(
        Subject("layer", place, "x", Location("net.py", place + 1), None, {"macs": Unknown("same")})
        for place in range(3)
    )
    document = facts_document(replace(small(), evaluation=Sheet("eval", layers)))
    assert (document["files"], document["reasons"]) == (["net.py"], ["same"])


def test_the_text_is_ascii() -> None:
    assert facts_json(replace(small(), notes=("für \ud800",))).isascii()
