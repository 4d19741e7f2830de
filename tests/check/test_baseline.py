"""The baseline: files that are none first, then what it hides, what is gone, and its text."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from netadvise.check.baseline import Baseline, accepted, baseline_of, read_baseline, stale
from netadvise.errors import UsageError
from netadvise.finding import Suppression
from tests.check.lint_values import DRP1, NRM1, hit


def everything(_: object) -> bool:
    return True


def entry(text: str) -> str:
    return f'{{"schema": "netadvise.baseline/1", "findings": [{text}]}}'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not a baseline"),
        ("[]", "schema is None"),
        ('{"schema": "netadvise.baseline/9"}', "'netadvise.baseline/9'"),
        ('{"schema": "netadvise.baseline/1"}', "entry 0"),
        (entry('{"rule": "NRM001", "layer": "a"}'), "entry 0"),
        (entry('{"model": "m", "rule": "R", "layer": "a", "count": 0}'), "entry 0"),
        (entry('{"model": "m", "rule": "R", "layer": "a", "count": true}'), "entry 0"),
    ],
)
def test_what_is_no_baseline(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_baseline(text, "old.json")


def test_an_empty_baseline_hides_nothing() -> None:
    hits = (hit(NRM1, "a"),)
    assert accepted(Baseline(), "m", hits, "") == hits
    assert read_baseline(Baseline().to_json(), "x") == Baseline()


def test_as_many_hits_as_it_holds_of_that_model_rule_and_layer() -> None:
    held = Baseline({("m", "NRM001", "a"): 1, ("other", "DRP001", "a"): 5})
    found = accepted(held, "m", [hit(NRM1, "a"), hit(NRM1, "a"), hit(NRM1, "b"), hit(DRP1, "a")], "old")
    assert [item.suppression for item in found] == [Suppression("baseline", "old"), None, None, None]


def test_what_a_comment_hides_is_not_written_down() -> None:
    commented = accepted(Baseline({("m", "NRM001", "a"): 1}), "m", [hit(NRM1, "a")], "")
    assert baseline_of({"m": commented}).counts == {("m", "NRM001", "a"): 1}
    inline = replace(hit(NRM1, "a"), suppression=Suppression("inline", ""))
    assert baseline_of({"m": (inline,)}) == Baseline()


NOW = Baseline({("m", "NRM001", "a"): 1, ("m", "NRM001", "new"): 1})
OLD = Baseline({("m", "NRM001", "a"): 2, ("m", "DRP001", "gone"): 1, ("n", "DRP001", "x"): 3})


def judged(key: tuple[str, str, str]) -> bool:
    return key[0] == "m"


def test_update_takes_in_what_is_new_and_keeps_what_was_not_judged() -> None:
    assert OLD.updated(NOW, judged).counts == {**NOW.counts, ("n", "DRP001", "x"): 3}


def test_prune_takes_nothing_in() -> None:
    pruned = read_baseline(OLD.pruned(NOW, judged).to_json(), "x")
    assert pruned.counts == {("m", "NRM001", "a"): 1, ("n", "DRP001", "x"): 3}


def test_what_is_gone() -> None:
    assert NOW.gone(NOW, everything) == {}
    assert OLD.gone(NOW, judged) == {("m", "DRP001", "gone"): 1, ("m", "NRM001", "a"): 1}
    assert stale({}, "old.json") == ()
    (finding,) = stale(OLD.gone(NOW, judged), "old.json")
    assert (finding.rule, finding.severity, len(finding.hits)) == ("NA004", "advice", 2)
    assert str(finding.location) == "old.json:1"


def test_the_text_is_in_order_and_comes_back_the_same() -> None:
    text = OLD.to_json()
    assert text == Baseline(dict(reversed(OLD.counts.items()))).to_json()
    assert read_baseline(text, "x") == OLD
    assert [list(entry.values()) for entry in json.loads(text)["findings"]] == [
        ["m", "DRP001", "gone", 1],
        ["m", "NRM001", "a", 2],
        ["n", "DRP001", "x", 3],
    ]
    assert text.count("\n") == 8
