"""Rule files written for one test."""

from __future__ import annotations

import textwrap
from pathlib import Path

from netadvise.check import Evaluation, RuleBook, load_rules
from netadvise.facts import NetworkFacts
from netadvise.rule import Option

HEAD = "version: 1\nset: pack\nprefix: MY\nrules:\n"
USUAL = """\
id: MY001
name: the-rule
title: A rule
severity: warning
confidence: A
message: "found {name}"
why: Because.
refs: [algebra]
tests: {input: [3, 8, 8], fires: ["ReLU()"], silent: ["Tanh()"]}
"""


def write(folder: Path, text: str, name: str = "pack.yaml") -> Path:
    """A rule file with exactly this text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def pack(*rules: str) -> str:
    """The text of a file with these rules; what each leaves out is filled in with the usual."""
    entries = []
    for number, rule in enumerate(rules, 1):
        body = textwrap.dedent(rule).strip()
        given = {line.partition(":")[0] for line in body.splitlines()}
        usual = USUAL.replace("MY001", f"MY{number:03}").replace("the-rule", f"the-rule-{number}")
        rest = [line for line in usual.splitlines() if line.partition(":")[0] not in given]
        entries.append("  - " + "\n".join([*rest, *body.splitlines()]).replace("\n", "\n    "))
    return HEAD + "\n".join(entries) + "\n"


def rule_of_probe(text: str) -> str:
    """A rule about training probes that has these lines."""
    tests = "tests: {fires: [{facts: {effect: 1}}], silent: [{facts: {effect: 0}}]}"
    usual = {"message": 'message: "found"', "tests": tests, "verdict": "verdict: HELPS"}
    given = {line.partition(":")[0] for line in text.splitlines()} | ({"verdict"} if "gate:" in text else set())
    return "\n".join(["scope: probe", *(line for key, line in usual.items() if key not in given), text])


def book(folder: Path, *rules: str) -> RuleBook:
    """The rules, loaded."""
    return load_rules([write(folder, pack(*rules))])


def check(folder: Path, rule: str, facts: NetworkFacts, **context: Option) -> Evaluation:
    """One rule on one network."""
    loaded = book(folder, rule)
    declared = {name.replace("__", "."): value for name, value in context.items()}
    return loaded.evaluate([each.id for each in loaded.rules], facts, declared, {})


def fired(folder: Path, rule: str, facts: NetworkFacts, **context: Option) -> list[str]:
    """The layers at which one rule fires; everything must be known."""
    found = check(folder, rule, facts, **context)
    assert not found.not_evaluated
    return [hit.layer for hit in found.hits]


def unknown(folder: Path, rule: str, facts: NetworkFacts, **context: Option) -> dict[str, tuple[str, ...]]:
    """Why one rule cannot be told, and at which layers; nothing may fire."""
    found = check(folder, rule, facts, **context)
    assert not found.hits
    return {each.reason: each.layers for each in found.not_evaluated}
