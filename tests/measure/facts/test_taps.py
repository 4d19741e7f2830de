"""Exact counts of one axis, against a window that visits every position."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from netadvise.measure.facts.taps import Slide, counts

SLIDES = st.builds(
    Slide,
    length=st.integers(1, 24),
    outputs=st.just(0),
    kernel=st.integers(1, 7),
    stride=st.integers(1, 6),
    padding=st.integers(0, 6),
    dilation=st.integers(1, 6),
)


def floored(slide: Slide, extra: int) -> Slide:
    """The same with as many outputs as torch gives, for padding of `extra` more behind."""
    span = slide.dilation * (slide.kernel - 1) + 1
    outputs = (slide.length + 2 * slide.padding + extra - span) // slide.stride + 1
    return Slide(slide.length, outputs, slide.kernel, slide.stride, slide.padding, slide.dilation)


def visited(slide: Slide, output: int) -> list[int | None]:
    """What each tap of one output meets: a position, or None in the padding."""
    places = [output * slide.stride - slide.padding + tap * slide.dilation for tap in range(slide.kernel)]
    return [place if 0 <= place < slide.length else None for place in places]


@settings(deadline=None, max_examples=200)
@given(SLIDES, st.integers(0, 2))
def test_every_count_is_what_visiting_all_positions_gives(shape: Slide, extra: int) -> None:
    slide = floored(shape, extra)
    assume(slide.outputs > 0)
    rows = [visited(slide, output) for output in range(slide.outputs)]
    read = {place for row in rows for place in row if place is not None}
    another = {place for place in visited(slide, slide.outputs) if place is not None} - read
    found = counts(slide)
    assert found.live_taps == sum(any(row[tap] is not None for row in rows) for tap in range(slide.kernel))
    assert found.data_products == sum(place is not None for row in rows for place in row)
    assert found.read == len(read)
    assert found.dropped == len(another)
    assert found.blind == sum(all(place is None for place in row) for row in rows)


def test_long_axes_are_not_counted_one_by_one() -> None:
    found = counts(Slide(length=10**9, outputs=10**9, kernel=3, stride=1, padding=1, dilation=1))
    assert (found.live_taps, found.read, found.data_products) == (3, 10**9, 3 * 10**9 - 2)
