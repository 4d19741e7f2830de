"""The shipped rules: each is complete, and does on its own examples what it promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from netadvise.api.rule_tests import run_rule_tests
from netadvise.check import load_rules
from netadvise.check.book import rule_files
from netadvise.check.sets import dated_sets, default_rules
from netadvise.rulepath import rules_directory

FOLDER = rules_directory()
RULES = load_rules(rule_files(FOLDER)).rules


@pytest.mark.parametrize("file", [file.name for file in rule_files(FOLDER)])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_every_example_of_every_rule(file: str) -> None:
    report = run_rule_tests([FOLDER / file])
    assert [(test.example.location, test.rule, test.outcome, test.detail) for test in report.failures] == []
    assert report.tests


def test_every_rule_has_evidence_and_both_kinds_of_example() -> None:
    for rule in RULES:
        assert rule.refs and rule.why and rule.examples.fires and rule.examples.silent, rule.id
    assert len(RULES) >= 140


def test_the_advice_set_is_of_grade_c() -> None:
    assert {rule.confidence for rule in RULES if rule.set == "advice"} == {"C"}


def test_every_rule_stands_in_its_dated_set() -> None:
    newest = dated_sets().of("2026.11")
    for name in {rule.set for rule in RULES}:
        assert set(newest[name]) == {rule.id for rule in RULES if rule.set == name}
    assert set(default_rules()) == {rule.id for rule in RULES if rule.set in ("correctness", "recommended")}


def test_no_text_names_a_source_that_was_not_given() -> None:
    for rule in RULES:
        for ref in rule.refs:
            assert ref.startswith(("https://", "algebra", "measured: ")), (rule.id, ref)


def test_nets_are_all_used() -> None:
    text = "".join(file.read_text() for file in rule_files(FOLDER))
    for net in Path(FOLDER / "nets").glob("*.py"):
        assert f"nets/{net.name}:" in text, net.name
