"""Suppressions: comments that suppress nothing first, then where a comment counts, then `layer-ignores`."""

from __future__ import annotations

import pytest

from netadvise.check.select import Selectors
from netadvise.check.suppress import Suppressor
from netadvise.config import LayerIgnore
from netadvise.errors import UsageError
from netadvise.finding import Finding, Suppression
from netadvise.graph import Location
from tests.check.lint_values import DRP1, NRM1, RULES, SETS, hit

SELECTORS = Selectors(RULES, SETS)

CODE = """\
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 8, 3){first}
        self.b = nn.Conv2d({second}
            8,{third}
            8,
            3,
        ){fourth}
        {alone}
        self.c = nn.Conv2d(8, 8, 3)


class Other(nn.Module):
    def __init__(self):
        self.a = nn.Conv2d(3, 8, 3){other}
"""
BLANK = dict.fromkeys(("first", "second", "third", "fourth", "other"), "") | {"alone": "# nothing"}
PLACES = {"a": Location("net.py", 7, 18), "b": Location("net.py", 8, 18), "c": Location("net.py", 14, 18)}
JUDGED = frozenset(rule.id for rule in RULES)


def suppressor(code: str, *ignores: LayerIgnore) -> Suppressor:
    return Suppressor({"net.py": code}, ignores, SELECTORS)


def net(**comments: str) -> str:
    return CODE.format(**BLANK | comments)


def suppressed(found: Suppressor) -> set[str]:
    """The layers at which NRM001 is suppressed."""
    hits = found.apply([hit(NRM1, layer, place) for layer, place in PLACES.items()])
    return {item.layer for item in hits if item.suppression is not None}


def problems(found: Suppressor, *, whole: bool = True) -> list[tuple[str, str, str]]:
    told = found.problems(JUDGED, PLACES.values(), whole=whole)
    return [(item.rule, str(item.location), item.message) for item in told]


@pytest.mark.parametrize(
    "comments",
    [
        {},
        {"first": "  # netadvise: ignore"},
        {"first": "  # netadvise: ignore[]"},
        {"first": "  # netadvise: ignore(NRM001)"},
        {"first": "  # netadvise: ignroe[NRM001]"},
        {"first": "  # netadvise: ignore[NRM002] another rule"},
        {"first": "  # netadvise: ignore[NRM] a prefix is no rule"},
        {"first": "  # a netadvise ignore[NRM001] without its colon"},
        {"other": "  # netadvise: ignore[NRM001] in another class"},
        {"first": '; """# netadvise: ignore[NRM001] in a text"""'},
    ],
)
def test_what_suppresses_nothing(comments: dict[str, str]) -> None:
    assert suppressed(suppressor(net(**comments))) == set()


@pytest.mark.parametrize(
    ("comments", "layers"),
    [
        ({"first": "  # netadvise: ignore[NRM001] checkpoints"}, {"a"}),
        ({"first": "  # netadvise:ignore[ conv-bias ,DRP001]"}, {"a"}),
        ({"first": "  # noqa: E501  # NetAdvise: Ignore[bias-before-batchnorm] why"}, {"a"}),
        ({"second": "  # netadvise: ignore[NRM001]"}, {"b"}),
        ({"third": "  # netadvise: ignore[NRM001]"}, {"b"}),
        ({"fourth": "  # netadvise: ignore[NRM001]"}, {"b"}),
        ({"alone": "# netadvise: ignore[NRM001]"}, {"c"}),
        ({"alone": "# netadvise: ignore[NRM001]\n        # more about it"}, set()),
    ],
)
def test_any_line_of_the_call_or_the_line_above_it(comments: dict[str, str], layers: set[str]) -> None:
    assert suppressed(suppressor(net(**comments))) == layers


def test_several_comments_may_stand_above() -> None:
    code = "# netadvise: ignore[NRM001] a\n# and so on\nx = make()\n"
    found = suppressor(code).apply([hit(NRM1, "x", Location("net.py", 3, 5))])
    assert found[0].suppression == Suppression("inline", "a", Location("net.py", 1, 1))


def test_columns_are_characters() -> None:
    code = 'größe = "ä"; a = f(\n    1)  # netadvise: ignore[NRM001] b\n'
    found = suppressor(code).apply([hit(NRM1, "x", Location("net.py", 1, 18)), hit(NRM1, "y", Location("net.py", 1))])
    assert [item.suppression is not None for item in found] == [True, True]


def test_a_class_is_suppressed_at_its_head() -> None:
    code = "class Net(\n    Base,\n):  # netadvise: ignore[NRM001]\n    x = 1\n"
    found = suppressor(code).apply([hit(NRM1, "", Location("net.py", 1, 1)), hit(NRM1, "", Location("net.py", 4, 5))])
    assert [item.suppression is not None for item in found] == [True, False]


def test_code_that_cannot_be_parsed_still_has_comments() -> None:
    found = suppressor("x = f()  # netadvise: ignore[NRM001]\nif (:\n").apply(
        [hit(NRM1, "x", Location("net.py", 1, 5))]
    )
    assert found[0].suppression is not None


def test_no_complaint_about_a_comment_that_is_good_for_something() -> None:
    found = suppressor(net(first="  # netadvise: ignore[NRM001] why"))
    assert suppressed(found) == {"a"}
    assert problems(found) == []


@pytest.mark.parametrize("whole", [True, False])
def test_a_comment_without_a_rule_or_with_a_misspelt_one_is_always_a_problem(whole: bool) -> None:
    found = suppressor(net(first="  # netadvise: ignore", alone="# netadvise: ignore[NRM01]"))
    suppressed(found)
    assert problems(found, whole=whole) == [
        ("NA002", "net.py:7", "it names no rule, so it suppresses nothing: write netadvise: ignore[ID] and the reason"),
        ("NA003", "net.py:13", "there is no rule 'NRM01' (did you mean 'NRM010'?)"),
    ]


def test_an_unused_comment_is_a_problem_where_the_network_was_built() -> None:
    text = "  # netadvise: ignore[DRP001, NRM001] both"
    found = suppressor(net(first=text, other=text))
    suppressed(found)
    assert problems(found) == [("NA001", "net.py:7", "DRP001 dropout-before-batchnorm does not fire here: remove it")]
    assert problems(found, whole=False) == []


def test_a_rule_that_was_not_judged_is_no_unused_suppression() -> None:
    found = suppressor(net(first="  # netadvise: ignore[NRM001]"))
    assert found.problems(frozenset((DRP1.id,)), PLACES.values(), whole=True) == ()


IGNORE = LayerIgnore("backbone.*", ("NRM", "DRP001"), "weights of others", Location("pyproject.toml", 9))


def test_layers_of_the_configuration() -> None:
    found = suppressor("", IGNORE)
    hits = found.apply([hit(NRM1, "backbone.conv"), hit(DRP1, "backbone.drop"), hit(NRM1, "head")])
    assert [item.suppression for item in hits] == [
        Suppression("config", "weights of others", IGNORE.location),
        Suppression("config", "weights of others", IGNORE.location),
        None,
    ]
    assert found.problems(JUDGED, (), whole=True) == ()


def test_an_entry_that_fits_nothing_is_a_problem_of_a_whole_run() -> None:
    found = suppressor("", IGNORE)
    found.apply([hit(NRM1, "head")])
    assert found.problems(JUDGED, (), whole=False) == ()
    (told,) = found.problems(JUDGED, (), whole=True)
    assert isinstance(told, Finding)
    assert (told.rule, str(told.location)) == ("NA001", "pyproject.toml:9")


def test_an_unknown_rule_of_an_entry_is_a_mistake_of_the_configuration() -> None:
    with pytest.raises(UsageError, match=r"pyproject\.toml:9: no rule, prefix or set is called 'NRX'"):
        suppressor("", LayerIgnore("*", ("NRX",), "why", Location("pyproject.toml", 9)))
