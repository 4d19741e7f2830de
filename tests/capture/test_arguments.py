"""The arguments of a constructor, remembered or read back: the same layer again, with one of them changed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from netadvise.capture.arguments import constructed_again
from netadvise.capture.locate import carry_over, constructors
from netadvise.errors import EditError


class Padded(nn.Conv2d):
    """A layer of the user's own, with an argument of its own and the rest passed on."""

    def __init__(self, inside: int, *args: Any, scale: float = 1.0, **kwargs: Any) -> None:
        super().__init__(inside, *args, **kwargs)
        self.scale = scale


class Wide(nn.Module):
    """Overwrites an argument before torch sees it: what is remembered makes other shapes."""

    def __init__(self, width: int) -> None:
        width = 2 * width
        super().__init__()
        self.fc = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.fc(x)
        return result


class Hidden(nn.Module):
    """Keeps nothing of its argument."""

    def __init__(self, width: int = 4, act: Callable[..., nn.Module] = nn.ReLU) -> None:
        super().__init__()
        self.fc, self.act = nn.Linear(width, width), act()

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.act(self.fc(x))
        return result


LAYERS: dict[str, Callable[[], nn.Module]] = {
    "conv": lambda: nn.Conv2d(4, 8, (3, 5), stride=2, padding=(1, 2), dilation=1, groups=2, padding_mode="reflect"),
    "lstm": lambda: nn.LSTM(4, 8, 2, bias=False, batch_first=True, bidirectional=True, proj_size=3),
    "gru": lambda: nn.GRU(4, 8, num_layers=2, dropout=0.1),
    "rnn": lambda: nn.RNN(4, 8, nonlinearity="relu"),
    "attention": lambda: nn.MultiheadAttention(8, 2, 0.1, bias=False, add_bias_kv=True, kdim=4, batch_first=True),
    "conv without bias": lambda: nn.Conv2d(4, 8, 3, bias=False, padding="same"),
    "transposed": lambda: nn.ConvTranspose2d(4, 8, 3, 2, output_padding=1),
    "linear": lambda: nn.Linear(4, 2, bias=False),
    "batch norm": lambda: nn.BatchNorm2d(4, eps=1e-3, momentum=None, affine=False),
    "layer norm": lambda: nn.LayerNorm((4, 4), elementwise_affine=True, bias=False),
    "group norm": lambda: nn.GroupNorm(2, 8),
    "max pool": lambda: nn.MaxPool2d(3, 2, 1, ceil_mode=True),
    "average pool": lambda: nn.AvgPool2d(3, count_include_pad=False),
    "adaptive pool": lambda: nn.AdaptiveAvgPool2d((1, 2)),
    "dropout": lambda: nn.Dropout2d(0.3, inplace=True),
    "activation": lambda: nn.LeakyReLU(0.3),
    "hardtanh": lambda: nn.Hardtanh(-2, 2),
    "upsample": lambda: nn.Upsample(scale_factor=2.0, mode="bilinear", align_corners=False),
    "embedding": lambda: nn.Embedding(10, 4, padding_idx=1),
}


@pytest.mark.parametrize("build", LAYERS.values(), ids=LAYERS)
@pytest.mark.parametrize("remembered", [False, True])
def test_without_a_change_the_layer_comes_back(build: Callable[[], nn.Module], remembered: bool) -> None:
    if remembered:
        with constructors():
            module = build()
    else:
        module = build()
    again = constructed_again(module, "x", {})
    assert again is not module and repr(again) == repr(module)
    assert [value.shape for value in again.parameters()] == [value.shape for value in module.parameters()]
    plain = {name: value for name, value in vars(module).items() if isinstance(value, bool | int | float | str)}
    assert {name: getattr(again, name) for name in plain} == plain


def remembered(build: Callable[[], nn.Module]) -> nn.Module:
    with constructors():
        return build()


@pytest.mark.parametrize(
    ("module", "changes", "shown"),
    [
        (nn.Conv2d(4, 8, 3), {"kernel_size": 1, "bias": False}, "kernel_size=(1, 1), stride=(1, 1), bias=False"),
        (remembered(lambda: nn.Conv2d(4, 8, 3, padding="same")), {"dilation": 2}, "padding=same, dilation=(2, 2)"),
        (remembered(lambda: Padded(4, 8, 3, scale=2.0)), {"scale": 3.0}, "4, 8"),
        (remembered(lambda: Padded(4, 8, kernel_size=3)), {"stride": 2}, "stride=(2, 2)"),
        (remembered(lambda: Hidden(6, partial(nn.GELU, approximate="tanh"))), {"width": 3}, "in_features=3"),
        (remembered(lambda: nn.LSTM(4, 8, num_layers=2)), {"dropout": 0.5}, "LSTM(4, 8, num_layers=2, dropout=0.5)"),
    ],
)
def test_a_change_takes_the_place_of_the_old_argument(module: nn.Module, changes: Any, shown: str) -> None:
    again = constructed_again(module, "x", changes)
    assert type(again) is type(module) and shown in repr(again)


@pytest.mark.parametrize(
    ("module", "changes", "said"),
    [
        (nn.Conv2d(4, 8, 3), {"size": 1}, r"x \(Conv2d\) has no argument 'size'"),
        (nn.Conv2d(4, 8, 3), {"self": 1}, "has no argument 'self'"),
        (nn.Conv2d(4, 8, 3), {"groups": 3}, r"x \(Conv2d\) cannot be made with groups=3: ValueError"),
        (remembered(lambda: Padded(4, 8, 3)), {"sizes": 1}, r"x \(Padded\) has no argument 'sizes'"),
        (Hidden(), {"width": 8}, r"x \(Hidden\): it does not tell its argument 'width', so it cannot be made again"),
        (remembered(lambda: Wide(4)), {"width": 8}, r"x \(Wide\): it does not tell its argument 'width'"),
        (remembered(lambda: nn.Sequential(nn.ReLU())), {"p": 1}, r"x \(Sequential\) has no argument 'p'"),
    ],
)
def test_what_cannot_be_made_is_said_with_its_argument_and_its_class(
    module: nn.Module, changes: Any, said: str
) -> None:
    with pytest.raises(EditError, match=said):
        constructed_again(module, "x", changes)


def test_parametrized_weights_would_be_lost() -> None:
    module = nn.utils.parametrizations.weight_norm(nn.Linear(4, 4))
    with pytest.raises(EditError, match="parametrized weights, which a new layer would not have"):
        constructed_again(module, "x", {"bias": False})


def test_a_class_that_changed_since_is_read_back() -> None:
    module = remembered(lambda: nn.LazyConv2d(8, 3))
    module(torch.rand(1, 4, 8, 8))
    again = constructed_again(module, "x", {"kernel_size": 1})
    assert type(again) is nn.Conv2d and again.in_channels == 4


def test_a_copy_has_the_arguments_of_its_original() -> None:
    module, twin = remembered(lambda: Hidden(6)), Hidden(6)
    with pytest.raises(EditError):
        constructed_again(twin, "x", {"width": 3})
    carry_over(module, twin)
    assert "in_features=3" in repr(constructed_again(twin, "x", {"width": 3}))
