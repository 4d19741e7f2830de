"""In-place ops, judged by whether the network without `inplace` computes something else."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.measure.facts.surveyed import surveyed

DATA = torch.linspace(-1, 1, 24).reshape(2, 4, 3)


class Residual(nn.Module):
    """x + body(x), the body called as a module of its own."""

    def __init__(self, *body: nn.Module) -> None:
        super().__init__()
        self.body = nn.Sequential(*body)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.body(x)


class Sum(nn.Module):
    def __init__(self, inplace: bool) -> None:
        super().__init__()
        self.relu = nn.ReLU(inplace)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.relu(x)
        return x + y


class Concatenated(Sum):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([x, self.relu(x)], 1)


class Siblings(nn.Module):
    """Two branches that both begin with an activation, as in Inception-like cells."""

    def __init__(self, inplace: bool) -> None:
        super().__init__()
        self.one = nn.Sequential(nn.ReLU(inplace), nn.Linear(3, 3))
        self.two = nn.Sequential(nn.Tanh(), nn.Linear(3, 3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.one(x) * self.two(x)


class Aliased(nn.Module):
    """Inactive dropout hands on its operand itself, so that the relu behind it writes into the shortcut."""

    def __init__(self, inplace: bool) -> None:
        super().__init__()
        self.drop, self.relu = nn.Dropout(0.5), nn.ReLU(inplace)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        inside = self.relu(self.drop(x))
        return inside * 2 + x


class Plain(nn.Module):
    def __init__(self, inplace: bool) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(3, 3), nn.ReLU(inplace), nn.Linear(3, 3), nn.ReLU(inplace))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.body(x) + x


class PostActivation(nn.Module):
    """ResNet: the sum is activated in place, the next block branches off behind."""

    def __init__(self, inplace: bool) -> None:
        super().__init__()
        self.one, self.two, self.relu = nn.Linear(3, 3), nn.Linear(3, 3), nn.ReLU(inplace)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out = self.relu(self.one(x))
        out = self.two(out) + out
        return self.relu(out)


class Augmented(nn.Module):
    """`out += shortcut`, as torchvision writes it."""

    def __init__(self, inplace: bool) -> None:
        super().__init__()
        self.one = nn.Linear(3, 3)
        self.inplace = inplace

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out = self.one(x)
        if self.inplace:
            out += x
        else:
            out = out + x
        return F.relu(out, inplace=self.inplace)


@pytest.mark.parametrize(
    "make",
    [
        Plain,
        PostActivation,
        Augmented,
        Sum,
        Concatenated,
        Siblings,
        Aliased,
        lambda inplace: Residual(nn.ReLU(inplace), nn.Linear(3, 3)),
        lambda inplace: Residual(nn.Linear(3, 3), nn.ReLU(inplace)),
    ],
)
def test_flagged_where_the_result_changes(make: object) -> None:
    torch.manual_seed(0)
    inplace = make(True).eval()  # type: ignore[operator]
    apart = make(False).eval()  # type: ignore[operator]
    apart.load_state_dict(inplace.state_dict())
    with torch.no_grad():
        differs = not torch.equal(inplace(DATA.clone()), apart(DATA.clone()))
    flags = [entry.get("overwritten_while_needed") for entry in surveyed(inplace, tuple(DATA.shape)).entries]
    assert (True in flags) is differs


def test_the_question_does_not_apply_to_ops_that_make_a_new_tensor() -> None:
    flags = [entry.get("overwritten_while_needed") for entry in surveyed(Sum(False), tuple(DATA.shape)).entries]
    assert flags == [None, None]


class Filled(nn.Module):
    """Parts written into a buffer: the buffer is meant to change."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out = torch.zeros_like(x)
        out[:, :2] = x[:, 2:]
        out[:, 2:] = x[:, :2]
        return out * 2


def test_filling_a_buffer_is_deliberate() -> None:
    flags = [entry.get("overwritten_while_needed") for entry in surveyed(Filled(), tuple(DATA.shape)).entries]
    assert True not in flags
