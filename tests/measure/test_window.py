"""Windows as an algebra: composition, union and canonical form against plain sets of taps."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netadvise.measure.receptive_windows import (
    adaptive,
    cubic_taps,
    filter_taps,
    gathered,
    grouped,
    linear_taps,
    nearest,
    sampled,
    shifted,
    spread,
    strided,
    transposed,
)
from netadvise.measure.window import IDENTITY, MOST_PHASES, Span, Window, canonical, constant
from netadvise.quantity import Unknown

windows = st.one_of(
    st.builds(strided, st.integers(1, 5), st.integers(1, 4), st.integers(0, 3), st.integers(1, 3)),
    st.builds(transposed, st.integers(2, 6), st.integers(1, 2), st.integers(0, 3)),
    st.builds(adaptive, st.integers(1, 12), st.integers(1, 12)),
    st.builds(spread, st.integers(1, 4)),
    st.builds(gathered, st.integers(1, 4)),
    st.builds(shifted, st.integers(-3, 3)),
    st.builds(lambda f: sampled(f, False, linear_taps), st.fractions(Fraction(1, 4), 3, max_denominator=5)),
)
solid = windows.filter(lambda window: all(span and span.step == 1 for span in window.spans))
same_pace = st.tuples(
    st.integers(1, 3), st.lists(st.tuples(st.integers(-4, 4), st.integers(0, 5)), min_size=1, max_size=4)
)


Spans = tuple[int, list[tuple[int, int]]]


def of_pace(given: Spans) -> Window:
    """A window that moves `shift` inputs per output."""
    shift, spans = given
    moved = tuple(Span(o * shift + first, o * shift + first + size) for o, (first, size) in enumerate(spans))
    return canonical(shift * len(spans), moved)


def known(found: Window | Unknown) -> Window:
    assert not isinstance(found, Unknown)
    return found


def spans_of(window: Window, count: int = 24) -> list[tuple[int, int] | None]:
    found = [window.at(output) for output in range(-count, count)]
    return [(span.first, span.last) if span else None for span in found]


class TestUnknown:
    def test_branches_of_different_jump_have_no_window(self) -> None:
        found = strided(3, 2).union(sampled(Fraction(27, 13), False, linear_taps))
        assert found == Unknown("branches of jump 2 and 27/13 meet")

    def test_a_period_beyond_the_limit_is_given_up(self) -> None:
        found = adaptive(1009, 1013).after(adaptive(1013, 1019))
        assert isinstance(found, Unknown)
        assert "units" in found.reason

    def test_a_union_whose_common_period_is_too_long_is_given_up(self) -> None:
        one, other = (canonical(n, tuple(Span(o, o + (o == 0)) for o in range(n))) for n in (61, 67))
        assert MOST_PHASES < 61 * 67
        assert isinstance(one.union(other), Unknown)


class TestComposition:
    @given(windows)
    def test_the_identity_changes_only_gaps(self, window: Window) -> None:
        assert spans_of(known(window.after(IDENTITY))) == spans_of(window)
        assert spans_of(known(IDENTITY.after(window))) == spans_of(window)

    @given(windows, windows)
    def test_it_is_the_hull_of_what_the_taps_read(self, later: Window, earlier: Window) -> None:
        composed = known(later.after(earlier))
        for output in range(-8, 8):
            taps = later.at(output)
            read = [earlier.at(tap) for tap in taps.taps] if taps else []
            ends = [(span.first, span.last) for span in read if span]
            span = composed.at(output)
            expected = (min(lo for lo, _ in ends), max(hi for _, hi in ends)) if ends else None
            assert (span and (span.first, span.last)) == expected

    @given(solid, solid, solid)
    def test_it_is_associative(self, third: Window, second: Window, first: Window) -> None:
        left = known(known(third.after(second)).after(first))
        right = known(third.after(known(second.after(first))))
        assert left == right

    @given(windows, windows)
    def test_jumps_multiply(self, later: Window, earlier: Window) -> None:
        assert known(later.after(earlier)).jump == later.jump * earlier.jump


class TestUnion:
    @given(same_pace, same_pace)
    def test_it_is_commutative_and_holds_both(self, one: Spans, other: Spans) -> None:
        a, b = of_pace(one), of_pace((one[0], other[1]))
        union = known(a.union(b))
        assert union == known(b.union(a))
        for output in range(-6, 6):
            whole, left, right = union.at(output), a.at(output), b.at(output)
            assert whole and left and right
            assert (whole.first, whole.last) == (min(left.first, right.first), max(left.last, right.last))

    @given(st.integers(1, 3), st.lists(same_pace, min_size=3, max_size=3))
    def test_it_is_associative(self, pace: int, drawn: list[Spans]) -> None:
        a, b, c = (of_pace((pace, spans)) for _, spans in drawn)
        assert known(known(a.union(b)).union(c)) == known(a.union(known(b.union(c))))

    @given(windows)
    def test_it_is_idempotent(self, window: Window) -> None:
        assert window.union(window) == window

    def test_branches_out_of_line_give_more_than_the_larger(self) -> None:
        assert known(strided(3).union(strided(3, before=2))) == Window(1, (Span(-2, 2),))


class TestForm:
    @given(windows, st.integers(1, 4))
    def test_the_canonical_period_is_the_smallest(self, window: Window, times: int) -> None:
        spans = tuple(window.at(output) for output in range(window.period * times))
        again = canonical(window.shift * times, spans)
        assert spans_of(again) == spans_of(window)
        assert again.period <= window.period

    @given(windows, st.integers(-9, 9))
    def test_moving_renumbers_the_outputs(self, window: Window, by: int) -> None:
        assert [window.moved(by).at(output) for output in range(9)] == [window.at(output + by) for output in range(9)]

    def test_sizes_over_a_period(self) -> None:
        window = known(strided(3, before=1).after(transposed(3, 2, 1)))
        assert (window.size, window.smallest, window.jump) == (3, 2, Fraction(1, 2))

    def test_outputs_that_read_nothing_have_size_zero(self) -> None:
        assert transposed(2, 3, 0).smallest == 0

    def test_a_constant_window_does_not_move(self) -> None:
        assert constant(0, 9).at(1000) == Span(0, 9)


@pytest.mark.parametrize(
    ("window", "spans", "reason"),
    [
        (strided(3, 2, 1), [(-1, 1), (1, 3), (3, 5)], "stride and padding move, the kernel widens"),
        (strided(3, 1, 2, 2), [(-2, 2), (-1, 3), (0, 4)], "dilation widens"),
        (transposed(4, 2, 1), [(-1, 0), (0, 1), (0, 1)], "kernel 4, stride 2: always two taps"),
        (transposed(2, 3, 0), [(0, 0), (0, 0), None], "kernel below stride: every third output is blind"),
        (spread(2), [(0, 0), (0, 0), (1, 1)], "pixel shuffle"),
        (gathered(2), [(0, 1), (2, 3), (4, 5)], "pixel unshuffle"),
        (adaptive(48, 7), [(0, 6), (6, 13), (13, 20)], "windows of 7 and 8"),
        (grouped(1, 3), [(0, 2), (0, 2), (0, 2)], "a block of three"),
        (grouped(2, 2), [(0, 2), (1, 3), (0, 2)], "every second position of a block of four"),
        (sampled(Fraction(1, 2), False, linear_taps), [(-1, 0), (0, 1), (0, 1)], "twice, between positions"),
        (sampled(Fraction(1, 3), False, linear_taps), [(-1, 0), (0, 0), (0, 1)], "thrice: the middle is on a position"),
        (sampled(Fraction(4), False, linear_taps), [(1, 2), (5, 6), (9, 10)], "down by 4 without a filter skips"),
        (sampled(Fraction(4), False, filter_taps(Fraction(4))), [(-2, 5), (2, 9), (6, 13)], "down by 4 with a filter"),
        (sampled(Fraction(5, 9), True, linear_taps), [(0, 0), (0, 1), (1, 2)], "corners aligned"),
        (sampled(Fraction(1, 2), False, cubic_taps), [(-2, 1), (-1, 2), (-1, 2)], "four taps"),
        (nearest(56, 7, None, centred=False), [(0, 0), (8, 8), (16, 16)], "a whole ratio"),
        (nearest(13, 9, None, centred=True), [(0, 0), (2, 2), (3, 3)], "nearest-exact"),
    ],
    ids=lambda item: item if isinstance(item, str) else "",
)
def test_windows_of_ops(window: Window, spans: list[tuple[int, int] | None], reason: str) -> None:
    found = [window.at(output) for output in range(3)]
    assert [(span.first, span.last) if span else None for span in found] == spans


def test_nearest_rounds_as_float32_does() -> None:
    indices = [span.first for o in range(82) if (span := nearest(2, 82, None, centred=False).at(o))]
    assert [indices[o] for o in (40, 41, 42)] == [0, 0, 1], "41 * 2 / 82 is just below 1 in float32"
