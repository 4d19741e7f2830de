"""Which suggestions are trained: none first, then those that are no first choice, then too many."""

from __future__ import annotations

from netadvise.edit import SetArgs
from netadvise.study import Dose
from netadvise.suggest.kernel_arms import MOST, first_choices, kernel_arms
from tests.suggest.made import rule, suggestion


def test_without_suggestions_there_is_no_arm() -> None:
    assert kernel_arms(first_choices((), thumbs=True)) == ()


def test_only_first_choices_are_trained_and_rules_of_thumb_only_where_they_are_named() -> None:
    first, other = suggestion("a", rule("KER102", "B")), suggestion("a", rule("KER103", "A"), best=False)
    thumb = suggestion("b", rule("KER106", "C"))
    assert first_choices((first, other, thumb), thumbs=False) == [first]
    assert first_choices((first, other, thumb), thumbs=True) == [first, thumb]


def test_an_arm_makes_the_edits_of_its_suggestion_and_has_no_rate() -> None:
    edits = (SetArgs("a", {"kernel_size": 3}), SetArgs("b", {"kernel_size": 3}))
    (arm,) = kernel_arms([suggestion("a", layers=("a", "b"), edits=edits, said="kernel_size=3")])
    assert (arm.place, arm.places, arm.variant) == ("a (+1 more)", ("a", "b"), "kernel_size=3")
    assert arm.doses == (Dose(None, edits),)
    assert not arm.upstream_of_batchnorm


def test_no_more_are_trained_than_can_be_told_apart() -> None:
    assert len(kernel_arms([suggestion(f"layer{number}") for number in range(MOST + 3)])) == MOST
