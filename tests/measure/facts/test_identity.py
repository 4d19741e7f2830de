from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from netadvise.vocabulary import OPS
from tests.measure.facts.surveyed import named, only, surveyed, with_op

IMAGE = (2, 4, 6, 6)


class Calls(nn.Module):
    """Runs the function it was given."""

    def __init__(self, function: object) -> None:
        super().__init__()
        self.function = function

    def forward(self, *data: torch.Tensor) -> torch.Tensor:
        return self.function(*data)  # type: ignore[operator]


def last_op(module: nn.Module, *shapes: tuple[int, ...]) -> object:
    return surveyed(module, *(shapes or (IMAGE,))).entries[-1].get("op")


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        (nn.Conv2d(4, 4, 3), "conv"),
        (nn.ConvTranspose2d(4, 4, 3), "conv_transpose"),
        (nn.Linear(6, 3), "linear"),
        (nn.BatchNorm2d(4), "norm"),
        (nn.LocalResponseNorm(2), "norm"),
        (nn.ReLU(), "activation"),
        (nn.Softmax(dim=1), "activation"),
        (nn.Softsign(), "activation"),
        (nn.Tanhshrink(), "activation"),
        (nn.Dropout(0.0), "dropout"),
        (nn.MaxPool2d(2), "pool_max"),
        (nn.AvgPool2d(2), "pool_avg"),
        (nn.LPPool2d(2, 2), "pool_avg"),
        (nn.AdaptiveAvgPool2d(2), "pool_adaptive"),
        (nn.Upsample(scale_factor=2), "upsample"),
        (nn.PixelShuffle(2), "pixel_shuffle"),
        (nn.PixelUnshuffle(2), "pixel_unshuffle"),
        (nn.ChannelShuffle(2), "channel_shuffle"),
        (nn.ZeroPad2d(1), "pad"),
        (nn.Flatten(), "reshape"),
        (Calls(lambda x: x.transpose(1, 2)), "permute"),
        (Calls(lambda x: x.expand(5, 2, 4, 6, 6)), "expand"),
        (Calls(lambda x: x[:, 1:]), "slice"),
        (Calls(lambda x: x.clone()), "copy"),
        (Calls(lambda x: x.detach()), "detach"),
        (Calls(lambda x: torch.cat([x, x])), "cat"),
        (Calls(lambda x: x + x), "add"),
        (Calls(lambda x: x - x.mean()), "add"),
        (Calls(lambda x: x + 1), "pointwise"),
        (Calls(lambda x: x * 2.0), "pointwise"),
        (Calls(lambda x: x * torch.tensor(2.0)), "pointwise"),
        (Calls(lambda x: x * x), "mul"),
        (Calls(lambda x: x / x), "pointwise"),
        (Calls(lambda x: x > 0), "pointwise"),
        (Calls(torch.exp), "pointwise"),
        (Calls(torch.sin), "activation"),
        (Calls(lambda x: x.sum(1)), "reduce"),
        (Calls(lambda x: x.argmax(1)), "reduce"),
        (Calls(lambda x: x.cumsum(1)), "scan"),
        (Calls(lambda x: x @ x), "matmul"),
        (Calls(lambda x: F.scaled_dot_product_attention(x, x, x)), "attention"),
        (Calls(lambda x: F.mse_loss(x, x)), "loss"),
        (Calls(torch.bernoulli), "random"),
        (Calls(lambda x: torch.zeros(3)), "constant"),
        (Calls(lambda x: torch.rand(3)), "random"),
        (Calls(torch.linalg.matrix_exp), "opaque"),
    ],
)
def test_op_of_each_kind(module: nn.Module, expected: str) -> None:
    assert last_op(module) == expected
    assert expected in OPS


@pytest.mark.parametrize(
    "module",
    [
        nn.AdaptiveAvgPool2d(1),
        nn.AdaptiveMaxPool2d((1, 1)),
        nn.AvgPool2d(6),
        nn.MaxPool2d((6, 6)),
        Calls(lambda x: x.mean((2, 3))),
        Calls(lambda x: x.mean((-1, -2), keepdim=True)),
        Calls(lambda x: x.amax((2, 3))),
        Calls(lambda x: F.avg_pool2d(x, x.shape[2:])),
        nn.Sequential(Calls(lambda x: x.permute(0, 2, 3, 1)), nn.Linear(4, 3), Calls(lambda x: x.mean((1, 2)))),
        nn.Sequential(Calls(lambda x: x.flatten(2).mT), nn.Linear(4, 3), Calls(lambda x: x.mean(1))),
    ],
)
def test_pooling_over_all_of_the_map_is_global(module: nn.Module) -> None:
    assert last_op(module) == "pool_global"


@pytest.mark.parametrize(
    "module",
    [
        Calls(lambda x: x.mean(1)),
        Calls(lambda x: x.mean((0, 2, 3))),
        Calls(lambda x: x.mean(3)),
        Calls(lambda x: x.sum((2, 3))),
        Calls(lambda x: x.var((2, 3))),
        nn.Sequential(nn.Linear(6, 3), Calls(lambda x: x.flatten(1, 2).mean(2))),
    ],
)
def test_other_reductions_are_not(module: nn.Module) -> None:
    assert last_op(module) == "reduce"


def test_a_pool_of_one_position_takes_in_no_map() -> None:
    assert last_op(nn.AvgPool2d(1), (1, 4, 1, 1)) == "pool_avg"


def test_a_weight_made_by_a_parametrization_is_constant() -> None:
    layer = nn.utils.parametrizations.weight_norm(nn.Linear(6, 3))
    assert [entry.get("op") for entry in surveyed(layer, (2, 6)).entries] == ["constant", "linear"]


class Twice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(4, 4, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu_(self.layer(self.layer(x))).softmax(1)


def test_names_types_and_calls() -> None:
    found = surveyed(Twice(), IMAGE)
    first, second = with_op(found, "conv")
    assert (first.get("name"), first.get("type"), first.get("function")) == ("layer", "Conv2d", "conv2d")
    assert (first.get("module"), first.get("functional"), first.get("in_loop")) == ("layer", False, True)
    assert (first.get("call_index"), second.get("call_index"), second.get("call_count")) == (0, 1, 2)
    relu = named(found, "relu_")
    assert (relu.get("type"), relu.get("module"), relu.get("functional")) == ("relu_", "", True)
    assert (relu.get("call_count"), relu.get("in_loop")) == (1, False)
    assert with_op(found, "activation")[1].get("type") == "softmax"


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        (nn.ReLU(), False),
        (nn.ReLU(inplace=True), True),
        (nn.Dropout(0.5, inplace=True), False),
        (Calls(lambda x: x.view(-1)), False),
        (Calls(lambda x: x.add_(1)), True),
        (Calls(lambda x: F.hardtanh(x, inplace=True)), True),
    ],
)
def test_inplace(module: nn.Module, expected: bool) -> None:
    assert surveyed(module, IMAGE).entries[-1].get("inplace") is expected


def test_dropout_overwrites_its_operand_only_when_it_drops() -> None:
    assert only(surveyed(nn.Dropout(0.5, inplace=True), IMAGE, mode="train"), "dropout").get("inplace") is True
