"""Relations between layers: next, prev, below, above, inside, sequences, and what hides them."""

from __future__ import annotations

from pathlib import Path

import pytest

from netadvise.quantity import Unknown
from tests.check.rulesheet import check, fired, unknown
from tests.check.sketch import draw

CHAIN = draw("c1 conv\nn1 norm\nr1 activation\nd1 dropout p=0.5\nc2 conv\nl1 linear\nn2 norm")
FORK = draw("c1 conv\nn1 norm < c1\nr1 activation < c1\nadd add < n1 r1\nc2 conv")


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("{op: conv, next: {op: activation}}", []),
        ("{op: conv, next: {op: norm}}", ["c1"]),
        ("{op: conv, next: {op: linear}}", ["c2"]),
        ("{op: norm, prev: {op: conv}}", ["n1"]),
        ("{op: norm, next: {op: conv, through: [activation]}}", []),
        ("{op: norm, next: {op: conv, through: [activation, dropout]}}", ["n1"]),
        ("{op: conv, prev: {op: norm, through: [activation, dropout]}}", ["c2"]),
        ("{op: conv, next: {op: norm, next: {op: activation}}}", ["c1"]),
        ("{op: conv, next: [{op: norm}, {op: activation}]}", []),
        ("{op: conv, not: {next: {op: norm}}}", ["c2"]),
        ("{op: conv, not: {next: [{op: norm}, {op: linear}]}}", []),
        ("{op: conv, below: {op: dropout}}", ["c1"]),
        ("{op: conv, below: {op: conv}}", ["c1"]),
        ("{op: conv, above: {op: conv}}", ["c2"]),
        ("{op: dropout, below: {op: norm, until: {op: linear}}}", []),
        ("{op: dropout, below: {op: linear, until: {op: linear}}}", ["d1"]),
        ("{op: dropout, below: {op: norm, until: {op: activation}}}", ["d1"]),
        ("{op: norm, above: {op: conv, until: {op: linear}}}", ["n1"]),
        ("{op: conv, not: {below: {op: dropout}}}", ["c2"]),
        ("{op: conv, any: [{next: {op: linear}}, {below: {op: dropout}}]}", ["c1", "c2"]),
    ],
)
def test_along_a_chain(pattern: str, wanted: list[str], tmp_path: Path) -> None:
    assert fired(tmp_path, f"match: {pattern}", CHAIN) == wanted


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("{op: conv, next: {op: norm, only: true}}", []),
        ("{op: conv, next: {op: norm}}", ["c1"]),
        ("{op: conv, next: [{op: norm}, {op: activation}]}", ["c1"]),
        ("{op: norm, prev: {op: conv, only: true}}", ["n1"]),
        ("{op: add, prev: {op: norm, only: true}}", []),
        ("{op: conv, below: {op: norm, until: {op: activation}}}", ["c1"]),
        ("{op: conv, below: {op: add, until: {op: activation}}}", ["c1"]),
        ("{op: conv, below: {op: add, until: {op: [activation, norm]}}}", []),
    ],
)
def test_at_a_fork(pattern: str, wanted: list[str], tmp_path: Path) -> None:
    assert fired(tmp_path, f"match: {pattern}", FORK) == wanted


def test_the_nearest_layer_is_the_witness(tmp_path: Path) -> None:
    net = draw("c conv\nn1 norm\nn2 norm\nend linear")
    rule = 'match: {op: %s, %s: {op: norm, as: found}}\nmessage: "{found.name}"'
    assert [hit.message for hit in check(tmp_path, rule % ("conv", "below"), net).hits] == ["n1"]
    assert [hit.message for hit in check(tmp_path, rule % ("linear", "above"), net).hits] == ["n2"]


def test_the_nearest_layer_over_branches(tmp_path: Path) -> None:
    net = draw("c conv\na norm < c\nb pointwise < c\nd norm < b\ne add < a d\nf norm")
    rule = 'match: {op: conv, below: {op: norm, as: found}}\nmessage: "{found.name}"'
    assert [hit.message for hit in check(tmp_path, rule, net).hits] == ["a"]


def test_the_nearest_neighbour_is_the_witness(tmp_path: Path) -> None:
    net = draw("c conv\na norm < c\nb norm < c\nend add < a b")
    rule = 'match: {op: %s, %s: {op: norm, as: found}}\nmessage: "{found.name}"'
    assert [hit.message for hit in check(tmp_path, rule % ("conv", "next"), net).hits] == ["a"]
    assert [hit.message for hit in check(tmp_path, rule % ("add", "prev"), net).hits] == ["b"]


def test_a_witness_is_the_first_that_fits_with_its_where(tmp_path: Path) -> None:
    net = draw("c conv\na norm num_features=4 < c\nb norm num_features=8 < c")
    rule = "match: {op: conv, next: {op: norm, where: 'num_features > 5', as: found}}\nmessage: \"{found.name}\""
    (hit,) = check(tmp_path, rule, net).hits
    assert hit.message == "b"
    assert [(each.label, each.layer) for each in hit.related] == [("found", "b")]


def test_witnesses_of_witnesses(tmp_path: Path) -> None:
    rule = 'match: {op: conv, next: {op: norm, as: n, next: {op: activation, as: a}}}\nmessage: "{n.name} {a.name}"'
    assert [hit.message for hit in check(tmp_path, rule, CHAIN).hits] == ["n1 r1"]


@pytest.mark.parametrize("between", ["i identity", "i copy", "i dropout p=0", "i drop_path p=0"])
def test_what_does_nothing_is_looked_through(between: str, tmp_path: Path) -> None:
    net = draw(f"c conv\n{between}\nn norm")
    assert fired(tmp_path, "match: {op: conv, next: {op: norm, only: true}}", net) == ["c"]
    assert fired(tmp_path, "match: {op: norm, prev: {op: conv, only: true}}", net) == ["n"]


def test_a_layer_that_is_asked_for_is_not_looked_through(tmp_path: Path) -> None:
    net = draw("c conv\ni dropout p=0\nn norm")
    assert fired(tmp_path, "match: {op: conv, next: {op: dropout}}", net) == ["c"]
    assert fired(tmp_path, "match: {op: conv, next: {op: [dropout, norm], through: [dropout]}}", net) == ["c"]


def test_a_dropout_that_works_is_not_looked_through(tmp_path: Path) -> None:
    assert fired(tmp_path, "match: {op: conv, next: {op: norm}}", draw("c conv\ni dropout p=0.1\nn norm")) == []


@pytest.mark.parametrize("net", ["c conv is_output=true\nn norm", "c conv\ni copy is_output=true\nn norm"])
def test_an_output_of_the_model_is_another_reader(net: str, tmp_path: Path) -> None:
    assert fired(tmp_path, "match: {op: conv, next: {op: norm, only: true}}", draw(net)) == []
    assert fired(tmp_path, "match: {op: conv, next: {op: norm}}", draw(net)) == ["c"]


def test_inside_of_blocks(tmp_path: Path) -> None:
    net = draw("a conv\nb conv\nc conv\n@outer residual: a b\n@inner mlp num_convs=1: a")
    assert fired(tmp_path, "match: {op: conv, inside: {type: attention}}", net) == []
    assert fired(tmp_path, "match: {op: conv, inside: {type: residual}}", net) == ["a", "b"]
    assert fired(tmp_path, "match: {op: conv, inside: [{type: residual}, {type: mlp}]}", net) == ["a"]
    assert fired(tmp_path, "match: {op: conv, not: {inside: {type: residual}}}", net) == ["c"]
    assert fired(tmp_path, "scope: block\nmatch: {inside: {type: residual}}", net) == ["inner"]
    assert fired(tmp_path, "match: {op: conv}\nwhere: block.type == 'mlp'", net) == ["a"]


def test_the_innermost_block_is_the_witness(tmp_path: Path) -> None:
    net = draw("a conv\nb conv\n@outer residual: a b\n@inner residual: a")
    rule = 'match: {op: conv, inside: {type: residual, as: around}}\nmessage: "{around.name}"'
    assert [hit.message for hit in check(tmp_path, rule, net).hits] == ["inner", "outer"]


def test_a_sequence(tmp_path: Path) -> None:
    rule = "scope: sequence\nsequence: [{as: a, op: conv}, {as: b, op: conv}]\nthrough: [norm, activation, dropout]\n"
    rule += 'where: "a.name != b.name"\nmessage: "{a.name} and {b.name}"'
    found = check(tmp_path, rule, CHAIN)
    assert [(hit.layer, hit.message) for hit in found.hits] == [("c1", "c1 and c2")]
    assert [related.layer for related in found.hits[0].related] == ["c2"]


def test_a_sequence_of_three(tmp_path: Path) -> None:
    rule = "scope: sequence\nsequence: [{op: norm}, {op: activation}, {op: dropout}]"
    assert fired(tmp_path, rule, CHAIN) == ["n1"]
    assert fired(tmp_path, rule.replace("dropout", "conv"), CHAIN) == []


def test_a_sequence_without_other_readers(tmp_path: Path) -> None:
    rule = "scope: sequence\nsequence: [{op: conv}, {op: norm}]"
    assert fired(tmp_path, rule, FORK) == ["c1"]
    assert fired(tmp_path, rule + "\nsingle_consumer: true", FORK) == []


MAYBE = draw("c conv\nn norm norm_type=?not_recorded\nl linear")


def test_a_candidate_that_might_fit(tmp_path: Path) -> None:
    reason = {"not recorded": ("c",)}
    assert unknown(tmp_path, "match: {op: conv, next: {op: norm, norm_type: batch}}", MAYBE) == reason
    assert unknown(tmp_path, "match: {op: conv, not: {next: {op: norm, norm_type: batch}}}", MAYBE) == reason
    assert unknown(tmp_path, "match: {op: conv, below: {op: norm, norm_type: batch}}", MAYBE) == reason
    assert unknown(tmp_path, "match: {op: conv, below: {op: linear, until: {norm_type: batch}}}", MAYBE) == reason


def test_one_that_fits_beside_one_that_might(tmp_path: Path) -> None:
    net = draw("c conv\nn norm norm_type=?x < c\nm norm norm_type=batch < c")
    assert fired(tmp_path, "match: {op: conv, next: {op: norm, norm_type: batch}}", net) == ["c"]
    assert fired(tmp_path, "match: {op: conv, below: {op: norm, norm_type: batch}}", net) == ["c"]


def test_conditions_on_a_witness_that_is_not_known(tmp_path: Path) -> None:
    rule = "match: {op: conv, next: {op: norm, norm_type: batch, as: bn}}\nwhere: %s"
    assert list(unknown(tmp_path, rule % "bn.eps > 0", MAYBE)) == ["not recorded"]
    assert fired(tmp_path, rule % "defined(in_channels)", MAYBE) == []


HIDDEN = draw("c conv\no opaque function=my_op\nl linear")


def test_what_an_opaque_layer_may_hide(tmp_path: Path) -> None:
    reason = {"o (my_op) is opaque: what it does is not known": ("c",)}
    assert fired(tmp_path, "match: {op: conv, below: {op: norm}}", HIDDEN) == []
    assert fired(tmp_path, "match: {op: conv, below: {op: linear}}", HIDDEN) == ["c"]
    assert unknown(tmp_path, "match: {op: conv, not: {below: {op: norm}}}", HIDDEN) == reason
    assert unknown(tmp_path, "match: {op: conv, not: {next: {op: norm}}}", HIDDEN) == reason
    assert fired(tmp_path, "match: {op: linear, not: {below: {op: norm}}}", HIDDEN) == ["l"]


def test_nothing_hides_behind_the_end_of_a_search(tmp_path: Path) -> None:
    net = draw("c conv\nl linear\no opaque function=my_op\nm linear")
    assert fired(tmp_path, "match: {op: conv, not: {below: {op: norm, until: {op: linear}}}}", net) == ["c"]


def test_layers_of_the_training_pass(tmp_path: Path) -> None:
    net = draw("d dropout active=false", training="d dropout active=true")
    assert fired(tmp_path, "match: {op: dropout, active: true}", net) == []
    assert fired(tmp_path, "mode: train\nmatch: {op: dropout, active: true}", net) == ["d"]


def test_a_training_pass_that_could_not_be_recorded(tmp_path: Path) -> None:
    net = draw("d dropout active=true", training=Unknown("batch of one"))
    assert unknown(tmp_path, "mode: train\nmatch: {op: dropout, active: true}", net) == {"batch of one": ()}


def test_a_long_chain_takes_one_sweep(tmp_path: Path) -> None:
    net = draw("\n".join(f"l{n} {'conv' if n % 2 else 'norm'}" for n in range(2000)) + "\nend linear")
    assert len(fired(tmp_path, "match: {op: conv, below: {op: linear, until: {op: attention}}}", net)) == 1000
