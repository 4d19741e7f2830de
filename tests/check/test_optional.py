"""Relations that need not hold: they only name a layer."""

from __future__ import annotations

from pathlib import Path

import pytest

from netadvise.check import load_rules
from netadvise.errors import RuleFileError
from tests.check.rulesheet import check, fired, pack, write
from tests.check.sketch import draw

RULE = "match: {op: conv, next: {op: norm, as: bn, optional: true}}\n"


def said(folder: Path, rule: str, facts: str) -> str:
    (hit,) = check(folder, rule, draw(facts)).hits
    return hit.message


def test_a_relation_that_is_not_optional_stays_silent(tmp_path: Path) -> None:
    assert fired(tmp_path, "match: {op: conv, next: {op: norm, as: bn}}", draw("c conv\na activation")) == []


def test_its_facts_do_not_apply_where_it_is_not(tmp_path: Path) -> None:
    facts = draw("c conv\na activation")
    assert fired(tmp_path, RULE + "where: 'bn.params > 0'", facts) == []
    assert fired(tmp_path, RULE + "where: 'not defined(bn.params)'", facts) == ["c"]
    assert said(tmp_path, RULE + "message: '{bn.name}'", "c conv\na activation") == "none"


def test_it_is_named_where_it_is(tmp_path: Path) -> None:
    assert said(tmp_path, RULE + "message: '{bn.name}'", "c conv\nn norm") == "n"
    assert fired(tmp_path, RULE + "where: 'bn.params > 0'", draw("c conv\nn norm params=4")) == ["c"]


def test_one_that_cannot_be_told_is_not_there(tmp_path: Path) -> None:
    rule = "match: {op: conv, next: {op: norm, affine: true, as: bn, optional: true}}\nmessage: '{bn.name}'"
    assert said(tmp_path, rule, "c conv\nn norm affine=?opaque") == "none"


@pytest.mark.parametrize(
    ("match", "text"),
    [
        ("{op: conv, next: {op: norm, optional: true}}", "an optional relation names a layer: give it `as`"),
        ("{op: conv, not: {next: {op: norm, optional: true}}}", "'optional' says nothing inside `not`"),
        ("{op: conv, optional: true}", "'optional' belongs inside `next`, `prev`, `below` or `above`"),
        ("{op: conv, next: {op: norm, as: self}}", "'self' is the layer itself"),
    ],
)
def test_refused(match: str, text: str, tmp_path: Path) -> None:
    with pytest.raises(RuleFileError) as raised:
        load_rules([write(tmp_path, pack(f"match: {match}"))])
    assert text in raised.value.message
