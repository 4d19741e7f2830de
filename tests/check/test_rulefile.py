"""What is read from a rule file: the rule, its options, its tests, what it needs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from netadvise.check import load_rules
from netadvise.check.book import rule_files
from netadvise.check.functions import FUNCTIONS
from netadvise.check.layout import OURS
from netadvise.check.layout_patterns import NAME, SHAPES
from netadvise.check.names import RESERVED
from netadvise.errors import RuleFileError
from netadvise.rule import Example, Fix, Rule
from netadvise.vocabulary import VOCABULARY
from tests.check.rulesheet import HEAD, book, write

WHOLE = """
id: MY007
name: bias-before-batchnorm
aliases: [bias-before-bn]
title: The bias before a batch norm does nothing
since: "2026.11"
severity: advice
confidence: B
escalate: {warning: params > 10, error: "params >  1e3"}
mode: eval
needs: [batch]
options: {min_params: 25M}
match: {op: conv, bias: true, next: {op: norm, only: true, as: bn}}
let: {saved: out_channels}
where: [max(receptive_field) > 3, params > opt.min_params]
unless: [is_stem, train.pretrained]
once: first
message: "cancelled by {bn.name}: {saved}"
why: >
  One line
  and another.
refs: ["https://arxiv.org/abs/1502.03167"]
fix: {text: "bias=False", set_args: {bias: false}, safety: changes-weights, because: a key is lost}
effect: {params: "-out_channels", text: less}
tests:
  input: [3, 32, 32]
  context: {task.loss: MSELoss, task.target_shape: [1]}
  fires:
    - "Conv2d(3, 8, 3) | BatchNorm2d(8)"
    - {net: "nets/x.py:Net", input: ["1,3,8,8", "1,4"], layer: conv, context: {}, options: {min_params: 1K}}
  silent: ["ReLU()"]
  unknown: [{net: "Tanh()", input: "1,8"}]
"""


def rule_of(tmp_path: Path, text: str) -> Rule:
    (rule,) = book(tmp_path, text).rules
    return rule


def test_a_whole_rule(tmp_path: Path) -> None:
    rule = rule_of(tmp_path, WHOLE)
    assert (rule.id, rule.name, rule.set, rule.scope, rule.mode) == (
        "MY007",
        "bias-before-batchnorm",
        "pack",
        "layer",
        "eval",
    )
    assert (rule.severity, rule.confidence, rule.since, rule.aliases) == ("advice", "B", "2026.11", ("bias-before-bn",))
    assert rule.why == "One line and another."
    assert rule.fix == Fix("bias=False", {"bias": False}, "changes-weights", "a key is lost")
    assert rule.effect == "params: -out_channels; less"
    assert rule.options == {"min_params": 25_000_000}
    assert rule.needs == ("batch", "context", "receptive_field")
    assert rule.where == "(max(receptive_field) > 3) and (params > opt.min_params)"
    assert rule.unless == ("is_stem", "train.pretrained")
    assert rule.escalate == {"error": "params > 1e3", "warning": "params > 10"}
    assert (rule.location.line, rule.location.column) == (5, 5)


def test_its_tests(tmp_path: Path) -> None:
    examples = rule_of(tmp_path, WHOLE).examples
    first, second = examples.fires
    assert first.net == "Conv2d(3, 8, 3) | BatchNorm2d(8)"
    assert first.input == ("2,3,32,32",)
    assert first.context == {"task.loss": "MSELoss", "task.target_shape": (1,)}
    assert first.location is not None
    assert second == Example("nets/x.py:Net", ("1,3,8,8", "1,4"), {"min_params": 1000}, {}, "conv", second.location)
    assert [example.net for example in examples.silent] == ["ReLU()"]
    assert examples.unknown[0].input == ("1,8",)


def test_a_rule_on_the_training_pass_needs_it(tmp_path: Path) -> None:
    assert rule_of(tmp_path, "mode: train\nmatch: {op: dropout}").needs == ("train",)


def test_what_a_rule_needs_comes_from_every_part_of_it(tmp_path: Path) -> None:
    assert rule_of(tmp_path, "match: {op: conv}").needs == ()
    assert rule_of(tmp_path, "match: {op: conv, next: {jump: 2}}").needs == ("receptive_field",)
    assert rule_of(tmp_path, 'match: {op: conv}\nmessage: "{task.loss}"').needs == ("context",)
    assert rule_of(tmp_path, "scope: module\nmatch: {called: false}").needs == ("train",)


def test_rules_stand_in_order_of_id(tmp_path: Path) -> None:
    rules = book(tmp_path, "id: MY009\nmatch: {op: conv}", "id: MY003\nmatch: {op: conv}").rules
    assert [rule.id for rule in rules] == ["MY003", "MY009"]


def test_a_file_without_rules(tmp_path: Path) -> None:
    assert load_rules([write(tmp_path, HEAD.rstrip() + " []\n")]).rules == ()
    assert load_rules([]).rules == ()


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path, HEAD.rstrip() + " []\n")
    assert load_rules([path, path]).rules == ()


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("why: Because.", "a rule of scope layer needs match or where"),
        ("scope: sequence\nmatch: {op: conv}", "'match' is not for rules of scope sequence"),
        ("scope: sequence\nthrough: [norm]", "a rule of scope sequence needs sequence"),
        ("scope: module\nmatch: {op: conv}", "unknown key 'op' in match"),
        ("scope: model\nmatch: {next: {op: conv}}", "relations to other layers are for rules about layers"),
        ("scope: module\nmode: train\nmatch: {called: false}", "'mode' is not for rules of scope module"),
        ("scope: model\ncount: {convs: {op: conv}}\nat: pools\nwhere: convs > 1", "'pools' is not the name of a count"),
        ("scope: block\nmatch: {type: mlp}\nwhere: block.num_convs > 1", "this one is about a block"),
        ("match: {op: conv, next: {op: norm}}\nwhere: bn.eps > 1", "unknown name 'bn'"),
        ("match: {op: conv, not: {next: {op: norm, as: bn}}}\nwhere: bn.eps > 1", "unknown name 'bn'"),
        ("match: {op: conv, any: [{next: {op: norm, as: bn}}]}\nwhere: bn.eps > 1", "unknown name 'bn'"),
        ("match: {op: conv}\nlet: {x: bias}\nwhere: x > 1", "cannot compare condition with number"),
        ("match: {op: conv}\nlet: {x: '1'}\nescalate: {error: x}", "x is a number, not a condition"),
    ],
)
def test_what_makes_no_sense(rule: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(RuleFileError, match=re.escape(said)):
        book(tmp_path, rule)


def test_our_rules_load() -> None:
    from netadvise.rulepath import rules_directory

    load_rules(rule_files(rules_directory()))


def test_the_words_of_the_language_are_no_fields() -> None:
    """A field called `next` or `max` could never be asked for."""
    words = {*RESERVED, *FUNCTIONS, "next", "prev", "below", "above", "inside", "not", "any", "as", "where"}
    words |= {"until", "only", "through"}
    fields = {name for table, entries in VOCABULARY.items() if table != "context" for name in entries}
    assert not words & fields
    assert all(re.fullmatch(NAME, name) for name in fields)
    assert {"layer_match", "block_match", "module_match", "model_match"} <= set(SHAPES)
    assert "NRM" in OURS
