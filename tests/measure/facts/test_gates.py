"""Which layers compute a gate."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from tests.measure.facts import networks as nets

IMAGE = (2, 8, 12, 12)


def _spatial(self: nets.Through, x: Tensor) -> Tensor:
    """CBAM's map of positions."""
    pooled = torch.cat([x.mean(1, True), x.amax(1, True)], 1)
    return x * self.conv(pooled).sigmoid()


def _efficient(self: nets.Through, x: Tensor) -> Tensor:
    """ECA: a convolution over channels; the gate is expanded before the product."""
    weights = self.conv(x.mean((2, 3))[:, None])[:, 0, :, None, None].sigmoid()
    return x * weights.expand_as(x)


def _pixel(self: nets.Through, x: Tensor) -> Tensor:
    return x * self.conv(x).sigmoid()


def _coordinate(self: nets.Through, x: Tensor) -> Tensor:
    """Two gates share their first layer."""
    rows, columns = x.mean(3, True), x.mean(2, True).transpose(2, 3)
    shared = self.shared(torch.cat([rows, columns], 2)).relu()
    row, column = shared.split(12, 2)
    return x * self.rows(row).sigmoid() * self.columns(column.transpose(2, 3)).sigmoid()


GATES: dict[str, tuple[nn.Module, int]] = {
    "squeeze and excitation": (nets.Squeeze(8), 2),
    "spatial": (nets.Through(_spatial, conv=nets.conv(2, 1, 7)), 1),
    "efficient": (nets.Through(_efficient, conv=nn.Conv1d(1, 1, 3, padding=1)), 1),
    "pixel": (nets.Through(_pixel, conv=nets.conv(8, 8, 1)), 1),
    "coordinate": (
        nets.Through(_coordinate, shared=nets.conv(8, 4, 1), rows=nets.conv(4, 8, 1), columns=nets.conv(4, 8, 1)),
        3,
    ),
}


def _gated(module: nn.Module) -> tuple[int, int]:
    """How many layers with weights compute gates, and how many do not."""
    survey = nets.placed(nn.Sequential(nets.conv(8, 8), module, nets.conv(8, 8)), IMAGE)
    layers = [entry for entry in survey.entries if entry.get("op") in ("conv", "linear")]
    inside = [entry for entry in layers if entry.get("is_gate") is True]
    return len(inside), len(layers) - len(inside)


NO_GATES: dict[str, nn.Module] = {
    "Swish": nets.Through(lambda self, x: x * x.sigmoid()),
    "a norm by hand": nets.Through(lambda self, x: x * x.square().mean(1, True).rsqrt()),
    "a gated linear unit": nets.Through(
        lambda self, x: self.a(x) * self.b(x).sigmoid(), a=nets.conv(8, 8, 1), b=nets.conv(8, 8, 1)
    ),
    "a product of two branches": nets.Through(
        lambda self, x: self.a(x) * self.b(x), a=nets.conv(8, 8, 1), b=nets.conv(8, 8, 1)
    ),
    "a whole network that makes a mask": nets.Through(
        lambda self, x: x * self.net(x).sigmoid(),
        net=nn.Sequential(*(nets.conv(8, 8) for _ in range(5)), nets.conv(8, 1)),
    ),
}


@pytest.mark.parametrize("name", NO_GATES)
def test_no_gate(name: str) -> None:
    assert _gated(NO_GATES[name])[0] == 0


@pytest.mark.parametrize("name", GATES)
def test_layers_of_a_gate(name: str) -> None:
    module, layers = GATES[name]
    assert _gated(module) == (layers, 2)


def test_the_pool_of_a_gate_is_a_gate_and_no_head() -> None:
    survey = nets.placed(nn.Sequential(nets.conv(8, 8), nets.Squeeze(8)), IMAGE)
    (pool,) = (entry for entry in survey.entries if entry.get("op") == "pool_global")
    assert (pool.get("is_gate"), pool.get("in_head")) == (True, False)


def test_a_gate_adds_no_depth() -> None:
    survey = nets.placed(nn.Sequential(nets.conv(8, 8), nets.Squeeze(8), nets.conv(8, 8)), IMAGE)
    convolutions = [entry for entry in survey.entries if entry.get("op") == "conv"]
    assert [(entry.get("depth"), entry.get("depth_from_output")) for entry in convolutions] == [(1, 2), (2, 1)]
