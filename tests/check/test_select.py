"""Which rules a run applies: selectors that there are none of first."""

from __future__ import annotations

import pytest

from netadvise.check.select import Selectors, Step, selected, severities
from netadvise.errors import UsageError
from tests.check.lint_values import RULES, SETS

SELECTORS = Selectors(RULES, SETS)
DEFAULT = frozenset(SETS["default"])


@pytest.mark.parametrize(
    ("selector", "fragments"),
    [
        ("", ("no rule, prefix or set",)),
        ("NRM9", ("'NRM9'", "sets: ALL")),
        ("bias-before-batchnrm", ("did you mean 'bias-before-batchnorm'",)),
        ("nrm001", ("'nrm001'",)),
        ("recomended", ("did you mean 'recommended'",)),
    ],
)
def test_an_unknown_selector_is_refused_with_its_place(selector: str, fragments: tuple[str, ...]) -> None:
    with pytest.raises(UsageError) as caught:
        selected(SELECTORS, DEFAULT, [Step(ignore=(selector,), where="pyproject.toml:3")])
    said = f"{caught.value.message} {caught.value.hint}"
    assert said.startswith("pyproject.toml:3: ")
    assert all(fragment in said for fragment in fragments)


def test_without_a_selection_the_default_stays() -> None:
    assert selected(SELECTORS, DEFAULT, []) == DEFAULT
    assert selected(SELECTORS, DEFAULT, [Step()]) == DEFAULT


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (Step(select=("NRM001",)), {"NRM001"}),
        (Step(select=("bias-before-batchnorm",)), {"NRM001"}),
        (Step(select=("conv-bias",)), {"NRM001"}),
        (Step(select=("NRM",)), {"NRM001", "NRM002", "NRM010"}),
        (Step(select=("NRM00",)), {"NRM001", "NRM002"}),
        (Step(select=("gpu",)), {"GPU001"}),
        (Step(select=("recommended",)), {"NRM001"}),
        (Step(select=("ALL",)), {rule.id for rule in RULES}),
        (Step(extend=("gpu",)), {*DEFAULT, "GPU001"}),
        (Step(ignore=("NRM",)), {"DRP001"}),
        (Step(ignore=("ALL",)), set()),
        (Step(select=("ALL",), ignore=("NRM",)), {"DRP001", "GPU001"}),
        (Step(select=("NRM001",), ignore=("NRM",)), {"NRM001"}),
        (Step(select=("NRM00",), ignore=("NRM",)), {"NRM001", "NRM002"}),
        (Step(select=("NRM",), ignore=("NRM",)), set()),
        (Step(extend=("NRM010",), ignore=("NRM", "recommended")), {"DRP001", "NRM010"}),
        (Step(select=("ALL",), ignore=("recommended", "NRM00")), {"DRP001", "GPU001", "NRM010"}),
    ],
)
def test_one_selection(step: Step, expected: set[str]) -> None:
    assert selected(SELECTORS, DEFAULT, [step]) == expected


def test_a_later_selection_wins_whatever_it_names() -> None:
    steps = [Step(select=("NRM001",), ignore=("DRP001",)), Step(ignore=("NRM",), extend=("ALL",))]
    assert selected(SELECTORS, DEFAULT, steps) == {"DRP001", "GPU001"}
    assert selected(SELECTORS, DEFAULT, [Step(ignore=("ALL",)), Step(select=("gpu",))]) == {"GPU001"}


def test_severities_by_name() -> None:
    assert severities(SELECTORS, {"conv-bias": "error"}, "") == {"NRM001": "error"}
    with pytest.raises(UsageError, match="there is no rule 'NRM'"):
        severities(SELECTORS, {"NRM": "error"}, "")
