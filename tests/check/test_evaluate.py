"""From conditions to hits: severity, effect, once, unless, context, timings."""

from __future__ import annotations

from pathlib import Path

import pytest

from netadvise.facts import Fact
from tests.check.rulesheet import book, check, fired, unknown
from tests.check.sketch import draw

NET = draw(
    "a conv params=100 out_channels=8 bias=true\nb conv params=2000 out_channels=16\nc conv params=?no_formula",
    params=10,
)


def test_nothing_fires_where_nothing_fits(tmp_path: Path) -> None:
    assert fired(tmp_path, "match: {op: norm}", NET) == []
    assert fired(tmp_path, "match: {op: conv, params: 100}\nwhere: params > 100", draw("a conv params=100")) == []


def test_a_hit(tmp_path: Path) -> None:
    (hit,) = check(tmp_path, "match: {op: conv, bias: true}\neffect: {params: '-out_channels', text: less}", NET).hits
    assert (hit.rule, hit.layer, hit.severity, hit.message, hit.call) == ("MY001", "a", "warning", "found a", 0)
    assert (hit.location and hit.location.line) == 10
    assert hit.effect == {"params": -8, "text": "less"}


def test_an_effect_that_cannot_be_told_is_left_out(tmp_path: Path) -> None:
    (hit,) = check(tmp_path, "match: {op: conv, bias: true}\neffect: {params: groups, macs: '1.5'}", NET).hits
    assert hit.effect == {"macs": 1.5}


def test_severity(tmp_path: Path) -> None:
    rule = "severity: advice\nmatch: {op: conv}\nescalate: {warning: params > 50, error: params > 1000}"
    found = check(tmp_path, rule, NET)
    assert [(hit.layer, hit.severity) for hit in found.hits] == [("a", "warning"), ("b", "error"), ("c", "advice")]


def test_conditions(tmp_path: Path) -> None:
    assert [hit.layer for hit in check(tmp_path, "match: {op: conv}\nwhere: params > 50", NET).hits] == ["a", "b"]
    assert [hit.layer for hit in check(tmp_path, "match: {op: conv}\nunless: params > 500", NET).hits] == ["a"]
    assert fired(tmp_path, "match: {op: conv}\nwhere: [params > 50, defined(bias)]", NET) == ["a"]


def test_what_is_not_known_is_told_with_its_layers(tmp_path: Path) -> None:
    found = check(tmp_path, "match: {op: conv}\nwhere: params > 50", NET)
    assert [(each.rule, each.name, each.reason, each.layers) for each in found.not_evaluated] == [
        ("MY001", "the-rule-1", "no formula", ("c",))
    ]


@pytest.mark.parametrize(
    "rule",
    [
        "match: {op: conv}\nwhere: [params > 50, out_channels > 5]\nunless: bias",
        "match: {op: conv, params: 100}\nunless: bias",
        "match: {op: conv, params: 100}\nwhere: not bias",
    ],
)
def test_what_is_not_known_does_not_matter_where_something_else_decides(rule: str, tmp_path: Path) -> None:
    assert fired(tmp_path, rule, draw("c conv params=?x bias=true out_channels=8")) == []


def test_reasons_are_told_one_by_one(tmp_path: Path) -> None:
    net = draw("a conv params=?x\nb conv params=?y\nc conv params=?x")
    assert unknown(tmp_path, "match: {op: conv}\nwhere: params > 3", net) == {"x": ("a", "c"), "y": ("b",)}


def test_once(tmp_path: Path) -> None:
    net = draw("a conv\nb conv")
    assert fired(tmp_path, "match: {op: conv}", net) == ["a", "b"]
    assert fired(tmp_path, "match: {op: conv}\nonce: first", net) == ["a"]


@pytest.mark.parametrize(
    ("condition", "declared", "wanted"),
    [
        ("task.loss == 'MSELoss'", {}, {"task.loss is not declared": ("a",)}),
        ("not train.pretrained", {}, ["a"]),
        ("not train.pretrained", {"train__pretrained": True}, []),
        ("task.loss == 'MSELoss'", {"task__loss": "MSELoss"}, ["a"]),
        ("task.loss == 'MSELoss'", {"task__loss": "L1Loss"}, []),
        ("known(task.loss) and task.loss == 'MSELoss'", {}, []),
        ("len(task.target_shape) == 2", {"task__target_shape": (3, 4)}, ["a"]),
    ],
)
def test_context(condition: str, declared: dict[str, str], wanted: Fact, tmp_path: Path) -> None:
    ask = unknown if isinstance(wanted, dict) else fired
    assert ask(tmp_path, f'match: {{op: conv}}\nwhere: "{condition}"', draw("a conv"), **declared) == wanted


def test_lets_come_one_after_the_other(tmp_path: Path) -> None:
    rule = (
        'match: {op: conv}\nlet: {twice: 2 * params, more: twice + 1, big: more > 100}\nwhere: big\nmessage: "{more}"'
    )
    found = check(tmp_path, rule, draw("a conv params=10\nb conv params=100"))
    assert [hit.message for hit in found.hits] == ["201"]


def test_only_the_rules_that_were_asked_for(tmp_path: Path) -> None:
    rules = book(tmp_path, "match: {op: conv}", "match: {op: conv}")
    timings: dict[str, float] = {}
    found = rules.evaluate(["MY002"], draw("a conv"), {}, {}, timings)
    assert [hit.rule for hit in found.hits] == ["MY002"]
    assert list(timings) == ["MY002"]
    assert rules.evaluate([], draw("a conv"), {}, {}).hits == ()


def test_an_empty_network(tmp_path: Path) -> None:
    rules = book(tmp_path, "match: {op: conv}", "scope: model\nwhere: params > 3", "scope: block\nmatch: {type: mlp}")
    found = rules.evaluate([rule.id for rule in rules.rules], draw(""), {}, {})
    assert (found.hits, found.not_evaluated) == ((), ())
