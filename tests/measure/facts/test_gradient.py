"""Which parameters a gradient reaches, and who is to blame for the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tests.measure.facts.network import facts, training
from tests.zoo import ResNet


class Between(nn.Module):
    """Two linear layers and something between them."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.first, self.last, self.function = nn.Linear(4, 4), nn.Linear(4, 4), function

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.function(self.first(x)))


class Rounding(torch.autograd.Function):
    """A straight-through estimator by hand."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x.round()

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        return grad


def without_gradient(x: Tensor) -> Tensor:
    with torch.no_grad():
        return x.exp()


def blamed(module: nn.Module, name: str = "blocks_training") -> list[object]:
    return [layer.get("function") for layer in training(facts(module, "2,4")).layers if layer.get(name) is True]


SILENT = [
    lambda x: x,
    lambda x: x + (x.round() - x).detach(),
    lambda x: x * (x > 0),
    lambda x: torch.where(x > 0, x, 0.1 * x),
    lambda x: x - x.max().detach(),
    lambda x: x.gather(1, x.argsort(1)),
    Rounding.apply,
]


@pytest.mark.parametrize("function", SILENT)
def test_a_gradient_with_a_way_around(function: Callable[[Tensor], Tensor]) -> None:
    found = facts(Between(function), "2,4")
    assert found.model.get("params_without_grad") == ()
    assert not any(layer.get("blocks_training") for layer in training(found).layers)


def test_a_network_as_usual() -> None:
    found = facts(ResNet(), "1,3,32,32")
    assert found.model.get("params_without_grad") == ()
    assert not any(layer.get("cuts_gradient") for layer in training(found).layers)


@pytest.mark.parametrize("function", [torch.round, torch.sign, lambda x: (x > 0).float(), lambda x: x.long().float()])
def test_an_op_without_a_gradient_on_the_only_way(function: Callable[[Tensor], Tensor]) -> None:
    found = facts(Between(function), "2,4")
    assert found.model.get("params_without_grad") == ("first.weight", "first.bias")
    assert len(blamed(Between(function))) == 1
    assert blamed(Between(function), "cuts_gradient") == []


@pytest.mark.parametrize("function", [torch.detach, without_gradient])
def test_a_gradient_that_is_cut(function: Callable[[Tensor], Tensor]) -> None:
    module = Between(function)
    assert facts(module, "2,4").model.get("params_without_grad") == ("first.weight", "first.bias")
    assert len(blamed(module, "cuts_gradient")) == 1
    assert blamed(module, "cuts_gradient") == blamed(module)


def test_a_cut_that_reaches_no_output_blames_nothing() -> None:
    def aside(x: Tensor) -> Tensor:
        x.detach().mean()
        return x

    assert blamed(Between(aside)) == []


def test_frozen_layers_need_no_gradient() -> None:
    module = Between(torch.detach)
    module.first.requires_grad_(False)
    assert facts(module, "2,4").model.get("params_without_grad") == ()
    assert blamed(module) == []


def test_a_parameter_that_nothing_reads_is_no_matter_of_gradients() -> None:
    module = Between(lambda x: x)
    module.register_parameter("idle", nn.Parameter(torch.zeros(3)))
    found = facts(module, "2,4").model
    assert found.get("params_without_grad") == ()
    assert found.get("unused_params") == 3


def test_what_only_evaluation_does_is_not_blamed() -> None:
    class Predicting(Between):
        def forward(self, x: Tensor) -> Tensor:
            found = super().forward(x)
            return found if self.training else found.argmax(1)

    found = facts(Predicting(lambda x: x), "2,4")
    assert found.model.get("params_without_grad") == ()
    assert all(layer.get("blocks_training") is None for layer in found.evaluation.layers)
    assert [layer.get("non_differentiable") for layer in found.evaluation.layers][-1] is True
