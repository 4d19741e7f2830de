"""Widths of stacks, and batches of several seeds in one."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from netadvise.probe.batched_step import NARROWEST, _sizes, _stacked, width_of
from netadvise.probe.data_examples import Batch


@given(st.integers(1, 40), st.sets(st.integers(1, 300), max_size=3))
def test_no_network_is_in_the_rest_of_a_loop(count: int, sizes: set[int]) -> None:
    width = width_of(count, sizes)
    assert width >= max(count, NARROWEST)
    for size in sizes:
        rest = range(width * size - width * size % 32, width * size)
        assert not rest or rest[0] >= count * size


def test_the_usual_batch_needs_no_company() -> None:
    assert [width_of(count, {32}) for count in (1, 2, 3, 8)] == [2, 2, 3, 8]
    assert [width_of(count, {16}) for count in (2, 3, 8)] == [2, 4, 8]
    assert width_of(3, ()) == 3


def test_channels_of_batch_norms_count() -> None:
    assert _sizes(nn.Sequential(nn.Linear(3, 7), nn.BatchNorm1d(7), nn.LayerNorm(5), nn.BatchNorm1d(9)), 8) == {7, 8, 9}


def test_batches_come_back_out_of_a_stack() -> None:
    batches = [Batch((torch.rand(4, 3),), {"mask": torch.rand(4), "flag": True}, torch.arange(4), "raw") for _ in "ab"]
    tensors, rebuilt = _stacked(batches)
    assert [tuple(each.shape) for each in tensors] == [(2, 4, 3), (2, 4), (2, 4)]
    again = rebuilt([each[1] for each in tensors])
    assert torch.equal(again.inputs[0], batches[1].inputs[0])
    assert torch.equal(again.kwargs["mask"], batches[1].kwargs["mask"])
    assert again.kwargs["flag"] is True
    assert torch.equal(again.target, batches[1].target)
    assert again.raw is None


@dataclass
class _Other:
    word: str


@pytest.mark.parametrize("other", [{"flag": False}, {}, {"flag": _Other("a")}])
def test_batches_that_differ_in_more_than_tensors_are_refused(other: dict[str, object]) -> None:
    one, two = (Batch((torch.rand(4),), given, None, None) for given in ({"flag": True}, other))
    with pytest.raises(ValueError, match="differ in more"):
        _stacked([one, two])


def test_batches_of_several_shapes_are_refused() -> None:
    with pytest.raises(RuntimeError):
        _stacked([(torch.rand(4), torch.rand(4)), (torch.rand(4), torch.rand(5))])
