from __future__ import annotations

import torch
from torch import nn

from netadvise.measure.facts.walk import ahead, behind, has_weights, source
from tests.measure.facts.surveyed import named, only, surveyed, with_op

NET = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.0), nn.ReLU(), nn.Dropout(0.5), nn.Linear(4, 4))


def test_inactive_dropout_is_looked_through_and_nothing_else_unasked() -> None:
    found = surveyed(NET, (2, 4))
    first, last = with_op(found, "linear")
    assert [each.get("op") for each in ahead(found, first)] == ["activation"]
    assert [each.get("op") for each in behind(found, last)] == ["dropout"]


def test_named_ops_are_looked_through() -> None:
    found = surveyed(NET, (2, 4))
    first, last = with_op(found, "linear")
    assert ahead(found, first, frozenset(("activation", "dropout"))) == (last,)
    assert behind(found, last, frozenset(("activation", "dropout"))) == (first,)
    assert source(found, last, frozenset(("activation", "dropout"))) is first


def test_a_walk_ends_at_the_input() -> None:
    found = surveyed(NET, (2, 4))
    assert source(found, named(found, "0")) is None
    assert behind(found, named(found, "0")) == ()


class Weighted(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(4, 3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x @ self.weight


class Unweighted(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x @ x


def test_a_product_with_a_parameter_has_weights_and_one_of_activations_has_none() -> None:
    weighted, plain = surveyed(Weighted(), (2, 4)), surveyed(Unweighted(), (4, 4))
    assert has_weights(only(weighted, "matmul"), weighted) is True
    assert has_weights(only(plain, "matmul"), plain) is False
