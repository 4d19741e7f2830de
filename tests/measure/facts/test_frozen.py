from __future__ import annotations

import torch
from torch import nn

from tests.measure.facts.surveyed import named, surveyed


class Forked(nn.Module):
    """A frozen and a trained branch meet."""

    def __init__(self) -> None:
        super().__init__()
        self.act, self.frozen, self.trained, self.last = nn.ReLU(), nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 2)
        for layer in (self.frozen, self.last):
            layer.requires_grad_(False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.act(x)
        kept = self.frozen(x).tanh()
        result: torch.Tensor = self.last(kept + self.trained(x))
        return result


FOUND = surveyed(Forked(), (2, 4))


def told(name: str) -> object:
    return named(FOUND, name).get("upstream_frozen")


def test_nothing_is_told_of_what_no_parameters_lead_to() -> None:
    assert told("act") is None


def test_the_frozen_part_ends_where_a_trained_layer_joins() -> None:
    assert [told(name) for name in ("frozen", "tanh", "trained", "add", "last")] == [True, True, False, False, False]
