from __future__ import annotations

import pytest
import torch.nn.functional as F
from torch import nn

from tests.measure.facts.surveyed import only, surveyed
from tests.measure.facts.test_identity import Calls

IMAGE = (2, 4, 12, 12)


def test_max_pools() -> None:
    entry = only(surveyed(nn.MaxPool2d(3, padding=1, dilation=2, ceil_mode=True), (2, 4, 20, 20)), "pool_max")
    assert (entry.get("kernel_size"), entry.get("stride"), entry.get("padding")) == ((3, 3), (3, 3), (1, 1))
    assert (entry.get("dilation"), entry.get("ceil_mode"), entry.get("count_include_pad")) == ((2, 2), True, None)
    assert (entry.get("ndim"), entry.get("effective_kernel_size")) == (2, (5, 5))


def test_average_pools() -> None:
    entry = only(surveyed(nn.AvgPool1d(4, stride=2, padding=1, count_include_pad=False), (2, 4, 12)), "pool_avg")
    assert (entry.get("kernel_size"), entry.get("stride"), entry.get("padding")) == ((4,), (2,), (1,))
    assert (entry.get("dilation"), entry.get("ceil_mode"), entry.get("count_include_pad")) == ((1,), False, False)


def test_adaptive_pools() -> None:
    entry = only(surveyed(nn.AdaptiveAvgPool2d((None, 3)), IMAGE), "pool_adaptive")
    assert (entry.get("output_size"), entry.get("kernel_size"), entry.get("ndim")) == ((12, 3), None, 2)


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        (nn.Upsample(scale_factor=2), ("nearest", None, (2.0, 2.0))),
        (nn.Upsample(scale_factor=(2.0, 1.5), mode="bilinear"), ("bilinear", False, (2.0, 1.5))),
        (nn.Upsample(size=20, mode="bicubic", align_corners=True), ("bicubic", True, None)),
        (Calls(lambda x: F.interpolate(x, size=(6, 6), mode="area")), ("area", None, None)),
    ],
)
def test_up_samplings(module: nn.Module, expected: tuple[object, ...]) -> None:
    entry = only(surveyed(module, IMAGE), "upsample")
    assert (entry.get("mode"), entry.get("align_corners"), entry.get("scale_factor")) == expected


def test_padding_modes() -> None:
    assert only(surveyed(nn.ReflectionPad2d(1), IMAGE), "pad").get("mode") == "reflect"
    assert only(surveyed(nn.ZeroPad2d(1), IMAGE), "pad").get("mode") == "constant"
