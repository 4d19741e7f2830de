"""The edits that findings carry: none where anything is missing, and plain values where nothing is."""

from __future__ import annotations

from pathlib import Path

import pytest

from netadvise.edit import Edit, Part, Replace, SetArgs
from tests.check.rulesheet import book, check
from tests.check.sketch import draw

CONV = (
    "c conv module=c type=Conv2d functional=false call_index=0 in_channels=4 out_channels=10 kernel_size=3x3 bias=true"
)


def edits(folder: Path, fix: str, facts: str = CONV, match: str = "{op: conv}") -> tuple[Edit, ...]:
    """The edits of the one finding of a rule on a sketched network."""
    found = check(folder, f"match: {match}\nfix: {{text: x, safety: safe, {fix}}}", draw(facts))
    assert not found.not_evaluated
    (hit,) = found.hits
    return hit.edits


def set_args(args: str) -> str:
    return f"edits: [{{on: self, set_args: {{{args}}}}}]"


def replace(*parts: str) -> str:
    return f"edits: [{{on: self, replace: [{', '.join(parts)}]}}]"


@pytest.mark.parametrize(
    "changed",
    [
        "functional=false functional=true",
        "type=Conv2d type=MyConv",
        "call_index=0 call_index=1",
        "module=c module=",
        "in_channels=4 in_channels=?not_known",
        "in_channels=4 in_channels=5",
        "in_channels=4 group_width=4",
        "bias=true bias=false",
    ],
    ids=["functional", "own class", "later call", "the model itself", "unknown", "a fraction", "missing", "condition"],
)
def test_a_finding_without_edits(changed: str, tmp_path: Path) -> None:
    old, new = changed.split()
    fix = set_args("out_channels: 'in_channels / 2'") + ", edits_where: bias"
    assert edits(tmp_path, fix) == (SetArgs("c", {"out_channels": 2}),)
    assert edits(tmp_path, fix, CONV.replace(old, new)) == ()


def test_no_edits_where_the_class_lacks_the_argument(tmp_path: Path) -> None:
    norm = "n norm module=n type=LayerNorm functional=false call_index=0"
    fix = set_args("momentum: 0.1")
    assert edits(tmp_path, fix, norm, "{op: norm}") == ()
    assert edits(tmp_path, fix, norm.replace("LayerNorm", "BatchNorm2d"), "{op: norm}") == (
        SetArgs("n", {"momentum": 0.1}),
    )


def test_no_edits_where_two_are_of_one_module(tmp_path: Path) -> None:
    facts = CONV + "\nd conv module=c type=Conv2d functional=false call_index=0 < c"
    fix = "edits: [{on: self, set_args: {bias: false}}, {on: after, set_args: {groups: 2}}]"
    match = "{op: conv, next: {op: conv, as: after}}"
    assert edits(tmp_path, fix, facts, match) == ()
    assert len(edits(tmp_path, fix, facts.replace("d conv module=c", "d conv module=d"), match)) == 2


def test_a_rule_without_edits_gives_none(tmp_path: Path) -> None:
    assert edits(tmp_path, "because: y") == ()


def test_rules_say_whether_they_have_edits(tmp_path: Path) -> None:
    rules = book(
        tmp_path, "match: {op: conv}", f"match: {{op: conv}}\nfix: {{text: x, {set_args('bias: false')}}}"
    ).rules
    assert [rule.has_edits for rule in rules] == [False, True]


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ("bias: false", {"bias": False}),
        ("bias: 'not bias'", {"bias": False}),
        ("groups: 2", {"groups": 2}),
        ("groups: 'out_channels / 5'", {"groups": 2}),
        ("padding: 'kernel_size / 3'", {"padding": 1}),
        ("padding: [1, 3]", {"padding": (1, 3)}),
        ("padding: [2, 2]", {"padding": 2}),
        ("padding: [0, 'max(kernel_size)']", {"padding": (0, 3)}),
        ("padding: \"'same'\"", {"padding": "same"}),
        ("padding_mode: \"'reflect' if bias else 'zeros'\"", {"padding_mode": "reflect"}),
        ("kernel_size: 3.0, stride: 2", {"kernel_size": 3, "stride": 2}),
    ],
)
def test_arguments_are_plain_values(args: str, expected: dict[str, object], tmp_path: Path) -> None:
    (edit,) = edits(tmp_path, set_args(args.replace("'", "''").replace('"', "'") if '"' in args else args))
    assert isinstance(edit, SetArgs)
    assert edit.args == expected
    assert [type(value) for value in edit.args.values()] == [type(value) for value in expected.values()]


def test_sizes_of_a_layer_norm_stay_a_list(tmp_path: Path) -> None:
    made = edits(tmp_path, replace("{type: LayerNorm, args: {normalized_shape: [8, 8], eps: 0.5}}"))
    assert made == (Replace("c", (Part("LayerNorm", {"normalized_shape": (8, 8), "eps": 0.5}),)),)


_NEXT = "{op: norm, as: norm, optional: true}, {op: activation, through: [norm], as: act, optional: true}"
BETWEEN = f"{{op: conv, next: [{_NEXT}]}}"
CHAIN = replace(
    "{type: like, of: self, args: {out_channels: in_channels}}",
    "{type: like, of: norm, args: {num_features: in_channels, num_channels: in_channels}}",
    "{type: like, of: act}",
    "{type: Identity}",
)
NORM = "\nn norm module=b.n type=BatchNorm2d functional=false call_index=0"
RELU = "\na activation module=b.a type=ReLU activation=relu functional=false call_index=0"


def chain(folder: Path, facts: str) -> list[str]:
    made = edits(folder, CHAIN, facts, BETWEEN)
    return [str(part) for edit in made if isinstance(edit, Replace) for part in edit.chain]


def test_a_layer_like_one_that_is_not_there_is_left_out(tmp_path: Path) -> None:
    assert chain(tmp_path, CONV) == ["like:c(out_channels=4)", "Identity()"]


def test_layers_like_those_behind_it(tmp_path: Path) -> None:
    expected = ["like:c(out_channels=4)", "like:b.n(num_features=4)", "like:b.a()", "Identity()"]
    assert chain(tmp_path, CONV + NORM + RELU) == expected


def test_of_the_arguments_of_like_each_class_takes_its_own(tmp_path: Path) -> None:
    assert chain(tmp_path, CONV + NORM.replace("BatchNorm2d", "GroupNorm"))[1] == "like:b.n(num_channels=4)"


def test_a_function_becomes_its_class(tmp_path: Path) -> None:
    called = RELU.replace("functional=false", "functional=true")
    assert chain(tmp_path, CONV + called)[1] == "ReLU()"
    assert chain(tmp_path, CONV + called.replace("=relu", "=leaky_relu")) == []


def test_no_edits_where_the_norm_cannot_be_made_again(tmp_path: Path) -> None:
    assert chain(tmp_path, CONV + NORM.replace("BatchNorm2d", "MyNorm")) == []


def test_an_edit_of_an_optional_layer_is_passed_over(tmp_path: Path) -> None:
    fix = "edits: [{on: self, set_args: {bias: false}}, {on: act, replace: [{type: Identity}]}]"
    assert edits(tmp_path, fix, CONV, BETWEEN) == (SetArgs("c", {"bias": False}),)
    assert len(edits(tmp_path, fix, CONV + RELU, BETWEEN)) == 2
