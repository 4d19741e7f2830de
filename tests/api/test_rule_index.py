"""Rules and verdicts from the cache: when they must not come from there first."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from netadvise.api.rule_index import RuleIndex
from netadvise.cache import Cache
from netadvise.errors import UsageError
from netadvise.facts import NetworkFacts, Sheet, Subject
from netadvise.rulepath import rules_directory

RULE = """\
version: 1
set: house
prefix: MY
rules:
  - id: MY001
    name: many-params
    title: Too many parameters
    severity: warning
    confidence: A
    scope: model
    options: {most: 10}
    where: "params > opt.most"
    message: "{params} parameters"
    why: It is the rule of this house.
    refs: [algebra]
    tests: {input: [8], fires: ["Linear(8, 8)"], silent: ["ReLU()"]}
"""


def facts(params: int) -> NetworkFacts:
    return NetworkFacts(Subject("model", 0, "", None, None, {"params": params}), Sheet("eval", ()), Sheet("train", ()))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "house.yaml"
    path.write_text(RULE)
    os.utime(path, ns=(10**18, 10**18))
    return path


def index(file: Path) -> RuleIndex:
    return RuleIndex(rules_directory(), (file,), Cache(file.parent / "cache"))


def messages(file: Path, params: int, digest: str, most: int | None = None) -> list[str]:
    options = {} if most is None else {"MY001": {"most": most}}
    found = index(file).evaluate(["MY001"], facts(params), {}, options, digest=digest)
    return [hit.message for hit in found[0]]


def test_without_a_digest_nothing_is_kept(file: Path) -> None:
    assert messages(file, 5, "") == []
    assert messages(file, 20, "") == ["20 parameters"]


def test_other_facts_options_or_rules_are_evaluated_anew(file: Path) -> None:
    assert messages(file, 20, "a") == ["20 parameters"]
    assert messages(file, 30, "b") == ["30 parameters"]
    assert messages(file, 20, "a", most=25) == []
    assert index(file).evaluate([], facts(20), {}, {}, digest="a") == ((), ())
    file.write_text(RULE.replace("{params} parameters", "there are {params}"))
    os.utime(file, ns=(10**18, 10**18))
    assert messages(file, 20, "a") == ["there are 20"]


def test_the_same_comes_from_the_cache_and_is_equal(file: Path) -> None:
    first, second = index(file), index(file)
    assert first.rules == second.rules
    assert "_book" in vars(first)
    assert "_book" not in vars(second)
    assert first.sets.content == second.sets.content
    verdicts = first.evaluate(["MY001"], facts(20), {}, {}, digest="a")
    assert second.evaluate(["MY001"], facts(999), {}, {}, digest="a") == verdicts
    assert "_book" not in vars(second)


def test_options_are_checked_against_rules_from_the_cache(file: Path) -> None:
    index(file).rules  # noqa: B018
    assert index(file).checked({"many-params": {"most": "1K"}}) == {"MY001": {"most": 1000}}
    with pytest.raises(UsageError, match="has no option 'least'"):
        index(file).checked({"MY001": {"least": 1}})


def test_a_damaged_entry_is_written_anew(file: Path) -> None:
    rules = index(file).rules
    for entry in (file.parent / "cache").glob("*.entry"):
        entry.write_bytes(entry.read_bytes()[:-9])
    assert index(file).rules == rules
    assert "_book" not in vars(once := index(file)) and once.rules == rules
