from __future__ import annotations

import torch
from torch import nn

from netadvise.quantity import Unknown
from tests.measure.facts.surveyed import named, only, surveyed
from tests.measure.facts.test_identity import Calls

IMAGE = (1, 3, 32, 32)


def test_fields_of_what_is_read_and_what_is_made() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3, 2), nn.MaxPool2d(2), nn.Conv2d(4, 4, (3, 1)))
    found = surveyed(net, IMAGE)
    first, last = named(found, "0"), named(found, "2")
    assert (first.get("input_receptive_field"), first.get("input_jump")) == ((1, 1), (1, 1))
    assert (first.get("receptive_field"), first.get("jump")) == ((3, 3), (2, 2))
    assert (last.get("input_receptive_field"), last.get("input_jump")) == ((5, 5), (4, 4))
    assert (last.get("receptive_field"), last.get("receptive_field_min")) == ((13, 5), (13, 5))


class Branches(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.wide, self.next = nn.Conv2d(3, 3, 5, padding=2), nn.Conv2d(3, 3, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.next(x + self.wide(x))


def test_the_narrowest_path() -> None:
    entry = named(surveyed(Branches(), IMAGE), "next")
    assert (entry.get("input_receptive_field"), entry.get("input_receptive_field_min")) == ((5, 5), (1, 1))


def test_a_jump_below_one_pixel() -> None:
    assert only(surveyed(nn.Upsample(scale_factor=2), IMAGE), "upsample").get("jump") == (0.5, 0.5)


def test_no_field_where_the_input_has_no_positions() -> None:
    entry = only(surveyed(nn.Linear(4, 3), (2, 4)), "linear")
    assert (entry.get("receptive_field"), entry.get("jump"), entry.get("input_jump")) == (None, None, None)


def test_behind_an_operator_without_rule_the_field_is_unknown_by_its_name() -> None:
    net = nn.Sequential(nn.Conv2d(3, 3, 3), Calls(torch.linalg.matrix_exp), nn.Conv2d(3, 3, 3))
    found = named(surveyed(net, IMAGE), "2").get("receptive_field")
    assert isinstance(found, Unknown)
    assert "matrix_exp" in found.reason
