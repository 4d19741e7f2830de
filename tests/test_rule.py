"""The words of rules: the same as those of the nouns above them, which rules cannot import."""

from __future__ import annotations

from typing import get_args

from netadvise.evidence import GateName, Verdict
from netadvise.position import Group
from netadvise.rule import GATES, GROUPS, VERDICTS


def test_no_rule_says_that_an_arm_did_not_run() -> None:
    assert "NOT_RUN" not in VERDICTS
    assert (*VERDICTS, "NOT_RUN") == get_args(Verdict)


def test_rules_know_every_gate_and_every_group() -> None:
    assert get_args(GateName) == GATES
    assert get_args(Group) == GROUPS
