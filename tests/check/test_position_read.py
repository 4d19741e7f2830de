"""Offers and refusals of dropout, read from rules; what is wrong with them stands in `hostile_positions`."""

from __future__ import annotations

from pathlib import Path

import pytest

from netadvise.rule import Offer, Rule
from tests.check.rulesheet import book, fired
from tests.check.sketch import draw


def rule(folder: Path, text: str) -> Rule:
    return book(folder, text).rules[0]


def offer(folder: Path, text: str, match: str = "{op: conv}") -> Offer | None:
    return rule(folder, f"match: {match}\nposition: {text}").position


def test_a_rule_without_a_position_is_for_lint(tmp_path: Path) -> None:
    plain = rule(tmp_path, "match: {op: conv}")
    assert plain.position is None
    assert plain.of_lint


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{refuse: true}", Offer("refuse")),
        ("{refuse: true, on: before}", Offer("refuse", on="before")),
        ("{offer: conv, variant: Dropout2d, rates: [0.1]}", Offer("offer", "conv", "Dropout2d", "", (0.1,))),
        (
            "{offer: head, variant: Dropout, rates: [0.5, 2e-1], on: before}",
            Offer("offer", "head", "Dropout", "", (0.5, 0.2), "before"),
        ),
    ],
)
def test_a_position(text: str, expected: Offer, tmp_path: Path) -> None:
    assert offer(tmp_path, text) == expected
    assert not rule(tmp_path, f"match: {{op: conv}}\nposition: {text}").of_lint


@pytest.mark.parametrize(
    "match",
    [
        "{type: [LSTM, GRU]}",
        "{op: rnn}",
        "{op: [conv, rnn]}",
        "{type: MultiheadAttention}",
        "{op: attention}",
        "{type: '*Block'}",
        "{bias: true}",
    ],
)
def test_any_argument_of_classes_that_are_not_listed(match: str, tmp_path: Path) -> None:
    found = offer(tmp_path, "{offer: recurrent, argument: dropout, rates: [0.3, 0.5]}", match)
    assert found == Offer("offer", "recurrent", "", "dropout", (0.3, 0.5))


@pytest.mark.parametrize("match", ["{op: dropout}", "{type: [Dropout, Dropout2d]}"])
def test_a_rate_of_classes_that_are(match: str, tmp_path: Path) -> None:
    found = offer(tmp_path, "{offer: hidden, argument: p, rates: [0.3]}", match)
    assert found is not None
    assert found.argument == "p"


def test_it_fires_as_other_rules_do(tmp_path: Path) -> None:
    facts = draw("a conv\nb norm\nc conv")
    text = "match: {op: conv, not: {next: {op: norm}}}\nposition: {offer: conv, variant: Dropout2d, rates: [0.1]}"
    assert fired(tmp_path, text, facts) == ["c"]
