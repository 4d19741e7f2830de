"""`explain` and the lists of rules: every format against its golden file, and read back."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from netadvise.render.explain import EXPLAIN_FORMATS
from netadvise.render.rule_pages import FACTS as FACTS_PAGE
from netadvise.render.rule_pages import INDEX, facts_page, rule_pages
from netadvise.render.rules import HEADER, RULE_LISTS
from netadvise.rule import Example, Examples, Offer, Rule
from netadvise.vocabulary import fields
from tests.render.lint_sample import BIAS, RULES
from tests.render.test_lint_formats import HOSTILE

GOLDEN = Path(__file__).parents[1] / "golden"
FACTS = Path(__file__).parents[2] / "docs" / "facts.md"
DEFAULT = {"NRM001", "DRP012"}
EXPLAINED = [("explain.txt", "text"), ("explain.md", "markdown"), ("explain.json", "json")]
LISTED = [("rules.txt", "text"), ("rules.md", "markdown"), ("rules.json", "json")]


def full() -> Rule:
    """A rule with something in every field."""
    more = {"where": "params_share >= opt.min_share", "unless": ("is_stem", "known(task.pretrained)")}
    return replace(BIAS, needs=("train", "context"), escalate={"error": "params > 1e6"}, **more)


def explained(kind: str, rule: Rule, width: int | None = 80) -> str:
    render = EXPLAIN_FORMATS.get(kind)
    assert render is not None
    return render(rule, True, width)


def listed(kind: str, rules: tuple[Rule, ...] = RULES, width: int | None = None) -> str:
    render = RULE_LISTS.get(kind)
    assert render is not None
    return render(rules, DEFAULT, width)


def golden(name: str, text: str, regild: bool) -> None:
    if regild:
        (GOLDEN / name).write_text(text, encoding="utf-8")
    assert text == (GOLDEN / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "kind"), EXPLAINED)
def test_an_explanation_is_its_golden_file(name: str, kind: str, regild: bool) -> None:
    golden(name, explained(kind, full()), regild)


@pytest.mark.parametrize(("name", "kind"), LISTED)
def test_a_list_is_its_golden_file(name: str, kind: str, regild: bool) -> None:
    golden(name, listed(kind), regild)


def test_a_section_without_content_is_left_out() -> None:
    text = explained("text", RULES[0])
    assert "Options" not in text
    assert "Examples" not in text
    assert "\nWhen\n" not in text


@pytest.mark.parametrize("kind", list(EXPLAIN_FORMATS))
def test_an_explanation_holds_what_the_rule_says(kind: str) -> None:
    text = explained(kind, full(), None)
    for part in (BIAS.id, BIAS.name, BIAS.message, BIAS.refs[0], "the state_dict loses a key".replace("_", "")):
        assert part.replace("_", "") in text.replace("\\", "").replace("_", "")
    assert "Conv2d(3, 8, 3, bias=False) | BatchNorm2d(8)" in text


@pytest.mark.parametrize("kind", list(EXPLAIN_FORMATS))
def test_a_hostile_rule_stays_text(kind: str) -> None:
    bad = replace(BIAS, title=HOSTILE, message=HOSTILE, why=HOSTILE, refs=(HOSTILE,), aliases=(HOSTILE,))
    for text in (explained(kind, bad), listed(kind, (bad,))):
        assert all(sign.isprintable() or sign == "\n" for sign in text)
        text.encode("utf-8")


@pytest.mark.parametrize(
    ("offer", "said"),
    [
        (Offer("refuse"), "none may stand after it"),
        (Offer("refuse", on="before"), "none may stand before it"),
        (Offer("offer", "conv", "Dropout2d", "", (0.1,)), "Dropout2d at 0.1 after it, group conv"),
        (
            Offer("offer", "head", "Dropout", "", (0.5, 0.3, 0.2), "before"),
            "Dropout at 0.5, 0.3 or 0.2 before it, group",
        ),
        (Offer("offer", "recurrent", "", "dropout", (0.3, 0.5)), "dropout=0.3 or 0.5, group recurrent"),
    ],
)
def test_a_position_says_what_it_is_to_dropout(offer: Offer, said: str) -> None:
    rule = replace(BIAS, position=offer)
    text = explained("text", rule)
    assert f"dropout:     {said}" in text
    assert "set:         recommended, for suggest-dropout" in text
    assert "To ignore it" not in text
    assert json.loads(explained("json", rule))["position"]["kind"] == offer.kind


def test_a_rule_about_probes_says_what_it_comes_to() -> None:
    fires = Example("", (), facts={"about": "arm", "effect": 0.5, "rate": None})
    rule = replace(BIAS, scope="probe", gate="CAPPED", ends=True, examples=Examples((fires,), (Example("", ()),)))
    text = explained("text", rule)
    assert "looks at:    what training probes measured" in text
    assert "comes to:    CAPPED, and ends what it is about" in text
    assert "fires on   about=arm, effect=0.5, rate=null" in text
    assert "silent on  nothing measured" in text
    assert "To ignore it" not in text
    document = json.loads(explained("json", rule))
    assert (document["verdict"], document["gate"], document["ends"]) == ("", "CAPPED", True)
    assert document["examples"]["fires"][0]["facts"] == fires.facts


def test_a_terminal_is_not_overrun_by_prose() -> None:
    long = replace(full(), why="word " * 100, examples=RULES[0].examples, where="", unless=())
    assert max(map(len, explained("text", long, 60).splitlines())) <= 60
    assert max(map(len, listed("text", RULES, 60).splitlines())) <= 60


def test_json_lists_every_rule_whole() -> None:
    rules = json.loads(listed("json"))["rules"]
    assert [rule["id"] for rule in rules] == [rule.id for rule in RULES]
    assert [rule["id"] for rule in rules if rule["default"]] == ["DRP012", "NRM001"]
    assert json.loads(explained("json", BIAS))["examples"]["silent"][1]["context"] == {"task.loss": "MSE"}


def test_a_table_has_its_columns() -> None:
    hostile = replace(BIAS, title="a | b", name="a|b")
    for line in listed("markdown", (*RULES, hostile)).splitlines():
        assert len(re.findall(r"(?<!\\)\|", line)) == len(HEADER) + 1


def test_there_is_a_page_for_every_rule_and_an_index_that_leads_to_it() -> None:
    pages = rule_pages(RULES, DEFAULT)
    for rule in RULES:
        assert f"# {rule.id} {rule.name}" in pages[f"{rule.id}.md"]
        assert f"[{rule.id}]({rule.id}.md)" in pages[INDEX]
    assert pages[FACTS_PAGE] == facts_page()


def test_the_page_of_facts_is_current(regild: bool) -> None:
    if regild:
        FACTS.write_text(facts_page(), encoding="utf-8")
    assert FACTS.read_text(encoding="utf-8") == facts_page(), "make regild writes it"


def test_the_page_of_facts_has_every_fact() -> None:
    text = facts_page()
    for table, field in fields():
        section = text.split(f"\n## {table}\n")[1].split("\n## ")[0]
        assert f"\n| `{field.name}` | {field.type} | {field.source} |" in section
