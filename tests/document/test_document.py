"""The profile document: what it must refuse, the contract's keys, and the way back."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netadvise.document import profile_document, profile_from_document, profile_from_json
from netadvise.graph import Attr, Location
from netadvise.profiles import Layer, ReceptiveField
from netadvise.quantity import Unknown
from tests.render.sample import sample

LAYER_KEYS = [
    *("name", "kind", "call", "location", "input_shapes", "output_shapes", "kernel_size", "stride", "padding"),
    *("dilation", "groups", "in_channels", "out_channels", "bias", "params", "macs", "flops", "other_ops"),
    *("activation_bytes", "receptive_field", "receptive_field_min", "jump", "receptive_field_clipped", "unknown"),
]

text = st.text(alphabet=st.characters(exclude_categories=["Cs"]))
quantities = st.one_of(st.integers(min_value=0, max_value=2**70), st.builds(Unknown, text))
sizes = st.one_of(st.lists(st.integers(-(2**40), 2**40), max_size=3).map(tuple), st.builds(Unknown, text))
jumps = st.one_of(st.lists(st.fractions(), max_size=3).map(tuple), st.builds(Unknown, text))
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), text)
attributes: st.SearchStrategy[dict[str, Attr]] = st.dictionaries(
    st.one_of(text, st.sampled_from(["params", "name", "unknown", "attributes", "start"])),
    st.one_of(scalars, st.lists(scalars, max_size=3).map(tuple)),
    max_size=4,
)
shapes = st.lists(st.lists(st.integers(0, 9), max_size=3).map(tuple), max_size=2).map(tuple)
locations = st.one_of(st.none(), st.builds(Location, text, st.integers(1, 99), st.one_of(st.none(), st.integers(1, 9))))
views = st.builds(
    ReceptiveField,
    **dict.fromkeys(("size", "narrowest", "strict", "clipped", "start", "period"), sizes),
    jump=jumps,
    culprit=text,
)
counts = st.integers(min_value=0, max_value=2**70)
layers = st.builds(
    Layer,
    name=text,
    kind=text,
    call=st.integers(0, 3),
    location=locations,
    called_at=locations,
    input_shapes=shapes,
    output_shapes=shapes,
    attrs=attributes,
    **dict.fromkeys(("params", "trainable_params", "buffers", "shared_params"), counts),
    **dict.fromkeys(("macs", "flops", "other_ops", "activation_bytes"), quantities),
    receptive_field=st.one_of(st.none(), views),
    ops=st.lists(st.integers(0, 9)).map(tuple),
)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"schema": "netadvise.profile/2"}, "netadvise.profile/2"),
        ({"layers": None}, r"\$\.layers"),
        ({"totals": {}}, r"\$\.totals"),
        ({"mode": "predict"}, r"\$\.mode"),
        ({"notes": [1]}, r"\$\.notes"),
    ],
)
def test_a_wrong_document_is_refused_with_its_place(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        profile_from_document({**profile_document(sample()), **change})


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", '{"schema": 1}', "not json"])
def test_what_is_no_profile_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        profile_from_json(text)


def test_the_sample_comes_back() -> None:
    assert profile_from_json(json.dumps(profile_document(sample()))) == sample()


@given(st.lists(layers, max_size=2).map(tuple))
def test_any_layers_come_back(rows: tuple[Layer, ...]) -> None:
    profile = replace(sample(), layers=rows)
    assert profile_from_json(json.dumps(profile_document(profile))) == profile


def test_the_contract_keys_are_there_in_order() -> None:
    document = profile_document(sample())
    assert list(document)[:7] == ["schema", "netadvise", "torch", "target", "mode", "inputs", "totals"]
    found = list(document["layers"][0])
    assert [key for key in found if key in LAYER_KEYS] == LAYER_KEYS


def test_an_argument_cannot_take_a_contract_key() -> None:
    first = profile_document(sample())["layers"][0]
    assert first["params"] == 576
    assert first["attributes"] == {"params": "a clash"}


def test_an_unknown_quantity_is_null_with_its_reason() -> None:
    row = next(row for row in profile_document(sample())["layers"] if row["name"] == "natten")
    assert row["macs"] is None
    assert row["unknown"]["macs"] == "no formula for natten.na2d"


def test_a_field_that_does_not_apply_is_null_without_a_reason() -> None:
    row = next(row for row in profile_document(sample())["layers"] if row["name"] == "head")
    assert row["receptive_field"] is None
    assert row["unknown"] == {}


def test_fractions_are_integers_or_text() -> None:
    rows = {row["name"]: row for row in profile_document(sample())["layers"]}
    assert rows["up"]["jump"] == ["1/2", "1/2"]
    assert rows["stage.0.conv"]["jump"] == [2, 2]
    assert Fraction("1/2") == Fraction(1, 2)


def test_a_file_name_that_is_not_utf_8_becomes_an_escape() -> None:
    document = profile_document(replace(sample(), target="caf\udce9.py"))
    assert document["target"] == r"caf\udce9.py"
    assert profile_from_json(json.dumps(document)).target == r"caf\udce9.py"


def test_keys_of_a_later_version_are_passed_over() -> None:
    document: dict[str, Any] = json.loads(json.dumps(profile_document(sample())))
    document["findings"] = []
    document["layers"][0]["nested"] = {"later": True}
    assert profile_from_document(document).totals == sample().totals
