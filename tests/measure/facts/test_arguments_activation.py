"""Activations, against what torch computes with them."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from netadvise.vocabulary import ACTIVATIONS
from tests.measure.facts.surveyed import fact, only, surveyed
from tests.measure.facts.test_identity import Calls

ELEMENTWISE: list[tuple[nn.Module, str]] = [
    (nn.ReLU(), "relu"),
    (nn.ReLU(inplace=True), "relu"),
    (nn.ReLU6(), "relu6"),
    (nn.LeakyReLU(), "leaky_relu"),
    (nn.LeakyReLU(-0.1), "leaky_relu"),
    (nn.RReLU(), "rrelu"),
    (nn.ELU(), "elu"),
    (nn.CELU(), "celu"),
    (nn.SELU(), "selu"),
    (nn.GELU(), "gelu"),
    (nn.GELU(approximate="tanh"), "gelu"),
    (nn.SiLU(), "silu"),
    (nn.Mish(), "mish"),
    (nn.Hardswish(), "hardswish"),
    (nn.Hardsigmoid(), "hardsigmoid"),
    (nn.Hardtanh(), "hardtanh"),
    (nn.Hardtanh(0.0, 1.0), "hardtanh"),
    (nn.Sigmoid(), "sigmoid"),
    (nn.Tanh(), "tanh"),
    (nn.Softplus(), "softplus"),
    (nn.Softsign(), "softsign"),
    (nn.LogSigmoid(), "logsigmoid"),
    (nn.Threshold(0.1, 0.0), "threshold"),
    (nn.Threshold(0.1, 2.0), "threshold"),
    (nn.Tanhshrink(), "tanhshrink"),
    (nn.Softshrink(), "softshrink"),
    (nn.Hardshrink(), "hardshrink"),
    (Calls(torch.sin), "sin"),
    (Calls(torch.sigmoid_), "sigmoid"),
    (Calls(F.relu6), "relu6"),
    (Calls(F.selu), "selu"),
]


@pytest.mark.parametrize(("module", "name"), ELEMENTWISE)
def test_names_and_shapes_are_those_of_the_function(module: nn.Module, name: str) -> None:
    grid = torch.linspace(-2000, 2000, 400_001, dtype=torch.float64)
    values = module.eval()(grid.clone())
    rises = bool((values.diff() >= -1e-12).all())
    bounded = bool(values.abs().max() < 100)
    flat = [float((part[-1] - part[0]).abs()) < 1e-2 for part in (values[:1000], values[-1000:])]
    entry = surveyed(module, (3,)).entries[-1]
    assert (entry.get("op"), entry.get("activation")) == ("activation", name)
    assert entry.get("monotone") is rises
    assert entry.get("bounded") is bounded
    assert entry.get("saturating") is (all(flat) and bounded and name != "sin")
    assert name in ACTIVATIONS.split()


@pytest.mark.parametrize(
    ("module", "name", "bounded"),
    [
        (nn.PReLU(), "prelu", False),
        (nn.Softmax(dim=1), "softmax", True),
        (nn.LogSoftmax(dim=1), "log_softmax", False),
        (nn.Softmin(dim=1), "softmin", True),
        (nn.GLU(dim=1), "glu", False),
    ],
)
def test_the_others_are_never_called_monotone(module: nn.Module, name: str, bounded: bool) -> None:
    entry = only(surveyed(module, (2, 4)), "activation")
    assert (entry.get("activation"), entry.get("monotone"), entry.get("bounded")) == (name, False, bounded)


@pytest.mark.parametrize(
    ("module", "op", "expected"),
    [
        (nn.Softmax(dim=1), "activation", (1, 4)),
        (nn.Softmax(dim=-1), "activation", (2, 5)),
        (nn.LogSoftmax(dim=0), "activation", (0, 3)),
        (nn.GLU(dim=1), "activation", (1, 4)),
        (Calls(lambda x: torch.cat([x, x], -1)), "cat", (2, 10)),
        (Calls(lambda x: torch.stack([x, x], 1)), "cat", (1, 2)),
        (Calls(lambda x: x.mean(-2)), "reduce", (1, 4)),
        (Calls(lambda x: x.argmax(-1)), "reduce", (2, 5)),
        (Calls(lambda x: x.cumsum(1)), "scan", (1, 4)),
        (Calls(lambda x: x.sum((1, 2))), "reduce", (None, None)),
        (nn.ReLU(), "activation", (None, None)),
    ],
)
def test_the_axis_and_its_length(module: nn.Module, op: str, expected: tuple[int | None, int | None]) -> None:
    entry = only(surveyed(module, (3, 4, 5)), op)
    assert (entry.get("dim"), entry.get("dim_size")) == expected


def test_a_softmax_with_an_axis_is_explicit_and_other_activations_have_none() -> None:
    assert fact(nn.Softmax(dim=1), (3, 4), "implicit_dim", "activation") is False
    assert fact(nn.ReLU(), (3, 4), "implicit_dim", "activation") is None


@pytest.mark.filterwarnings("ignore:Implicit dimension choice")
@pytest.mark.parametrize("module", [nn.Softmax(), Calls(F.softmax), Calls(F.log_softmax)])
def test_a_softmax_without_an_axis_is_implicit(module: nn.Module) -> None:
    assert fact(module, (3, 4), "implicit_dim", "activation") is True
