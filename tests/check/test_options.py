"""Options that users change."""

from __future__ import annotations

from pathlib import Path

import pytest

from netadvise.check import RuleBook
from netadvise.errors import UsageError
from tests.check.rulesheet import book
from tests.check.sketch import draw

RULE = """
aliases: [an-older-name]
options: {limit: 25M, strict: false, kind: conv, share: 0.5}
match: {op: conv}
where: params > opt.limit
"""


@pytest.fixture
def rules(tmp_path: Path) -> RuleBook:
    return book(tmp_path, RULE)


def test_the_defaults(rules: RuleBook) -> None:
    assert rules.rules[0].options == {"limit": 25_000_000, "strict": False, "kind": "conv", "share": 0.5}
    assert rules.check_options({}) == {}


@pytest.mark.parametrize("word", ["MY001", "the-rule-1", "an-older-name"])
def test_a_rule_by_id_and_by_name(word: str, rules: RuleBook) -> None:
    assert rules.check_options({word: {"limit": 3}}) == {"MY001": {"limit": 3}}


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("limit", "25M", 25_000_000),
        ("limit", "1.5G", 1_500_000_000),
        ("limit", "1e6", 1_000_000),
        ("limit", 0.5, 0.5),
        ("share", "0.25", 0.25),
        ("strict", True, True),
        ("strict", "true", True),
        ("strict", "false", False),
        ("kind", "linear", "linear"),
    ],
)
def test_a_value(name: str, value: object, wanted: object, rules: RuleBook) -> None:
    assert rules.check_options({"MY001": {name: value}}) == {"MY001": {name: wanted}}


@pytest.mark.parametrize(
    ("word", "name", "value", "said"),
    [
        ("MY002", "limit", 1, r"unknown rule 'MY002' \(did you mean 'MY001'\?\)"),
        ("MY001", "limt", 1, r"MY001 the-rule-1 has no option 'limt' \(did you mean 'limit'\?\)"),
        ("MY001", "limit", "many", "option MY001.limit is a number, not 'many'"),
        ("MY001", "limit", True, "is a number, not True"),
        ("MY001", "limit", "99999999T", "is a number"),
        ("MY001", "limit", float("nan"), "is a number, not nan"),
        ("MY001", "limit", float("inf"), "is a number, not inf"),
        ("MY001", "limit", [1], "is a number"),
        ("MY001", "strict", "yes", "MY001.strict is true or false, not 'yes'"),
        ("MY001", "strict", 1, "is true or false, not 1"),
        ("MY001", "kind", 3, "is a text, not 3"),
    ],
)
def test_what_is_refused(word: str, name: str, value: object, said: str, rules: RuleBook) -> None:
    with pytest.raises(UsageError, match=said):
        rules.check_options({word: {name: value}})


def test_options_decide(rules: RuleBook) -> None:
    net = draw("c conv params=100")
    assert not rules.evaluate(["MY001"], net, {}, {}).hits
    assert rules.evaluate(["MY001"], net, {}, {"MY001": {"limit": 10}}).hits
    assert not rules.evaluate(["MY001"], net, {}, {"MY002": {"limit": 10}}).hits
