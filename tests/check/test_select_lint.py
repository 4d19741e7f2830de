"""What `lint` leaves to another command: nothing of it runs unasked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from netadvise.check.select import Selectors, Step, selected
from netadvise.check.select_lint import check_for_lint, other_commands
from netadvise.errors import UsageError
from netadvise.rule import Offer
from tests.check.lint_values import RULES, SETS, rule

OFFER = replace(rule("DRP101", "dropout-behind-linear", family="positions"), position=Offer("offer", "hidden"))
REFUSAL = replace(rule("DRP201", "no-dropout-before-norm", family="positions"), position=Offer("refuse"))
PROBE = replace(rule("PRB001", "dropout-helps", family="dropout"), scope="probe", verdict="HELPS")
ALL = (*RULES, OFFER, REFUSAL, PROBE)
APART = {"DRP101", "DRP201", "PRB001"}
SELECTORS = Selectors(ALL, {**SETS, "positions": ("DRP101", "DRP201"), "dropout": ("PRB001",)})


def chosen(base: set[str], *steps: Step) -> frozenset[str]:
    return selected(SELECTORS, base, steps, other_commands(ALL))


def test_they_are_the_rules_about_positions_and_probes() -> None:
    assert other_commands(ALL) == APART


def test_a_set_that_is_on_does_not_turn_them_on() -> None:
    assert chosen({"NRM001", *APART}) == {"NRM001"}


@pytest.mark.parametrize("selector", ["DRP", "ALL"])
def test_a_wide_selector_passes_them_over(selector: str) -> None:
    assert chosen(set(), Step(select=(selector,))) & APART == frozenset()
    assert "DRP001" in chosen(set(), Step(extend=(selector,)))
    check_for_lint(SELECTORS, selector, "")


@pytest.mark.parametrize("selector", ["DRP101", "dropout-behind-linear"])
def test_one_that_is_named_is_on(selector: str) -> None:
    assert chosen({"NRM001"}, Step(extend=(selector,))) == {"NRM001", "DRP101"}
    assert chosen({"NRM001"}, Step(extend=(selector,)), Step(ignore=("DRP1",))) == {"NRM001"}
    check_for_lint(SELECTORS, selector, "")


def test_without_rules_apart_every_selector_counts() -> None:
    assert selected(SELECTORS, (), [Step(select=("positions", "PRB"))]) == APART


@pytest.mark.parametrize("selector", ["PRB001", "dropout-helps", "dropout", "PRB"])
def test_lint_refuses_rules_about_probes(selector: str) -> None:
    with pytest.raises(UsageError, match=f"pyproject.toml: '{selector}' selects rules about what training probes"):
        check_for_lint(SELECTORS, selector, "pyproject.toml: ")


@pytest.mark.parametrize("selector", ["positions", "DRP1", "DRP2"])
def test_lint_refuses_what_would_select_nothing(selector: str) -> None:
    with pytest.raises(UsageError, match=f"'{selector}' selects rules about places for dropout") as raised:
        check_for_lint(SELECTORS, selector, "")
    assert ("DRP201" if selector == "DRP2" else "DRP101") in raised.value.hint
