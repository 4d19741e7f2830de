"""Large tensors are meta, small ones real, and what is unknown stays unknown."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from netadvise.capture.tensors import flat_tensors, map_tensors
from netadvise.capture.values import Hybrid, building, is_small
from netadvise.errors import ValuesNeededError


def test_a_small_tensor_keeps_its_values() -> None:
    with building():
        assert torch.linspace(0, 1, 5).tolist() == [0.0, 0.25, 0.5, 0.75, 1.0]
        assert torch.arange(3, device="meta").tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: torch.empty(100_000, 100_000), id="empty"),
        pytest.param(lambda: torch.zeros(1).repeat(100_000, 100_000), id="repeat"),
        pytest.param(lambda: torch.randn(1 << 30), id="random"),
        pytest.param(lambda: torch.ones(1 << 16, 1) @ torch.ones(1, 1 << 16), id="product"),
        pytest.param(lambda: nn.Linear(200_000, 50_000).weight, id="parameter"),
    ],
)
def test_a_large_tensor_is_never_allocated(make) -> None:
    with building():
        assert make().device.type == "meta"


def test_a_result_that_grew_large_is_meta() -> None:
    with building():
        assert torch.cat([torch.zeros(10_000), torch.zeros(10_000)]).device.type == "meta"


def test_small_meets_meta() -> None:
    with building():
        assert (torch.ones(1) + torch.empty(1 << 20)).shape == (1 << 20,)


def test_reading_an_unknown_value_is_an_error() -> None:
    with building(), pytest.raises(ValuesNeededError):
        torch.empty(1 << 20).sum().item()


def test_a_small_tensor_overwritten_with_the_unknown_is_unknown() -> None:
    with building():
        small = torch.zeros(4)
        small.copy_(torch.empty(1 << 20)[:4])
        with pytest.raises(ValuesNeededError):
            small[0].item()


def test_integer_tables_may_be_larger_than_float_ones() -> None:
    assert is_small(torch.zeros(1 << 17, dtype=torch.int64))
    assert not is_small(torch.zeros(1 << 17))


def test_what_existed_before_is_restored() -> None:
    outside = torch.ones(3)
    hybrid = Hybrid()
    with hybrid:
        outside.mul_(5)
        outside[:1].add_(1)
    hybrid.undo()
    assert outside.tolist() == [1.0, 1.0, 1.0]


def test_nested_tensors_are_found_and_mapped() -> None:
    a, b = torch.zeros(1), torch.ones(1)
    tree = {"x": [a, (b, 3)], "y": "text"}
    assert flat_tensors(tree) == [a, b]
    assert map_tensors(lambda tensor: tensor.item(), tree) == {"x": [0.0, (1.0, 3)], "y": "text"}
