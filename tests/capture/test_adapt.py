from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netadvise.capture.adapt import SizeSearch, revisions
from netadvise.capture.blueprint import Argument, Blueprint, Slot, describe


def _image(*shape: int) -> Blueprint:
    return (Argument("x", Slot(shape, free=tuple(range(2, len(shape))))),)


SILENT = [
    ("bad day", "a message without numbers"),
    ("expected input[1, 7, 9, 9] to have 3 channels, but got 7 channels instead", "about a tensor inside the model"),
    ("Expected 5, got 4", "no axis of the input has 4"),
]


@pytest.mark.parametrize(("text", "reason"), SILENT)
def test_a_message_about_something_else_suggests_nothing(text: str, reason: str) -> None:
    fixed = (Argument("x", Slot((1, 3, 8, 8))),)
    assert list(revisions(fixed, text, SizeSearch())) == [], reason


SUGGESTIONS = [
    ((1, 3, 28, 28), "expected input[1, 3, 28, 28] to have 1 channels, but got 3 channels", "x=1x1x28x28 float32"),
    ((1, 3, 28, 28), "mat1 and mat2 shapes cannot be multiplied (1x256 and 400x120)", "x=1x3x32x32 float32"),
    ((1, 3, 224, 224), "shape '[-1, 400]' is invalid for input of size 44944", "x=1x3x16x16 float32"),
    ((1, 3, 8, 8), "Kernel size can't be greater than actual input size", "x=1x3x16x16 float32"),
    ((1, 3, 224, 224), "Input height (224) doesn't match model (384).", "x=1x3x384x384 float32"),
    ((1, 3, 225, 225), "the size must be divisible by 32", "x=1x3x224x224 float32"),
    ((1, 3, 8, 8), "Expected more than 1 value per channel when training", "x=2x3x8x8 float32"),
    ((1, 1, 8, 8), "Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: [1, 1, 1, 8, 8]",
     "x=1x8x8 float32"),
]  # fmt: skip


@pytest.mark.parametrize(("shape", "text", "suggestion"), SUGGESTIONS)
def test_a_message_suggests_another_input(shape: tuple[int, ...], text: str, suggestion: str) -> None:
    assert describe(next(revisions(_image(*shape), text, SizeSearch()))) == suggestion


def test_two_slots_are_changed_together_then_alone() -> None:
    pair = (Argument("a", Slot((1, 4))), Argument("b", Slot((1, 4))))
    found = [describe(item) for item in revisions(pair, "(1x4 and 7x8)", SizeSearch())]
    assert found[:3] == [
        "a=1x7 float32, b=1x7 float32",
        "a=1x7 float32, b=1x4 float32",
        "a=1x4 float32, b=1x7 float32",
    ]


@given(st.integers(8, 900), st.integers(0, 6), st.sampled_from([1, 2, 4, 8]), st.sampled_from([28, 32, 224]))
def test_the_search_finds_a_size_that_fits(size: int, border: int, stride: int, start: int) -> None:
    def arriving(tried: int) -> int:
        return (max(0, tried - border) // stride) ** 2

    wanted = arriving(size)
    search, tried = SizeSearch(), start
    for _ in range(24):
        if arriving(tried) == wanted or wanted == 0:
            return
        proposed = search.next_size(tried, arriving(tried), wanted)
        assert proposed is not None
        tried = proposed
    pytest.fail(f"still at {tried}, wanted {size}")
