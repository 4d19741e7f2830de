"""Dilations one behind the other and side by side, and small kernels beside large ones."""

from __future__ import annotations

import pytest
from torch import Tensor, nn

from tests.measure.facts import networks as nets

IMAGE = (1, 8, 40, 40)


def _chains(module: nn.Module, *shape: int) -> list[tuple[object, object]]:
    survey = nets.placed(module, shape)
    return [
        (entry.get("dilation_chain"), entry.get("dilation_chain_gap"))
        for entry in survey.entries
        if entry.get("dilation_chain") is not None
    ]


def _stack(*rates: int) -> nn.Sequential:
    return nn.Sequential(*(nets.conv(8, 8, 3, dilation=rate) for rate in rates))


def test_undilated_convolutions_are_no_chain() -> None:
    assert _chains(_stack(1, 1, 1), *IMAGE) == []


def test_a_single_dilated_convolution_is_no_chain() -> None:
    assert _chains(nn.Sequential(nets.conv(8, 8, 1), nets.conv(8, 8, 3, dilation=2)), *IMAGE) == []


def test_branches_side_by_side_are_no_chain() -> None:
    survey = nets.placed(nets.aspp(), IMAGE)
    assert nets.named_where(survey, "parallel_dilations") == ["branches.1", "branches.2"]
    assert not any(entry.get("dilation_chain") for entry in survey.entries)


@pytest.mark.parametrize(
    ("rates", "chain", "gap"),
    [
        ((2, 2, 2), (2, 2, 2), 2),
        ((1, 2, 5), (1, 2, 5), 2),
        ((1, 2, 9), (1, 2, 9), 5),
        ((1, 5, 3), (1, 5, 3), 3),
        ((1, 2, 2, 2), (1, 2, 2, 2), 2),
    ],
)
def test_gridding(rates: tuple[int, ...], chain: tuple[int, ...], gap: int) -> None:
    assert _chains(_stack(*rates), *IMAGE) == [(chain, gap)]


def test_a_causal_stack_of_powers_of_two_leaves_no_gaps() -> None:
    """WaveNet: kernels of 2 span the gap of 2 that the chain behind the first layer leaves."""
    assert _chains(nets.dilated(1, 2, 4, 8, kernel=2), 1, 4, 40) == [((1, 2, 4, 8), 2)]
    assert _chains(nets.dilated(1, 2, 4, 1, 2, 4, kernel=2), 1, 4, 40) == [((1, 2, 4), 2)] * 2


def _m2(rates: tuple[int, ...]) -> int:
    """The formula of Wang et al. 2018 for kernels of 3."""
    largest = rates[-1]
    for rate in rates[-2:0:-1]:
        largest = max(largest - 2 * rate, 2 * rate - largest, rate)
    return largest


@pytest.mark.parametrize("rates", [(2, 2), (2, 3), (2, 5), (3, 3), (3, 7), (5, 5), (5, 9)])
def test_gap_of_growing_dilations_is_the_papers(rates: tuple[int, int]) -> None:
    whole = (1, *rates)
    assert _chains(_stack(*whole), *IMAGE) == [(whole, _m2(whole))]


def test_an_undilated_dense_convolution_starts_anew_and_a_depthwise_one_does_not() -> None:
    assert _chains(_stack(2, 2, 1, 2), *IMAGE) == [((2, 2), 2), ((1, 2), 2)]
    depthwise = nn.Sequential(nets.conv(8, 8, 3, dilation=2), nets.conv(8, 8, 3, groups=8), nets.conv(8, 8, dilation=2))
    assert _chains(depthwise, *IMAGE) == [((2, 1, 2), 1)]


def test_another_resolution_starts_anew() -> None:
    module = nn.Sequential(_stack(2, 2), nn.MaxPool2d(2), _stack(2, 4))
    assert _chains(module, *IMAGE) == [((2, 2), 2), ((2, 4), 4)]


def test_a_chain_goes_through_residual_blocks() -> None:
    assert _chains(nn.Sequential(*(nets.Around(_stack(2)) for _ in range(3))), *IMAGE) == [((2, 2, 2), 2)]


def test_a_small_kernel_beside_a_large_one() -> None:
    def both(self: nets.Through, x: Tensor) -> Tensor:
        return self.large(x) + self.small(x)

    beside = nets.Through(both, large=nets.conv(8, 8, 13, groups=8), small=nets.conv(8, 8, 5, groups=8))
    assert nets.named_where(nets.placed(beside, IMAGE), "has_parallel_small_kernel") == ["large"]
    alone = nets.placed(nets.conv(8, 8, 13, groups=8), IMAGE)
    assert nets.named_where(alone, "has_parallel_small_kernel") == []
