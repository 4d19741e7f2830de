"""From the facts of probes to gates and a verdict, by rules.

Every gate that holds is told. Of the verdicts that hold the first in order of rule id is given; INCONCLUSIVE and
UNCLEAR stand behind all others. A gate that ends, of the arm or of its study, leaves no other verdict than these.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from netadvise.check.book import RuleBook
from netadvise.check.probes import probe_facts
from netadvise.evidence import Gate, GateName, Verdict
from netadvise.facts import Fact, Facts
from netadvise.finding import Hit, NotEvaluated
from netadvise.quantity import Unknown
from netadvise.rule import Option, Rule

Options = Mapping[str, Mapping[str, Option]]
"""Changes to the options of rules, by rule id, checked."""

_UNDECIDED: Mapping[str, Verdict] = {
    "baseline": "NOT_RUN",
    "screen": "UNCLEAR",
    "rate": "UNCLEAR",
    "confirm": "INCONCLUSIVE",
}
"""What is said at a stage when nothing can be said."""
SHARE = ("PRB021", "share")
"""The option with the share of the baseline's spread over seeds that delta is not less than."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules make of one arm."""

    verdict: Verdict
    reason: str
    rule: str
    """The rule that gave it; empty where none did."""
    gates: tuple[Gate, ...] = ()
    """Of this arm, in order of rule id."""
    unjudged: tuple[NotEvaluated, ...] = ()
    """Rules whose facts were not measured."""


def judged(book: RuleBook, facts: Facts, options: Options, study: Iterable[Gate] = ()) -> Judgement:
    """The verdict on an arm, from the facts of one look at it; `study` are the gates of its study."""
    hits, unjudged = _hits(book, facts, options)
    gates = _gates(book, hits)
    undecided = _UNDECIDED.get(str(facts.get("stage")), "INCONCLUSIVE")
    barred = next((gate for gate in (*study, *gates) if gate.ends), None)
    if barred is not None:
        return Judgement(undecided, f"{barred.name}: {barred.message}", barred.rule, gates, unjudged)
    verdicts = [hit for hit in hits if book.compiled[hit.rule].rule.verdict]
    decided = [hit for hit in verdicts if book.compiled[hit.rule].rule.verdict not in _UNDECIDED.values()]
    for hit in (decided or verdicts)[:1]:
        verdict = cast(Verdict, book.compiled[hit.rule].rule.verdict)
        return Judgement(verdict, hit.message + _because(facts.get("effect")), hit.rule, gates, unjudged)
    return Judgement(undecided, "no rule gives a verdict", "", gates, unjudged)


def gates_of(book: RuleBook, facts: Facts, options: Options) -> tuple[Gate, ...]:
    """The gates of a study, or of an arm, in order of rule id."""
    return _gates(book, _hits(book, facts, options)[0])


def setting(book: RuleBook, options: Options, rule: str, name: str) -> float:
    """A number among the options of a rule, as changed; raises `KeyError` where the book has no such option."""
    value = options.get(rule, {}).get(name, book.compiled[rule].rule.options[name])
    return float(cast(float, value))


def _hits(book: RuleBook, facts: Facts, options: Options) -> tuple[list[Hit], tuple[NotEvaluated, ...]]:
    chosen = [rule.id for rule in book.rules if rule.scope == "probe"]
    found = book.evaluate(chosen, probe_facts(facts), {}, options)
    return list(found.hits), found.not_evaluated


def _gates(book: RuleBook, hits: Iterable[Hit]) -> tuple[Gate, ...]:
    rules: list[tuple[Rule, Hit]] = [(book.compiled[hit.rule].rule, hit) for hit in hits]
    return tuple(Gate(cast(GateName, rule.gate), hit.message, rule.id, rule.ends) for rule, hit in rules if rule.gate)


def _because(effect: Fact) -> str:
    return f": {effect.reason}" if isinstance(effect, Unknown) else ""
