from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from torch import nn

from netadvise.quantity import Unknown
from tests.measure.facts.surveyed import fact, only, surveyed
from tests.measure.facts.test_identity import Calls

IMAGE = (2, 6, 4, 5)
NORMS: list[tuple[nn.Module, str, int | None]] = [
    (nn.BatchNorm2d(6), "batch", None),
    (nn.BatchNorm2d(6, track_running_stats=False), "batch", 40),
    (nn.SyncBatchNorm(6), "sync_batch", None),
    (nn.InstanceNorm2d(6), "instance", 20),
    (nn.InstanceNorm2d(6, track_running_stats=True), "instance", None),
    (nn.GroupNorm(3, 6), "group", 40),
    (nn.LayerNorm(5), "layer", 5),
    (nn.LayerNorm((6, 4, 5)), "layer", 120),
    (nn.RMSNorm(5), "rms", 5),
    (nn.LocalResponseNorm(3), "local_response", None),
]


@pytest.mark.parametrize(("layer", "kind", "elements"), NORMS)
def test_types_and_what_each_mean_is_taken_over(layer: nn.Module, kind: str, elements: int | None) -> None:
    entry = only(surveyed(layer, IMAGE), "norm")
    assert (entry.get("norm_type"), entry.get("elements_per_statistic")) == (kind, elements)


@pytest.mark.parametrize("layer", [nn.BatchNorm2d(6), nn.InstanceNorm2d(6), nn.GroupNorm(2, 6), nn.LayerNorm(5)])
def test_the_elements_are_those_that_one_change_moves(layer: nn.Module) -> None:
    """Perturb one input element in training mode and count the outputs that notice, per channel where they are."""
    data = torch.randn(IMAGE, dtype=torch.float64)
    moved = data.clone()
    moved[0, 0, 0, 0] += 1.0
    real = deepcopy(layer).double().train()
    noticed = int(((real(data) - real(moved)).abs() > 1e-9).sum())
    assert fact(layer, IMAGE, "elements_per_statistic", "norm", mode="train") == noticed


def test_batch_norm() -> None:
    entry = only(surveyed(nn.BatchNorm2d(6, eps=1e-3, momentum=0.2), IMAGE), "norm")
    names = ("num_features", "eps", "momentum", "affine", "track_running_stats", "batch_statistics", "ndim")
    assert tuple(entry.get(name) for name in names) == (6, 1e-3, 0.2, True, True, False, 2)
    training = only(surveyed(nn.BatchNorm2d(6, affine=False, momentum=None), IMAGE, mode="train"), "norm")
    assert (training.get("batch_statistics"), training.get("affine")) == (True, False)


def test_batch_norm_without_running_statistics_uses_the_batch_in_evaluation_too() -> None:
    entry = only(surveyed(nn.BatchNorm1d(6, track_running_stats=False), (4, 6)), "norm")
    assert (entry.get("track_running_stats"), entry.get("batch_statistics")) == (False, True)
    assert (entry.get("elements_per_statistic"), entry.get("ndim")) == (4, 0)


def test_group_norm() -> None:
    entry = only(surveyed(nn.GroupNorm(6, 6), (2, 6, 1, 1)), "norm")
    names = ("num_channels", "num_groups", "group_width", "elements_per_statistic", "affine")
    assert tuple(entry.get(name) for name in names) == (6, 6, 1, 1, True)


def test_one_value_per_statistic() -> None:
    assert fact(nn.LayerNorm(1), (2, 6, 1), "elements_per_statistic", "norm") == 1
    assert fact(nn.GroupNorm(6, 6), (2, 6, 1, 1), "elements_per_statistic", "norm") == 1


LAST = Calls(lambda x: x.permute(0, 2, 3, 1))


@pytest.mark.parametrize(
    ("net", "expected"),
    [
        (nn.Sequential(nn.Conv2d(6, 5, 1), LAST, nn.LayerNorm(5)), True),
        (nn.Sequential(nn.Conv2d(6, 5, 1), nn.LayerNorm((5, 4, 5))), True),
        (nn.Sequential(nn.Conv2d(6, 5, 1), nn.Flatten(2), Calls(lambda x: x.mT), nn.LayerNorm(5)), True),
        (nn.Sequential(nn.Conv2d(6, 5, 1), nn.LayerNorm(5)), False),
        (nn.Sequential(nn.Conv2d(6, 5, 1), nn.ReLU(), nn.RMSNorm(5)), False),
        (nn.Sequential(nn.Conv2d(6, 5, 1), nn.GroupNorm(5, 5)), None),
    ],
)
def test_a_layer_norm_over_the_width_misses_the_channels(net: nn.Module, expected: bool | None) -> None:
    assert fact(net, IMAGE, "channel_axis_normalized", "norm") is expected


def test_a_layer_norm_on_an_unexplained_input_is_unknown() -> None:
    assert isinstance(fact(nn.LayerNorm(5), IMAGE, "channel_axis_normalized", "norm"), Unknown)


class FrozenBatchNorm2d(nn.Module):
    """As torchvision writes it: fixed statistics, in plain arithmetic."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.register_buffer("scale", torch.ones(features))
        self.register_buffer("shift", torch.zeros(features))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.scale.reshape(1, -1, 1, 1) + self.shift.reshape(1, -1, 1, 1)


def test_a_frozen_batch_norm_is_known_by_its_class() -> None:
    entry = only(surveyed(nn.Sequential(nn.Conv2d(6, 5, 1), FrozenBatchNorm2d(5)), IMAGE), "norm")
    assert (entry.get("norm_type"), entry.get("num_features")) == ("frozen_batch", 5)
    assert (entry.get("track_running_stats"), entry.get("elements_per_statistic")) == (None, None)
