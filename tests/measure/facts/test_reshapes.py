from __future__ import annotations

import pytest
import torch
from torch import nn

from tests.measure.facts.surveyed import surveyed, with_op
from tests.measure.facts.test_identity import Calls


def shuffled(x: torch.Tensor) -> torch.Tensor:
    """Channel shuffle by hand."""
    n, c, length = x.shape
    return x.view(n, 2, c // 2, length).transpose(1, 2).reshape(n, c, length)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda x: x.view(3, 4, 5), False),
        (lambda x: x.reshape(3, 20), False),
        (lambda x: x.view(3, 2, 2, 5), False),
        (lambda x: x.unsqueeze(1), False),
        (shuffled, False),
        (lambda x: x.view(3, 2, 2, 5).reshape(3, 2, 5, 2).transpose(1, 2), False),
        (lambda x: x.view(3, 5, 4), True),
        (lambda x: x.reshape(4, 3, 5) * 2, True),
        (lambda x: x.reshape(3, 5, 1, 4), True),
    ],
)
def test_a_reshape_used_as_a_transposition(function: object, expected: bool) -> None:
    entries = with_op(surveyed(Calls(function), (3, 4, 5)), "reshape")
    assert (True in [entry.get("swaps_axes") for entry in entries]) is expected


def test_a_flatten_module_swaps_nothing() -> None:
    (entry,) = with_op(surveyed(nn.Flatten(), (3, 4, 5)), "reshape")
    assert (entry.get("swaps_axes"), entry.get("squeezes_all")) == (False, False)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda x: x.squeeze(), True),
        (torch.squeeze, True),
        (lambda x: x.squeeze(1), False),
        (lambda x: x.squeeze(-1), False),
        (lambda x: x.flatten(), False),
    ],
)
def test_squeeze_without_an_axis(function: object, expected: bool) -> None:
    (entry,) = with_op(surveyed(Calls(function), (3, 1, 5)), "reshape")
    assert entry.get("squeezes_all") is expected
