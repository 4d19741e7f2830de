"""Formulas that users register for their own operators."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import register_flop_formula

from netadvise.capture.formulas import register_formula
from netadvise.capture.record import record


@torch.library.custom_op("netadvise_tests::product", mutates_args=())
def product(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return x @ y


@product.register_fake
def _(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return x.new_empty(x.shape[0], y.shape[1])


@torch.library.custom_op("netadvise_tests::other", mutates_args=())
def other(x: torch.Tensor) -> torch.Tensor:
    return x.clone()


@torch.library.custom_op("netadvise_tests::unheard_of", mutates_args=())
def unheard_of(x: torch.Tensor) -> torch.Tensor:
    return x.clone()


class Net(nn.Module):
    def __init__(self, forward) -> None:
        super().__init__()
        self.function = forward

    def forward(self, x):
        return self.function(x)


def test_an_operator_without_a_formula_has_none() -> None:
    (op,) = record(Net(unheard_of), (torch.rand(4, 4),)).ops
    assert (op.kind, op.registered_flops) == ("netadvise_tests.unheard_of", None)


def test_torchs_registry_is_honoured() -> None:
    @register_flop_formula(torch.ops.netadvise_tests.product)
    def _(x_shape, y_shape, *args, out_shape=None, **kwargs) -> int:
        return 2 * x_shape[0] * x_shape[1] * y_shape[1]

    (op,) = record(Net(lambda x: product(x, x)), (torch.rand(512, 512),)).ops
    assert op.registered_flops == 2 * 512**3


def test_our_registry_takes_plain_shapes_and_one_owner() -> None:
    register_formula("netadvise_tests::other", lambda inputs, outputs: 7 * inputs[0][0] * outputs[0][1])
    (op,) = record(Net(other), (torch.rand(3, 5),)).ops
    assert op.registered_flops == 7 * 3 * 5
    with pytest.raises(ValueError, match="already has a formula"):
        register_formula("netadvise_tests::other", lambda inputs, outputs: 0)
