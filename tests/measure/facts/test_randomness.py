"""Random numbers in evaluation mode, masks, and stochastic depth."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netadvise.quantity import Unknown
from tests.measure.facts.network import fact, facts, layer, training


class After(nn.Module):
    """A linear layer, and a function of its result."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.fc, self.function = nn.Linear(4, 4), function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(self.fc(x))


class DropPath(nn.Module):
    """As timm writes it."""

    def __init__(self, drop_prob: float) -> None:
        super().__init__()
        self.drop_prob = drop_prob

    def forward(self, x: Tensor) -> Tensor:
        if self.drop_prob == 0.0 or not self.training:
            return x
        mask = x.new_empty((x.shape[0], 1)).bernoulli_(1 - self.drop_prob)
        return x * mask.div_(1 - self.drop_prob)


class Residual(nn.Module):
    def __init__(self, rate: float) -> None:
        super().__init__()
        self.fc, self.drop = nn.Linear(4, 4), DropPath(rate)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.drop(self.fc(x))


def attending(x: Tensor, p: float) -> Tensor:
    return F.scaled_dot_product_attention(x[:, None], x[:, None], x[:, None], dropout_p=p)


SILENT = [
    lambda x: x + 1,
    lambda x: F.dropout(x, 0.5, training=False),
    lambda x: F.dropout(x, 0.0),
    lambda x: x + torch.rand(3).shape[0],
    lambda x: x + torch.zeros_like(torch.rand(2, 4)),
    lambda x: attending(x, 0.0),
    nn.RReLU(),
]


@pytest.mark.parametrize("function", SILENT)
def test_an_evaluation_that_is_repeatable(function: Callable[[Tensor], Tensor]) -> None:
    found = facts(After(function), "2,4").model
    assert found.get("deterministic_in_eval") is True
    assert found.get("first_stochastic_layer") is None


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (lambda x: F.dropout(x, 0.5), "dropout"),
        (lambda x: x + torch.randn_like(x), "randn_like"),
        (lambda x: x + torch.rand(2, 4), "rand"),
        (lambda x: x * torch.bernoulli(torch.sigmoid(x)), "bernoulli"),
        (lambda x: attending(x, 0.1), "scaled_dot_product_attention"),
        (lambda x: x + torch.multinomial(x.softmax(1), 1), "multinomial"),
    ],
)
def test_random_numbers_that_reach_the_output(function: Callable[[Tensor], Tensor], name: str) -> None:
    found = facts(After(function), "2,4").model
    assert found.get("deterministic_in_eval") is False
    assert found.get("first_stochastic_layer") == name


def test_random_numbers_beside_the_output() -> None:
    def aside(x: Tensor) -> Tensor:
        torch.randn_like(x).mean()
        return x

    assert fact(After(aside), "deterministic_in_eval", "2,4") is True


def test_a_mask_in_both_modes_and_one_in_training_alone() -> None:
    class Both(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc, self.drop = nn.Linear(4, 4), nn.Dropout(0.5)

        def forward(self, x: Tensor) -> Tensor:
            return F.dropout(self.drop(self.fc(x)), 0.2)

    found = facts(Both(), "2,4")
    for sheet in (found.evaluation, training(found)):
        told = [layer(sheet, "dropout", nth).get("active_in_eval") for nth in (0, 1)]
        assert told == [False, True]


def test_stochastic_depth_is_a_layer_of_the_training_pass() -> None:
    found = facts(nn.Sequential(Residual(0.1), Residual(0.2)), "2,4")
    assert found.model.get("drop_path_rates") == (0.1, 0.2)
    assert found.model.get("drop_path_count") == 2
    first = layer(training(found), "drop_path")
    assert (first.name, first.get("dropout_kind"), first.get("active")) == ("0.drop", "path", True)
    assert first.get("active_in_eval") is False
    assert not any(each.get("op") == "drop_path" for each in found.evaluation.layers)


def test_stochastic_depth_at_rate_zero_runs_nothing() -> None:
    assert fact(Residual(0.0), "drop_path_count", "2,4") == 0


def test_a_mask_with_a_rate_of_its_own_name() -> None:
    class StochasticDepth(DropPath):
        def __init__(self, rate: float) -> None:
            super().__init__(rate)
            self.p = self.drop_prob

        def forward(self, x: Tensor) -> Tensor:
            return x * torch.empty(x.shape[0], 1).bernoulli_(1 - self.p) if self.training else x

    module = Residual(0.0)
    module.drop = StochasticDepth(0.3)
    assert fact(module, "drop_path_rates", "2,4") == (0.3,)


def test_without_a_training_pass_nothing_is_said_of_it() -> None:
    class Refusing(After):
        def forward(self, x: Tensor) -> Tensor:
            if self.training:
                raise RuntimeError("labels are missing")
            return super().forward(x)

    found = facts(Refusing(lambda x: x), "2,4")
    assert isinstance(found.training, Unknown)
    assert "labels are missing" in found.training.reason
    assert found.model.get("drop_path_count") == found.training


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x.mean(1, keepdim=True).softmax(1),
        lambda x: F.dropout(x, 1.0),
        lambda x: F.layer_norm(x.mean(1, keepdim=True), (1,)),
        torch.zeros_like,
    ],
)
def test_an_output_without_the_input(function: Callable[[Tensor], Tensor]) -> None:
    assert fact(After(function), "output_depends_on_input", "2,4") is False


def test_an_output_with_the_input() -> None:
    assert fact(After(lambda x: x.softmax(1)), "output_depends_on_input", "2,4") is True
