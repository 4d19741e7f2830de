"""Recording leaves the model, its modes and the random state as they were."""

from __future__ import annotations

import random

import pytest
import torch
from torch import nn

from netadvise.capture.record import record
from netadvise.errors import CaptureError

IMAGE = torch.randn(1, 3, 16, 16)


class Restless(nn.Module):
    """Changes everything a forward pass can change."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(3)
        self.weight = nn.Parameter(torch.ones(3, 1, 1))
        self.register_buffer("steps", torch.zeros(1))
        self.scale = torch.ones(3, 1, 1)
        self.seen: list[torch.Tensor] = []
        self.options = {"calls": 0}
        self.calls = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        self.options["calls"] += 1
        self.seen.append(x)
        self.cache = x
        self.steps.add_(1)
        self.scale.mul_(2)
        self.weight.data.mul_(2)
        self.running = torch.nn.Dropout(0.5)
        return self.norm(x) * self.weight * self.scale * torch.rand(1)


def state(model: nn.Module) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


@pytest.mark.parametrize("mode", ["eval", "train"])
@pytest.mark.parametrize("real", [False, True], ids=["hybrid", "real"])
@pytest.mark.parametrize("size", [8, 200], ids=["small", "large"])
def test_tensors_attributes_and_registries_come_back(mode: str, real: bool, size: int) -> None:
    model = Restless()
    model.norm.eval()
    before, attributes, scale = state(model), set(vars(model)), model.scale.clone()
    record(model, (torch.randn(1, 3, size, size),), mode=mode, real=real)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert torch.equal(model.scale, scale)
    assert (model.calls, model.options, model.seen) == (0, {"calls": 0}, [])
    assert set(vars(model)) == attributes
    assert list(model._modules) == ["norm"]
    assert model.training
    assert not model.norm.training


def test_they_come_back_when_the_forward_pass_raises() -> None:
    model = Restless()
    before = state(model)
    with pytest.raises(CaptureError):
        record(model, (torch.randn(1, 5, 8, 8),), mode="train")
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert model.calls == 0


def test_hooks_and_patched_classes_come_back() -> None:
    model = nn.Sequential(nn.Conv2d(3, 3, 1))
    call, init, check = nn.Module.__call__, nn.Module.__init__, torch.nn.functional.has_torch_function_unary
    record(model, (IMAGE,))
    assert (nn.Module.__call__, nn.Module.__init__) == (call, init)
    assert torch.nn.functional.has_torch_function_unary is check
    assert not model._forward_hooks
    assert torch.backends.mha.get_fastpath_enabled()


def test_random_states_come_back() -> None:
    torch.manual_seed(3)
    random.seed(3)
    expected = (torch.rand(1), random.random())
    torch.manual_seed(3)
    random.seed(3)
    record(Restless(), (IMAGE,), mode="train", real=True)
    torch.manual_seed(3)
    record(Restless().eval(), (IMAGE,), mode="train")
    assert (torch.rand(1), random.random()) == expected
