"""The table of constructor arguments is torch's own."""

from __future__ import annotations

import inspect

import pytest
from torch import nn

from netadvise.rewrite.signatures import SIGNATURES, defaults_of
from netadvise.rewrite.values import same

RECURRENT = [*list(inspect.signature(nn.RNNBase).parameters.values())[1:9]]


def parameters(layer: str) -> list[inspect.Parameter]:
    """What torch's constructor takes; the recurrent ones hide it behind `*args`."""
    if layer in ("LSTM", "GRU"):
        return RECURRENT
    if layer == "RNN":
        given = [*inspect.signature(nn.RNN.__init__).parameters]
        assert given == ["self", "args", "kwargs"]
        named = inspect.Parameter("nonlinearity", inspect.Parameter.POSITIONAL_OR_KEYWORD, default="tanh")
        return [*RECURRENT[:3], named, *RECURRENT[3:7]]
    taken = list(inspect.signature(getattr(nn, layer)).parameters.values())
    return [item for item in taken if item.kind is item.POSITIONAL_OR_KEYWORD and item.name not in ("device", "dtype")]


@pytest.mark.parametrize("layer", sorted(SIGNATURES))
def test_names_order_and_defaults_are_those_of_torch(layer: str) -> None:
    own = parameters(layer)
    assert SIGNATURES[layer] == tuple(item.name for item in own)
    for name, value in defaults_of(layer).items():
        default = next(item.default for item in own if item.name == name)
        assert same(name, value, default), name


def test_the_third_argument_of_an_rnn_is_its_nonlinearity() -> None:
    assert nn.RNN(3, 4, 1, "relu").nonlinearity == "relu"


def test_arguments_without_a_default_have_none() -> None:
    assert set(defaults_of("Conv2d")) == {"stride", "padding", "dilation", "groups", "bias", "padding_mode"}
    assert defaults_of("GELU") == {"approximate": "none"}
    assert defaults_of("Conv9d") == {}
