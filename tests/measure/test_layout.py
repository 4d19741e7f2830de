"""Layouts follow positions through views exactly, or say that they are lost."""

from __future__ import annotations

from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netadvise.measure.layout import LOST, PLAIN, Dim, Factor, Layout, carried, copies, lost, merged, plain, size_of

H, W = Factor(0, 1, 8), Factor(1, 1, 12)
MAP = Layout((plain(2), plain(3), (H,), (W,)))


def places(layout: Layout, axis: int) -> list[int]:
    """Position along `axis` of every element in memory order, by counting."""
    found = [0]
    for dim in layout.dims:
        for factor in dim:
            step = factor.stride if factor.axis == axis else 0
            found = [at + step * index for at in found for index in range(factor.size)]
    return found


class TestLost:
    def test_a_cut_across_axes_loses_both(self) -> None:
        layout = MAP.viewed((2, 3, 6, 16), 9)
        assert [dim[0].axis for dim in layout.dims[2:]] == [LOST, LOST]
        assert carried(layout.dims[2]) == {0, 1}

    def test_only_the_stretch_that_is_cut_is_lost(self) -> None:
        layout = Layout(((H,), (W,), plain(10), (Factor(2, 1, 9),))).viewed((8, 12, 6, 15), 1)
        assert layout.dims[:2] == ((H,), (W,))
        assert layout.dims[2][0].axis == LOST

    def test_channels_cut_anyhow_are_channels(self) -> None:
        assert Layout((plain(6), plain(4), (H,))).viewed((8, 3, 8), 1).dims == (plain(8), plain(3), (H,))

    def test_what_is_lost_stays_lost_when_split(self) -> None:
        layout = Layout((lost(12, frozenset({0}), 1),)).viewed((3, 4), 2)
        assert all(carried(dim) == {0} and dim[0].axis == LOST for dim in layout.dims)

    def test_a_dim_without_axes_cannot_be_lost(self) -> None:
        assert lost(5, frozenset(), 1) == plain(5)

    def test_an_empty_tensor_has_no_positions(self) -> None:
        assert not Layout((plain(0), (H,))).viewed((0,), 1).axes()


class TestViews:
    def test_flattened_tokens_come_back(self) -> None:
        tokens = MAP.viewed((2, 3, 96), 1)
        assert tokens.dims[2] == (H, W)
        assert tokens.viewed((2, 3, 8, 12), 2) == MAP

    def test_window_partition_and_its_inverse(self) -> None:
        split = MAP.viewed((2, 3, 2, 4, 3, 4), 1)
        windows = split.permuted((0, 2, 4, 3, 5, 1)).viewed((12, 16, 3), 2)
        assert windows.dims[0] == (Factor(PLAIN, 0, 2), Factor(0, 4, 2), Factor(1, 4, 3))
        assert windows.dims[1] == (Factor(0, 1, 4), Factor(1, 1, 4))
        back = windows.viewed((2, 2, 3, 4, 4, 3), 3).permuted((0, 5, 1, 3, 2, 4)).viewed((2, 3, 8, 12), 4)
        assert back == MAP

    def test_batch_and_channels_merge_and_split(self) -> None:
        assert MAP.viewed((6, 8, 12), 1).viewed((2, 3, 8, 12), 2) == MAP

    @pytest.mark.parametrize("shape", [(2, 3, 8, 1, 12, 1), (1, 6, 96), (6, 4, 2, 12), (576,), (2, 24, 2, 6)])
    def test_positions_are_those_of_counting(self, shape: tuple[int, ...]) -> None:
        layout = MAP.viewed(shape, 1)
        assert layout.shape == shape
        assert [places(layout, axis) for axis in (0, 1)] == [places(MAP, axis) for axis in (0, 1)]

    @given(st.permutations(range(4)), st.data())
    def test_every_view_keeps_positions_or_says_lost(self, order: list[int], data: st.DataObject) -> None:
        layout = MAP.permuted(order)
        shape, rest = [], prod(layout.shape)
        while rest > 1 and len(shape) < 6:
            size = data.draw(st.sampled_from([n for n in range(1, rest + 1) if rest % n == 0]))
            shape.append(size)
            rest //= size
        viewed = layout.viewed((*shape, rest), 7)
        assert viewed.shape == (*shape, rest)
        if not any(factor.axis == LOST for dim in viewed.dims for factor in dim):
            assert all(places(viewed, axis) == places(layout, axis) for axis in (0, 1))

    def test_a_size_one_axis_survives_a_view_of_its_own_dim(self) -> None:
        single = Layout((plain(2), plain(6), (Factor(0, 1, 1),)))
        assert single.viewed((2, 3, 2, 1), 1).dims[3] == (Factor(0, 1, 1),)
        assert not single.viewed((2, 6), 1).axes()


class TestCounting:
    def test_step_and_extent_of_every_second_position(self) -> None:
        layout = Layout(((Factor(0, 2, 5),), plain(3)))
        assert (layout.step(0), layout.extent(0)) == (2, 9)
        assert layout.divided(0, 2).dims[0] == (Factor(0, 1, 5),)

    def test_neighbours_that_count_on_are_one_factor(self) -> None:
        outer, inner = Factor(0, 3, 4), Factor(0, 1, 3)
        assert merged((outer, inner)) == (Factor(0, 1, 12),)
        assert merged((inner, outer)) == (inner, outer)

    def test_copies_and_channels_do_not_merge(self) -> None:
        dim: Dim = (*copies(2), *plain(3))
        assert merged(dim) == dim
        assert size_of(dim) == 6

    def test_placement_counts_dims_from_the_last(self) -> None:
        assert MAP.placement(0) == ((-2, H),)
