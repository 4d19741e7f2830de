from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from netadvise.quantity import Unknown
from tests.measure.facts.surveyed import only, surveyed, with_op
from tests.measure.facts.test_identity import Calls

IMAGE = (2, 6, 8, 8)


def patches(x: torch.Tensor) -> torch.Tensor:
    """Windows of 4 x 4 positions of a channels-last map, as Swin cuts them."""
    n, h, w, c = x.shape
    cut = x.view(n, h // 4, 4, w // 4, 4, c).permute(0, 1, 3, 2, 4, 5)
    return cut.reshape(-1, 16, c)


def heads(x: torch.Tensor) -> torch.Tensor:
    return x.flatten(2).mT.reshape(2, 64, 3, 2).transpose(1, 2)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([], (True, (8, 8))),
        ([nn.BatchNorm2d(6), nn.ReLU()], (True, (8, 8))),
        ([Calls(lambda x: x.flatten(2))], (True, (64,))),
        ([Calls(lambda x: x.flatten(2).transpose(1, 2))], (False, None)),
        ([Calls(lambda x: x.permute(0, 2, 3, 1))], (False, None)),
        ([Calls(lambda x: x.permute(0, 2, 3, 1)), nn.Linear(6, 5)], (False, None)),
        ([Calls(lambda x: x.permute(0, 2, 3, 1)), nn.LayerNorm(6), Calls(lambda x: x.movedim(-1, 1))], (True, (8, 8))),
        ([Calls(lambda x: x.permute(0, 2, 3, 1)), Calls(patches)], (False, None)),
        ([Calls(lambda x: x[:, :, 0])], (True, (8,))),
        ([Calls(lambda x: torch.cat([x, x], 1))], (True, (8, 8))),
        ([Calls(lambda x: x.unsqueeze(1))], (False, None)),
        ([Calls(lambda x: x + torch.zeros(1, 6, 1, 1))], (True, (8, 8))),
        (
            [Calls(lambda x: x.view(2, 2, 3, 8, 8).transpose(1, 2).reshape(2, 6, 8, 8)), nn.BatchNorm2d(6)],
            (True, (8, 8)),
        ),
        ([nn.Flatten()], (None, None)),
        ([Calls(lambda x: x.mean(1))], (None, None)),
    ],
)
def test_channels_are_followed(steps: list[nn.Module], expected: tuple[bool | None, tuple[int, ...] | None]) -> None:
    net = nn.Sequential(nn.Conv2d(6, 6, 1), *steps, nn.SELU())
    entry = surveyed(net, IMAGE).entries[-1]
    assert (entry.get("channels_first"), entry.get("in_spatial")) == expected


def test_channels_split_into_heads_are_lost_until_a_linear_layer_finds_them() -> None:
    net = nn.Sequential(nn.Conv2d(6, 6, 1), Calls(heads), nn.SELU(), nn.Linear(2, 4), nn.Tanh())
    selu, tanh = with_op(surveyed(net, IMAGE), "activation")
    assert isinstance(selu.get("channels_first"), Unknown)
    assert tanh.get("channels_first") is False


def test_layers_that_need_channels_first_say_so_where_they_were_lost() -> None:
    net = nn.Sequential(nn.Conv2d(6, 6, 1), Calls(heads), nn.Conv2d(3, 4, 1))
    conv = with_op(surveyed(net, IMAGE), "conv")[1]
    assert (conv.get("channels_first"), conv.get("in_spatial")) == (True, (64, 2))


@pytest.mark.parametrize(
    ("net", "shape", "expected"),
    [
        (nn.Sequential(nn.SELU(), nn.Conv2d(6, 6, 1)), IMAGE, True),
        (nn.Sequential(nn.SELU(), Calls(lambda x: x.permute(0, 3, 1, 2)), nn.Conv2d(6, 6, 1)), (2, 8, 8, 6), False),
        (nn.Sequential(nn.SELU(), nn.Linear(8, 6)), IMAGE, False),
        (nn.Sequential(nn.SELU(), nn.ZeroPad2d(1), nn.Conv2d(6, 6, 1)), IMAGE, True),
        (nn.Sequential(nn.SELU(), Calls(lambda x: x.flatten(2)), nn.Conv1d(6, 6, 1)), IMAGE, True),
    ],
)
def test_the_input_is_laid_out_as_its_readers_need_it(net: nn.Module, shape: tuple[int, ...], expected: bool) -> None:
    assert only(surveyed(net, shape), "activation").get("channels_first") is expected


def test_an_input_that_no_layer_explains_is_unknown() -> None:
    assert isinstance(only(surveyed(nn.SELU(), IMAGE), "activation").get("channels_first"), Unknown)


def test_an_operator_without_a_kind_hides_the_channels() -> None:
    net = nn.Sequential(nn.Conv2d(6, 6, 1), Calls(torch.linalg.matrix_exp), nn.SELU())
    assert isinstance(only(surveyed(net, IMAGE), "activation").get("channels_first"), Unknown)


def test_convolutions_say_their_own_positions_without_a_batch_too() -> None:
    entry = only(surveyed(nn.Conv2d(6, 4, 3), (6, 8, 9)), "conv")
    assert (entry.get("in_spatial"), entry.get("out_spatial"), entry.get("rank")) == ((8, 9), (6, 7), 3)


def test_shapes_are_those_of_the_first_data_operand() -> None:
    entry = only(surveyed(Calls(lambda x: F.linear(torch.ones(4, 3), x)), (5, 3)), "linear")
    assert (entry.get("input_shape"), entry.get("output_shape"), entry.get("dtype")) == ((5, 3), (4, 5), "float32")
