"""Every edit that a rule gives on its own firing examples can be tried, and changes what the rule says it does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from netadvise.capture.nets import build_net
from netadvise.check import RuleBook, load_rules
from netadvise.check.book import rule_files
from netadvise.edit import Dropped, Tried, modules_of
from netadvise.facts import NetworkFacts
from netadvise.finding import Hit
from netadvise.rule import Example, Rule
from netadvise.rulepath import rules_directory
from netadvise.target import make_target
from netadvise.worker.facts import facts_of_module, facts_of_target
from netadvise.worker.trying import try_edits, try_target

BOOK: RuleBook = load_rules(rule_files(rules_directory()))
RULES = {rule.id: rule for rule in BOOK.rules if rule.has_edits}

SIZES_CHANGE = {
    "KER003": "its point: the maps behind a stem without strides are larger",
    "KER006": "an odd kernel centred by its padding gives one position more",
    "KER018": "its point: the constant frame around the map goes",
}
"""Rules whose edits give other maps than before, and why. All others keep every shape behind the last edited layer."""


@dataclass(frozen=True)
class Case:
    """One firing example."""

    rule: Rule
    example: Example

    @property
    def inline(self) -> bool:
        return "(" in self.example.net.partition(":")[0]

    @property
    def target(self) -> str:
        return str(Path(self.rule.location.file).parent / self.example.net)

    def facts(self) -> NetworkFacts:
        if self.inline:
            return facts_of_module(build_net(self.example.net), self.example.input)[1]
        return facts_of_target(make_target(self.target, self.example.input, (), "eval"))[1]

    def hits(self, facts: NetworkFacts) -> tuple[Hit, ...]:
        found = BOOK.evaluate([self.rule.id], facts, self.example.context, {self.rule.id: self.example.options})
        return tuple(hit for hit in found.hits if hit.edits)

    def tried(self, hits: tuple[Hit, ...]) -> tuple[Tried | Dropped, ...]:
        edits = [hit.edits for hit in hits]
        if self.inline:
            return try_edits(build_net(self.example.net), self.example.input, edits)
        return try_target(make_target(self.target, self.example.input, (), "eval"), edits)


def _cases() -> Iterator[object]:
    for rule in RULES.values():
        for number, example in enumerate(rule.examples.fires):
            yield pytest.param(Case(rule, example), id=f"{rule.id}-{number}")


def test_there_are_alternatives_of_every_grade() -> None:
    assert {rule.confidence for rule in RULES.values()} == {"A", "B", "C"}
    assert len(RULES) >= 20
    assert set(SIZES_CHANGE) <= set(RULES)


@pytest.mark.parametrize("case", list(_cases()))
def test_its_edits_do_what_it_says(case: Case) -> None:
    facts = case.facts()
    order = [layer.name for layer in facts.evaluation.layers]
    hits = case.hits(facts)
    assert hits, "no hit of a firing example carries edits"
    for hit, tried in zip(hits, case.tried(hits), strict=True):
        assert isinstance(tried, Tried), tried.reason
        _promised(hit, tried)
        if case.rule.id not in SIZES_CHANGE:
            last = max(order.index(modules_of(edit)) for edit in tried.edits)
            changed = [each.layer for each in tried.affected if each.what.startswith("output")]
            assert not [layer for layer in changed if order.index(layer) > last]


def _promised(hit: Hit, tried: Tried) -> None:
    effect = tried.effect
    promised = {name: hit.effect[name] for name in ("params", "macs") if name in hit.effect}
    assert {"params": effect.params, "macs": effect.macs}.items() >= promised.items()
    if "receptive_field" in hit.effect:
        assert isinstance(effect.receptive_field_here, tuple)
        assert max(effect.receptive_field_here, key=abs) == hit.effect["receptive_field"]


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_what_is_not_safe_says_why(rule: Rule) -> None:
    assert rule.fix is not None
    assert rule.fix.safety == "safe" or rule.fix.because


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_the_parameters_are_promised(rule: Rule) -> None:
    """Except where nothing is said because nothing changes."""
    assert "params: " in rule.effect or rule.id == "KER018"
