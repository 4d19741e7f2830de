"""Dropout on the state of a recurrent cell."""

from __future__ import annotations

import pytest
from torch import Tensor, nn

from tests.measure.facts import networks as nets

STEPS = (2, 5, 8)


class Tied(nn.Module):
    """One residual layer applied again and again: dropout hits its update, not the state."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.drop = nn.Linear(8, 8), nn.Dropout(0.2)

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(3):
            x = x + self.drop(self.layer(x).relu())
        return x


SILENT: dict[str, nn.Module] = {
    "a cell without dropout": nets.Loop(nn.GRUCell(8, 8)),
    "dropout between stacked cells": nets.LSTMLoop(drop_state=False),
    "a shared dropout of a deep network": nn.Sequential(nets.transformer_layer(), nets.transformer_layer()),
    "dropout behind the loop": nn.Sequential(nets.Loop(nn.RNNCell(8, 8)), nn.Dropout(0.5), nn.Linear(8, 2)),
    "a tied residual layer": Tied(),
    "a chain of equal layers": nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.2), nn.Linear(8, 8)),
}


@pytest.mark.parametrize("name", SILENT)
def test_no_dropout_on_a_state(name: str) -> None:
    assert nets.named_where(nets.placed(SILENT[name], STEPS), "recurrent_state") == []


@pytest.mark.parametrize(("cell", "steps"), [(nn.GRUCell(8, 8), 3), (nn.RNNCell(8, 8), 3), (nets.Elman(), 2)])
def test_dropout_on_the_state(cell: nn.Module, steps: int) -> None:
    """The last state goes to no further step; the first state of a cell by hand comes from no product with one."""
    survey = nets.placed(nets.Loop(cell, nn.Dropout(0.5)), STEPS)
    assert nets.named_where(survey, "recurrent_state") == ["between"] * steps


def test_dropout_on_one_of_two_states() -> None:
    assert nets.named_where(nets.placed(nets.LSTMLoop(drop_state=True), STEPS), "recurrent_state") == ["drop"] * 2
