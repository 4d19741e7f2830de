"""Sequences laid side by side: nothing first, then the best of all alignments, by trying them all."""

from __future__ import annotations

from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from netadvise.compare.align import Scale, align

TABLE = Scale[str](
    ord, lambda item: "", lambda one, other: (one == other) * 3 + (one.lower() == other.lower()), str.__eq__
)
WORDS = st.text(alphabet="abAB", max_size=6)


def score(old: str, new: str, pairs: list[tuple[int, int]]) -> int:
    return sum(TABLE.score(old[one], new[other]) for one, other in pairs)


def best(old: str, new: str) -> int:
    """Over every alignment there is."""
    most = 0
    for count in range(min(len(old), len(new)) + 1):
        for left in combinations(range(len(old)), count):
            for right in combinations(range(len(new)), count):
                most = max(most, score(old, new, list(zip(left, right, strict=True))))
    return most


def test_nothing_aligns_with_nothing() -> None:
    assert align("", "", TABLE) == []
    assert align("ab", "", TABLE) == []


def test_what_scores_nothing_is_no_pair() -> None:
    assert align("a", "b", TABLE) == []


def test_what_was_put_in_is_left_over() -> None:
    assert align("abc", "abxc", TABLE) == [(0, 0), (1, 1), (2, 3)]


@given(WORDS, WORDS)
def test_no_alignment_scores_more(old: str, new: str) -> None:
    pairs = align(old, new, TABLE)
    assert all(one[0] < two[0] and one[1] < two[1] for one, two in pairwise(pairs))
    assert score(old, new, pairs) == best(old, new)


def test_sequences_too_long_to_weigh_are_aligned_step_by_step() -> None:
    old = [str(number) for number in range(3000)]
    new = ["x", *old[:1500], "y", *old[1501:], "z"]
    scale = Scale[str](hash, str, lambda one, other: int(one == other), str.__eq__)
    pairs = align(["a", *old], ["b", *new], scale)
    assert all(["a", *old][one] == ["b", *new][other] for one, other in pairs)
    assert len(pairs) == 2999
