"""The rules of a run of `lint`: those of other commands stay out."""

from __future__ import annotations

from pathlib import Path

import pytest

from netadvise.api.rulebook import rulings
from netadvise.config import Config, ModelConfig, RuleSource, Selection
from netadvise.errors import UsageError
from tests.check.rulesheet import pack, rule_of_probe, write

PLAIN = "match: {op: conv}"
OFFER = "match: {op: conv}\nposition: {offer: conv, variant: Dropout2d, rates: [0.1]}"
PROBE = rule_of_probe("where: effect > 0")


def of_lint(folder: Path, *select: str) -> set[str]:
    """The rules of the pack that lint applies to a model."""
    file = write(folder, pack(PLAIN, OFFER, PROBE))
    own = Selection(select, (), (), "here")
    command = Config(rules=(RuleSource(str(file), Path(), "rules"),), selections=(own,))
    rules = rulings(Config(), command).for_lint(ModelConfig(name="m", target="m")).rules
    return {rule for rule in rules if rule.startswith("MY")}


def test_rules_about_dropout_are_off_though_their_file_is_on(tmp_path: Path) -> None:
    assert of_lint(tmp_path) == {"MY001"}


@pytest.mark.parametrize("selector", ["pack", "MY", "MY00", "ALL"])
def test_no_set_and_no_prefix_turns_them_on(selector: str, tmp_path: Path) -> None:
    assert of_lint(tmp_path, selector) == {"MY001"}


def test_one_position_may_be_looked_at(tmp_path: Path) -> None:
    assert of_lint(tmp_path, "MY002") == {"MY002"}
    assert of_lint(tmp_path, "MY", "the-rule-2") == {"MY001", "MY002"}


def test_a_probe_is_refused_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="here: 'MY003' selects rules about what training probes measured"):
        of_lint(tmp_path, "MY003")
