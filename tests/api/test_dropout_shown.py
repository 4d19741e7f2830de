"""What a second recording must show: the same layers, and each new dropout at its place."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netadvise.api.dropout_shown import not_shown
from netadvise.edit import Edit, Insert, Part, Place, SetArgs
from netadvise.facts import NetworkFacts
from netadvise.worker.facts import facts_of_module


class Net(nn.Module):
    """Two layers; subclasses write dropouts."""

    example_inputs = torch.zeros(2, 4)
    rate = 0.1

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Linear(4, 4), nn.Linear(4, 4)
        self.drop = nn.Dropout(self.rate)

    def drops(self, x: Tensor, rate: float = 0.5) -> Tensor:
        return F.dropout(x, rate, self.training)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.two(self.drop(F.relu(self.one(x))))
        return result


class BehindRelu(Net):
    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.two(self.drop(self.drops(F.relu(self.one(x)))))
        return result


class BeforeRelu(Net):
    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.two(self.drop(F.relu(self.drops(self.one(x)))))
        return result


class Twice(Net):
    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.two(self.drop(self.drops(F.relu(self.drops(self.one(x))))))
        return result


class OtherRate(Net):
    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.two(self.drop(self.drops(F.relu(self.one(x)), 0.3)))
        return result


class OtherLayers(Net):
    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.two(self.drop(self.drops(F.relu(self.one(x) * 2))))
        return result


class HigherRate(BehindRelu):
    rate = 0.2


def facts(net: type[Net]) -> NetworkFacts:
    return facts_of_module(net())[1]


def drop(where: str, module: str, function: str = "") -> Insert:
    return Insert(Place(where, module, function), (Part("Dropout", {"p": 0.5}),))  # type: ignore[arg-type]


RELU = drop("after-call", "", "relu")


@pytest.mark.parametrize(
    ("edits", "after"),
    [
        ((), Net),
        ((RELU,), BehindRelu),
        ((drop("before", "two"),), BehindRelu),
        ((drop("after", "one"),), BeforeRelu),
        ((drop("after", "one"), RELU), Twice),
        ((RELU, SetArgs("drop", {"p": 0.2})), HigherRate),
    ],
)
def test_silent_when_all_is_there(edits: tuple[Edit, ...], after: type[Net]) -> None:
    assert not_shown(edits, facts(Net), facts(after)) == ""


@pytest.mark.parametrize(
    ("edits", "after", "reason"),
    [
        ((RELU,), Net, "0 further dropouts run in place of 1"),
        ((RELU,), Twice, "2 further dropouts run in place of 1"),
        ((RELU,), BeforeRelu, "no dropout with p=0.5 runs behind call 0 of relu() in the model"),
        ((drop("after", "one"),), BehindRelu, "no dropout with p=0.5 runs behind one"),
        ((drop("before", "two"),), BeforeRelu, "no dropout with p=0.5 runs before two"),
        ((RELU,), OtherRate, "no dropout with p=0.5 runs behind"),
        ((RELU,), OtherLayers, "other layers run than before"),
        ((RELU,), HigherRate, "other layers run than before"),
        ((SetArgs("drop", {"p": 0.2}),), Net, "drop has p=0.1 in place of 0.2"),
        ((SetArgs("gone", {"p": 0.2}),), Net, "gone does not run"),
    ],
)
def test_what_is_not_as_promised_is_named(edits: tuple[Edit, ...], after: type[Net], reason: str) -> None:
    assert reason in not_shown(edits, facts(Net), facts(after))
