"""Rules about training probes: what cannot be told first."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netadvise.check import Evaluation
from netadvise.check.probes import probe_facts
from netadvise.facts import Fact
from netadvise.quantity import Unknown
from netadvise.vocabulary import PROBE
from tests.check.rulesheet import book, check, rule_of_probe
from tests.check.sketch import draw

values: st.SearchStrategy[Fact] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(), st.builds(Unknown, st.text())
)


def judged(folder: Path, rule: str, *, context: dict[str, str] | None = None, **facts: Fact) -> Evaluation:
    return check(folder, rule_of_probe(rule), probe_facts(facts), **(context or {}))


@given(st.dictionaries(st.sampled_from(sorted(PROBE)), values))
def test_what_is_left_out_is_unknown_and_what_is_given_stays(given: dict[str, Fact]) -> None:
    (probe,) = probe_facts(given).probes
    assert probe.kind == "probe"
    for name in PROBE:
        assert probe.get(name) == given.get(name, Unknown(f"{name}: not measured"))


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_not_finite_is_unknown(number: float) -> None:
    (probe,) = probe_facts({"train_loss": number}).probes
    assert probe.get("train_loss") == Unknown(f"it is {number}")


def test_a_name_that_no_rule_can_ask_for_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no name 'efect' \(did you mean 'effect'\?\)"):
        probe_facts({"efect": 1})


def test_there_is_no_network() -> None:
    facts = probe_facts({})
    assert facts.evaluation.layers == facts.modules == ()
    assert facts.model.facts == {}


def test_it_is_called_as_its_place(tmp_path: Path) -> None:
    assert [hit.layer for hit in judged(tmp_path, "where: effect > 0", effect=1, place="after a").hits] == ["after a"]
    assert [hit.layer for hit in judged(tmp_path, "where: effect > 0", effect=1, place=None).hits] == [""]


def test_what_was_not_measured_cannot_be_judged(tmp_path: Path) -> None:
    found = judged(tmp_path, "match: {about: arm}\nwhere: effect > delta", about="arm", effect=1)
    assert not found.hits
    assert [each.reason for each in found.not_evaluated] == ["delta: not measured"]
    unsaid = judged(tmp_path, "match: {about: arm}", effect=1)
    assert [each.reason for each in unsaid.not_evaluated] == ["about: not measured"]


def test_what_does_not_apply_is_judged(tmp_path: Path) -> None:
    found = judged(tmp_path, "where: effect > delta", effect=1, delta=None)
    assert found == Evaluation()
    asked = judged(tmp_path, "where: 'not defined(other_effect) and not known(delta)'", other_effect=None)
    assert len(asked.hits) == 1


def test_one_that_is_false_needs_no_other(tmp_path: Path) -> None:
    assert judged(tmp_path, "match: {about: arm}\nwhere: effect > delta", about="study") == Evaluation()


@pytest.mark.parametrize(
    ("rule", "hits"),
    [
        ("where: effect > delta", 1),
        ("where: effect > delta\nunless: p_value > opt.alpha\noptions: {alpha: 0.01}", 0),
        ("match: {stage: [screen, confirm], last_look: true}", 1),
        ("match: {any: [{stage: screen}, {effect: 0.5}], not: {about: study}}", 1),
        ("match: {place: 'after *', where: low > 0}", 1),
        ("let: {width: high - low}\nwhere: width > 0.5", 1),
        ("let: {width: high - low}\nwhere: width > 0.6", 0),
    ],
)
def test_conditions(rule: str, hits: int, tmp_path: Path) -> None:
    measured: dict[str, Fact] = {"about": "arm", "stage": "confirm", "place": "after a", "last_look": True}
    numbers: dict[str, Fact] = {"effect": 0.5, "delta": 0.1, "p_value": 0.02, "low": 0.25, "high": 0.8}
    found = judged(tmp_path, rule, **measured, **numbers)
    assert (len(found.hits), found.not_evaluated) == (hits, ())


def test_what_the_user_declares_counts(tmp_path: Path) -> None:
    rule = "where: task.type == 'regression'"
    assert len(judged(tmp_path, rule, context={"task__type": "regression"}).hits) == 1
    assert judged(tmp_path, rule, context={"task__type": "detection"}) == Evaluation()


def test_the_message_has_the_numbers(tmp_path: Path) -> None:
    (hit,) = judged(
        tmp_path, "where: effect > 0\nmessage: '{effect:.2f} over {seeds} seeds'", effect=0.256, seeds=8
    ).hits
    assert hit.message == "0.26 over 8 seeds"


def test_on_a_network_without_probes_it_never_fires(tmp_path: Path) -> None:
    assert check(tmp_path, rule_of_probe("where: 'known(effect) or not known(effect)'"), draw("a conv")) == Evaluation()


def test_what_it_comes_to(tmp_path: Path) -> None:
    rules = book(
        tmp_path,
        rule_of_probe("where: effect > 0"),
        rule_of_probe("where: effect > 0\ngate: CAPPED"),
        rule_of_probe("where: effect > 0\ngate: CRASHED\nends: true"),
    ).rules
    assert [(rule.verdict, rule.gate, rule.ends) for rule in rules] == [
        ("HELPS", "", False),
        ("", "CAPPED", False),
        ("", "CRASHED", True),
    ]
    assert {(rule.scope, rule.of_lint) for rule in rules} == {("probe", False)}


def test_its_examples_are_facts(tmp_path: Path) -> None:
    text = "tests: {fires: [{facts: {effect: 1, place: a, rate: null, budget_steps: 2K}}], silent: [{facts: {}}]}"
    (rule,) = book(tmp_path, rule_of_probe(f"where: effect > 0\n{text}")).rules
    (fires,), (silent,) = rule.examples.fires, rule.examples.silent
    assert (fires.net, fires.input) == ("", ())
    assert fires.facts == {"effect": 1, "place": "a", "rate": None, "budget_steps": 2000}
    assert silent.facts == {}
