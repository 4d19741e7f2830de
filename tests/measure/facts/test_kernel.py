"""Window geometry on real layers, against index maps that torch itself unfolds."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from netadvise.facts import Fact
from tests.measure.facts.surveyed import fact, only, surveyed


def windows(layer: nn.Conv2d, height: int, width: int) -> torch.Tensor:
    """[taps, outputs]: one more than the position that each tap of each output meets, 0 in the padding."""
    positions = torch.arange(1, height * width + 1, dtype=torch.float64).reshape(1, 1, height, width)
    return F.unfold(positions, layer.kernel_size, layer.dilation, layer.padding, layer.stride)[0].long()


PAIRS = st.tuples(st.integers(1, 4), st.integers(1, 4))
GEOMETRIES = st.tuples(PAIRS, PAIRS, st.tuples(st.integers(0, 3), st.integers(0, 3)), PAIRS)


@settings(deadline=None, max_examples=40)
@given(GEOMETRIES, st.integers(1, 9), st.integers(1, 9))
def test_shares_are_those_of_the_unfolded_map(geometry: tuple[tuple[int, int], ...], height: int, width: int) -> None:
    kernel, stride, padding, dilation = geometry
    spans = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    assume(all(s <= n + 2 * p for s, n, p in zip(spans, (height, width), padding, strict=True)))
    layer = nn.Conv2d(1, 1, kernel, stride, padding, dilation)
    met = windows(layer, height, width)
    assume(bool((met > 0).any()))
    entry = only(surveyed(layer, (1, 1, height, width)), "conv")
    read = int(torch.unique(met[met > 0]).numel())
    dropped = entry.get("dropped_border")
    assert isinstance(dropped, tuple)
    kept = (height - int(dropped[0])) * (width - int(dropped[1]))
    assert entry.get("dead_tap_fraction") == pytest.approx(float((met == 0).all(1).double().mean()))
    assert entry.get("padding_tap_fraction") == pytest.approx(float((met == 0).double().mean()))
    assert entry.get("input_coverage") == pytest.approx(read / kept)
    assert entry.get("dropped_fraction") == pytest.approx(1 - kept / (height * width))
    assert entry.get("constant_border") == blind(met, entry.get("output_shape"))


def blind(met: torch.Tensor, shape: Fact) -> tuple[int, int]:
    """Rows and columns of the output in which no window meets data."""
    assert isinstance(shape, tuple)
    seen = (met > 0).any(0).reshape(int(shape[-2]), int(shape[-1]))
    return int((~seen.any(1)).sum()), int((~seen.any(0)).sum())


@pytest.mark.parametrize(
    ("layer", "size", "expected"),
    [
        (nn.Conv2d(1, 1, 3, padding=1), 7, 0.0),
        (nn.Conv2d(1, 1, 3, padding=1), 1, 8 / 9),
        (nn.Conv2d(1, 1, 3, padding=1), 2, 0.0),
        (nn.Conv2d(1, 1, 3, padding=36, dilation=36), 28, 8 / 9),
        (nn.Conv2d(1, 1, 7, padding=3), 2, 1 - (3 / 7) ** 2),
        (nn.Conv2d(1, 1, 3, stride=2, padding=1), 2, 1 - (2 / 3) ** 2),
    ],
)
def test_taps_die_where_the_map_is_smaller_than_the_kernel(layer: nn.Module, size: int, expected: float) -> None:
    assert fact(layer, (1, 1, size, size), "dead_tap_fraction", "conv") == pytest.approx(expected)


def test_a_reflected_border_is_data() -> None:
    layer = nn.Conv2d(1, 1, 3, padding=1, padding_mode="reflect")
    entry = only(surveyed(layer, (1, 1, 2, 2)), "conv")
    assert (entry.get("padding_mode"), entry.get("padding"), entry.get("explicit_padding")) == (
        "reflect",
        (0, 0),
        (2, 2),
    )
    assert entry.get("dead_tap_fraction") == entry.get("padding_tap_fraction") == 0


@pytest.mark.parametrize(
    ("layer", "size", "coverage", "dropped"),
    [
        (nn.MaxPool2d(2), 8, 1.0, 0.0),
        (nn.MaxPool2d(2), 7, 1.0, 1 - (6 / 7) ** 2),
        (nn.MaxPool2d(2, ceil_mode=True), 7, 1.0, 0.0),
        (nn.MaxPool2d(2, 3), 9, (6 / 9) ** 2, 0.0),
        (nn.MaxPool2d(3, 2), 15, 1.0, 0.0),
        (nn.MaxPool2d(3, 2, 1), 56, 1.0, 0.0),
    ],
)
def test_what_pools_read(layer: nn.Module, size: int, coverage: float, dropped: float) -> None:
    entry = only(surveyed(layer, (1, 2, size, size)), "pool_max")
    assert entry.get("input_coverage") == pytest.approx(coverage)
    assert entry.get("dropped_fraction") == pytest.approx(dropped)


def test_a_strided_pointwise_convolution_skips_positions_but_drops_no_border() -> None:
    entry = only(surveyed(nn.Conv2d(2, 2, 1, stride=2), (1, 2, 56, 56)), "conv")
    assert entry.get("input_coverage") == 0.25
    assert (entry.get("dropped_fraction"), entry.get("dropped_border")) == (0.0, (0, 0))


@pytest.mark.parametrize(
    ("layer", "size", "expected"),
    [
        (nn.Conv2d(1, 1, 3, stride=2, padding=1), 225, False),
        (nn.Conv2d(1, 1, 3, stride=2, padding=1), 224, True),
        (nn.Conv2d(1, 1, 3, padding=1), 224, False),
        (nn.Conv2d(1, 1, 2, stride=2), 225, False),
    ],
)
def test_uneven_padding(layer: nn.Module, size: int, expected: bool) -> None:
    assert fact(layer, (1, 1, size, size), "uneven_padding", "conv") is expected


def test_a_border_beyond_the_reach_of_the_kernel_is_constant() -> None:
    assert fact(nn.Conv2d(1, 1, 1, padding=1), (1, 1, 5, 6), "constant_border", "conv") == (2, 2)
    assert fact(nn.Conv2d(1, 1, 3, padding=(4, 1)), (1, 1, 5, 6), "constant_border", "conv") == (4, 0)


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (nn.Conv2d(8, 16, 3), {"is_dense"}),
        (nn.Conv2d(8, 16, 1), {"is_dense", "is_pointwise"}),
        (nn.Conv2d(8, 8, 3, groups=8), {"is_depthwise"}),
        (nn.Conv2d(8, 8, 3, groups=4), set()),
        (nn.Conv2d(8, 8, 4, stride=4), {"is_dense", "is_patchify"}),
        (nn.Conv2d(8, 8, 12), {"is_dense", "is_full_map"}),
        (nn.Conv2d(8, 8, 12, padding=1), {"is_dense"}),
    ],
)
def test_kinds_of_convolution(layer: nn.Module, expected: set[str]) -> None:
    names = ("is_dense", "is_pointwise", "is_depthwise", "is_patchify", "is_full_map")
    entry = only(surveyed(layer, (1, 8, 12, 12)), "conv")
    assert {name for name in names if entry.get(name)} == expected


def test_one_channel_is_no_depthwise_convolution_and_one_position_no_full_map() -> None:
    assert fact(nn.Conv2d(1, 1, 3), (1, 1, 5, 5), "is_depthwise", "conv") is False
    assert fact(nn.Conv2d(4, 4, 1), (1, 4, 1, 1), "is_full_map", "conv") is False


def test_derived_sizes() -> None:
    entry = only(surveyed(nn.Conv2d(8, 12, (3, 5), dilation=(2, 1), groups=4), (1, 8, 12, 12)), "conv")
    assert entry.get("effective_kernel_size") == (5, 5)
    assert (entry.get("group_width"), entry.get("channel_ratio")) == (2, 1.5)


def test_a_transposed_convolution_has_channels_but_no_taps_on_its_map() -> None:
    entry = only(surveyed(nn.ConvTranspose2d(6, 4, 3, stride=2, groups=2), (1, 6, 5, 5)), "conv_transpose")
    assert (entry.get("in_channels"), entry.get("out_channels"), entry.get("group_width")) == (6, 4, 3)
    assert entry.get("dead_tap_fraction") is None
