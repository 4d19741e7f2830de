"""fvcore's count beside ours: every difference has its reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from netadvise.capture import values
from netadvise.capture.record import record
from netadvise.capture.second_opinion import second_opinion
from netadvise.measure import measure
from netadvise.opinion import OpinionRow, SecondOpinion


def asked(module: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any] | None = None) -> SecondOpinion:
    module.eval()
    given = dict(kwargs or {})
    graph = record(module, args, given, target="a test", mode="eval", input_names=(), input_source="given")
    return second_opinion(module, args, given, graph, measure(graph))


def row(opinion: SecondOpinion, name: str) -> OpinionRow:
    assert opinion.failure == ""
    (found,) = [row for row in opinion.rows if row.name == name]
    return found


IMAGE = (torch.zeros(1, 3, 8, 8),)


class Attends(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.scaled_dot_product_attention(x, x, x)


class Multiplies(nn.Module):
    """A matrix product in which the left operand broadcasts along the first axis of the right one."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.matmul(x, x.new_ones(4, 7, 3))


class Keyed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 2)

    def forward(self, batch: dict[str, Tensor], *, scale: Tensor) -> dict[str, Tensor]:
        return {"scores": self.linear(batch["x"]) * scale}


@torch.library.custom_op("second_opinion_test::opaque", mutates_args=())
def opaque(x: Tensor) -> Tensor:
    return x * 2


@opaque.register_fake
def _(x: Tensor) -> Tensor:
    return torch.empty_like(x)


class Opaque(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return opaque(x)


def test_layers_that_count_nothing_have_no_row() -> None:
    opinion = asked(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()), IMAGE)
    assert [row.name for row in opinion.rows] == ["0"]


@pytest.mark.parametrize(
    ("layer", "args"),
    [
        (nn.Conv2d(3, 6, 3, stride=2, groups=3), IMAGE),
        (nn.ConvTranspose2d(3, 6, 3, stride=2), IMAGE),
        (nn.Linear(8, 5), IMAGE),
        (nn.GRUCell(4, 8), (torch.zeros(2, 4),)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_layers_that_both_know_agree(layer: nn.Module, args: tuple[Tensor, ...]) -> None:
    found = row(asked(nn.Sequential(layer), args), "0")
    assert (found.verdict, found.why, found.their_macs) == ("agreed", "", found.macs)


def test_normalisation_in_the_total_is_a_convention() -> None:
    found = row(asked(nn.Sequential(nn.BatchNorm2d(3)), IMAGE), "0")
    assert (found.verdict, found.macs, found.their_macs) == ("convention", 0, 0)
    assert found.their_other > 0
    assert "batch_norm" in found.why


@pytest.mark.parametrize(
    ("module", "args", "operator"),
    [
        (Attends(), (torch.zeros(1, 2, 5, 4),), "scaled_dot_product_attention"),
        (nn.LSTM(3, 4), (torch.zeros(5, 1, 3),), "lstm"),
    ],
)
def test_operators_that_fvcore_does_not_know_are_named(
    module: nn.Module, args: tuple[Tensor, ...], operator: str
) -> None:
    found = row(asked(module, args), "")
    assert (found.verdict, found.their_macs) == ("they miss", 0)
    assert operator in found.why


def test_a_broadcast_product_differs_for_a_known_reason() -> None:
    found = row(asked(Multiplies(), (torch.zeros(5, 7),)), "")
    assert (found.verdict, found.macs, found.their_macs) == ("differs", 4 * 5 * 7 * 3, 5 * 7 * 3)
    assert "broadcasts" in found.why


def test_an_operator_that_nobody_knows_is_said_to_be_missed_by_both() -> None:
    found = row(asked(Opaque(), IMAGE), "")
    assert (found.verdict, found.macs, found.their_macs) == ("both miss", None, 0)
    assert "second_opinion_test.opaque" in found.why


def test_inputs_by_name_and_in_dicts_are_adapted() -> None:
    opinion = asked(Keyed(), ({"x": torch.zeros(1, 4)},), {"scale": torch.ones(1)})
    assert row(opinion, "linear").verdict == "agreed"
    assert "by position" in opinion.notes[0]


def test_a_model_without_weights_is_counted_all_the_same() -> None:
    with values.building():
        module = nn.Sequential(nn.Linear(2048, 2048, bias=False), nn.Linear(2048, 2048, bias=False))
    module[1].weight = module[0].weight
    opinion = asked(module, (torch.zeros(1, 2048),))
    assert [found.verdict for found in opinion.rows] == ["agreed", "agreed"]
    assert module[0].weight.is_meta
    assert opinion.total == 2 * 2048**2


def test_a_failure_of_fvcore_is_a_reason_and_not_an_error() -> None:
    class MatrixVector(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x @ torch.ones(8)

    opinion = asked(MatrixVector(), IMAGE)
    assert opinion.rows == ()
    assert "IndexError" in opinion.failure


def test_a_model_that_would_not_fit_in_memory_is_refused() -> None:
    with values.building():
        module = nn.Sequential(nn.Linear(1 << 21, 1 << 21, bias=False))
    opinion = asked(module, (torch.zeros(1, 1 << 21, device="meta"),))
    assert "GiB" in opinion.failure


def test_the_model_is_left_as_it_was() -> None:
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    asked(module, IMAGE)
    assert all(torch.equal(tensor, before[name]) for name, tensor in module.state_dict().items())
    assert not module[0]._forward_hooks
