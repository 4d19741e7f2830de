"""`--fail-if`: texts that say nothing, what cannot be told, and then what holds."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netadvise.compare import condition, judged
from netadvise.comparison import Comparison, FindingChange, FindingPlace, FindingsDiff
from netadvise.errors import UsageError
from netadvise.quantity import Unknown
from netadvise.rule import Severity
from tests.compare.made import compare, conv, layer, net, relu, seen

GROWN = compare(net(conv("a"), conv("b")), net(conv("a"), conv("b"), conv("c", 1)))
ODD = layer("natten", "NeighborhoodAttention", macs=Unknown("no formula"))


def holds(text: str, found: Comparison = GROWN) -> bool | Unknown:
    (answer,) = judged([condition(text)], found)
    return answer.holds


def change(severity: Severity, status: str = "new", was: Severity | None = None, count: int = 1) -> FindingChange:
    places = tuple(FindingPlace("", f"layer.{number}", None, "said") for number in range(count))
    return FindingChange(status, "XYZ001", "some-rule", severity, was, "A", places)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not a quantity"),
        ("params", "is not a quantity"),
        ("params == 3", "is not a quantity"),
        ("params > five", "is not a quantity"),
        ("params > 5%%", "is not a quantity"),
        ("params > 5 % of it", "is not a quantity"),
        ("weights > 5", "there is no weights"),
        ("new_errors > +1", "new findings are counted"),
        ("new_errors > 5%", "new findings are counted"),
    ],
)
def test_what_is_no_condition_is_refused(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said.replace("+", r"\+")):
        condition(text)


def test_a_slip_gets_a_hint() -> None:
    with pytest.raises(UsageError) as caught:
        condition("param > 5")
    assert "Did you mean params?" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "amount", "relative", "difference"),
    [
        ("params > 5M", 5_000_000, False, False),
        ("macs>=1.5G", 1_500_000_000, False, False),
        ("macs <= +10k", 10_000, False, True),
        ("params < -2_000", -2000, False, True),
        ("params > 5%", Fraction(1, 20), True, True),
        ("params > +.5 %", Fraction(1, 200), True, True),
        ("params < -30%", Fraction(-3, 10), True, True),
        ("peak_memory > 512MB", 512_000_000, False, False),
        ("peak_memory > 2GiB", 2_000_000_000, False, False),
    ],
)
def test_amounts_are_read_exactly(text: str, amount: Fraction, relative: bool, difference: bool) -> None:
    found = condition(text)
    assert (found.amount, found.relative, found.difference) == (amount, relative, difference)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("params > 1216", False),
        ("params >= 1216", True),
        ("params > +64", False),
        ("params >= +64", True),
        ("params > +5%", True),
        ("params > +6%", False),
        ("params < -1%", False),
        ("layers > 2", True),
        ("receptive_field < 4", True),
        ("receptive_field > +0", False),
        ("new_errors > 0", False),
        ("saved_memory > +0%", True),
    ],
)
def test_a_condition_holds_or_does_not(text: str, answer: bool) -> None:
    assert holds(text) is answer


@given(st.integers(0, 10**12), st.sampled_from((">", ">=", "<", "<=")))
def test_a_condition_and_its_opposite_never_agree(amount: int, operator: str) -> None:
    opposite = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}[operator]
    assert holds(f"params {operator} {amount}") is not holds(f"params {opposite} {amount}")


def test_no_budget_is_met_by_a_guess() -> None:
    found = compare(net(conv("a")), net(conv("a"), ODD))
    for text in ("macs > 1T", "macs > +5%", "macs < -5%", "flops > +1"):
        assert isinstance(holds(text, found), Unknown)
    assert holds("params > +5%", found) is False


def test_a_difference_may_be_known_where_the_sums_are_not() -> None:
    found = compare(net(ODD, conv("a")), net(ODD, conv("a", 5)))
    assert holds("macs > +1", found) is True
    assert isinstance(holds("macs > +1%", found), Unknown)
    assert isinstance(holds("macs > 1", found), Unknown)


def test_costs_on_a_shape_that_netadvise_chose_are_not_compared() -> None:
    new = net(conv("a", 5), size=16)
    given, chosen = (replace(new, inputs=(replace(new.inputs[0], source=source),)) for source in ("given", "inferred"))
    assert isinstance(holds("macs > +5%", compare(net(conv("a")), chosen)), Unknown)
    assert holds("params > +5%", compare(net(conv("a")), chosen)) is True
    assert holds("macs > 1", compare(net(conv("a")), chosen)) is True
    assert holds("macs > +5%", compare(net(conv("a")), given)) is True


def test_from_nothing_to_something_is_more_than_any_share() -> None:
    assert holds("params > +1000%", compare(net(relu("a")), net(conv("a")))) is True


def test_a_field_fails_along_any_axis() -> None:
    wide = replace(seen(3), size=(3, 9))
    found = compare(net(conv("a")), net(conv("a", receptive_field=wide)))
    assert holds("receptive_field > +5", found) is True
    assert holds("receptive_field > 8", found) is True
    assert holds("receptive_field < -1", found) is False


def test_a_field_that_nobody_knows_cannot_be_told() -> None:
    lost = replace(seen(3), size=Unknown("no formula"))
    found = compare(net(conv("a")), net(conv("a", receptive_field=lost)))
    assert isinstance(holds("receptive_field > 8", found), Unknown)
    assert isinstance(holds("receptive_field > +8", found), Unknown)
    blind = compare(net(conv("a")), net(conv("a", receptive_field=None)))
    assert isinstance(holds("receptive_field > 8", blind), Unknown)


def test_new_findings_count_by_severity_and_by_place() -> None:
    changes = (change("error", count=2), change("warning", "fixed", "warning"), change("advice"))
    found = replace(GROWN, findings=FindingsDiff(changes))
    assert holds("new_errors > 1", found) is True
    assert holds("new_errors > 2", found) is False
    assert holds("new_warnings > 0", found) is False
    assert holds("new_findings >= 3", found) is True


def test_a_finding_that_became_worse_counts_as_new() -> None:
    worse = FindingsDiff((change("error", "regraded", "advice"),))
    milder = FindingsDiff((change("warning", "regraded", "error"),))
    assert holds("new_errors > 0", replace(GROWN, findings=worse)) is True
    assert holds("new_findings > 0", replace(GROWN, findings=milder)) is False


def test_rules_that_cannot_be_evaluated_may_hide_new_findings() -> None:
    hidden = FindingsDiff((), untold=(("XYZ002", "error"),))
    assert isinstance(holds("new_errors > 0", replace(GROWN, findings=hidden)), Unknown)
    assert holds("new_warnings > 0", replace(GROWN, findings=hidden)) is False
    some = replace(hidden, changes=(change("error"),))
    assert holds("new_errors > 0", replace(GROWN, findings=some)) is True


def test_findings_that_were_not_compared_cannot_be_told() -> None:
    found = replace(GROWN, findings=Unknown("it holds no facts"))
    assert isinstance(holds("new_errors > 0", found), Unknown)


def test_the_answer_says_what_was_compared() -> None:
    (answer,) = judged([condition(" params > +5% ")], GROWN)
    assert answer.condition.text == "params > +5%"
    assert answer.found == "1,152 -> 1,216, +5.56 %"
