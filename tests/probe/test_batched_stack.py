"""Stacked tensors: networks stay what they are, and an optimizer does to all what it does to each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from netadvise.probe.batched_stack import ELEMENTWISE, Stack

Make = Callable[[nn.Module], Optimizer]


class Net(nn.Module):
    """Parameters of odd sizes, one of no axes, one that is not trained, and buffers of two kinds."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.first, self.scale = nn.Linear(3, 5), nn.Parameter(torch.rand(()))
        self.fixed = nn.Parameter(torch.rand(2), requires_grad=False)
        self.norm = nn.BatchNorm1d(5)

    def grads(self, step: int) -> dict[str, Tensor]:
        generator = torch.Generator().manual_seed(step + 1000 * int(self.scale.item() * 1e6))
        return {
            name: torch.randn(each.shape, generator=generator) * (step % 3)
            for name, each in self.named_parameters()
            if each.requires_grad
        }


def two_groups(model: nn.Module) -> Optimizer:
    weights = [each for each in model.parameters() if each.dim() > 1]
    others = [each for each in model.parameters() if each.dim() <= 1]
    return torch.optim.AdamW([{"params": weights, "weight_decay": 0.1}, {"params": others, "lr": 0.1}], lr=0.01)


# in one order in every process that collects tests
KINDS = sorted(ELEMENTWISE, key=lambda kind: kind.__name__)
OPTIMIZERS: dict[str, Make] = {
    **{kind.__name__: lambda model, kind=kind: kind(model.parameters(), lr=0.01) for kind in KINDS},  # type: ignore[misc]
    "momentum": lambda m: torch.optim.SGD(m.parameters(), lr=0.01, momentum=0.9, nesterov=True, weight_decay=0.1),
    "amsgrad": lambda m: torch.optim.Adam(m.parameters(), lr=0.01, amsgrad=True),
    "centered": lambda m: torch.optim.RMSprop(m.parameters(), lr=0.01, centered=True, momentum=0.5),
    "fused": lambda m: torch.optim.AdamW(m.parameters(), lr=0.01, fused=True),
    "fused SGD": lambda m: torch.optim.SGD(m.parameters(), lr=0.01, momentum=0.9, fused=True),
    "foreach": lambda m: torch.optim.Adam(m.parameters(), lr=0.01, foreach=True),
    "two groups": two_groups,
}


def made(make: Make, count: int = 3) -> list[tuple[Net, Optimizer]]:
    networks = [Net(seed) for seed in range(count)]
    return [(net, make(net)) for net in networks]


def stepped(pairs: list[tuple[Net, Optimizer]], steps: range, drawn: list[list[dict[str, Tensor]]]) -> None:
    for step in steps:
        for row, (net, optimizer) in enumerate(pairs):
            for name, each in net.named_parameters():
                each.grad = drawn[row][step].get(name)
            optimizer.step()


def gradients(steps: int) -> list[list[dict[str, Tensor]]]:
    return [[Net(seed).grads(step) for step in range(steps)] for seed in range(3)]


def learn(stack: Stack, given: list[dict[str, Tensor]]) -> None:
    """A step whose gradients are these."""
    rows = [given[row] if row < len(given) else given[0] for row in range(stack.width)]
    losses = torch.zeros(stack.width)
    for name, rows_of in stack.parameters.items():
        losses = losses + (rows_of * torch.stack([each[name] for each in rows])).reshape(stack.width, -1).sum(1)
    stack.learn(losses)


@pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS.keys())
def test_an_optimizer_does_to_a_stack_what_it_does_to_each(make: Make) -> None:
    """From the start, and from states that were handed back and stacked again with others."""
    wanted, drawn = made(make), gradients(8)
    stepped(wanted, range(8), drawn)
    found = made(make)
    stack = Stack([found[0], found[1]], 4)
    for step in range(3):
        learn(stack, [drawn[0][step], drawn[1][step]])
    stack.hand_back()
    stepped(found[2:], range(3), drawn[2:])
    stack = Stack([found[1], found[2], found[0]], 3)
    for step in range(3, 6):
        learn(stack, [drawn[row][step] for row in (1, 2, 0)])
    stack.hand_back()
    stepped(found, range(6, 8), drawn)
    for (net, _), (own, _) in zip(wanted, found, strict=True):
        for name, each in net.named_parameters():
            assert torch.allclose(each, dict(own.named_parameters())[name], rtol=1e-5, atol=1e-7), name


def test_networks_are_what_they_were_and_see_what_the_stack_does() -> None:
    plain, pairs = Net(1), made(OPTIMIZERS["Adam"])
    stack = Stack(pairs, 5)
    own = {**dict(pairs[1][0].named_parameters()), **dict(pairs[1][0].named_buffers())}
    for name, each in {**dict(plain.named_parameters()), **dict(plain.named_buffers())}.items():
        assert torch.equal(own[name], each)
    with torch.no_grad():
        stack.parameters["first.weight"].fill_(7)
        stack.buffers["norm.running_mean"].fill_(8)
        stack.buffers["fixed"].fill_(9)
    net = pairs[2][0]
    assert set(net.first.weight.flatten().tolist()) == {7.0}
    assert set(net.norm.running_mean.tolist()) == {8.0}  # type: ignore[union-attr]
    assert set(net.fixed.tolist()) == {9.0}
    assert not stack.buffers["fixed"].requires_grad


@pytest.mark.parametrize("steps", [0, 2])
def test_a_stack_is_put_back_to_what_it_was(steps: int) -> None:
    make, drawn = partial(torch.optim.Adam, lr=0.1), gradients(6)
    pairs = made(lambda net: make(net.parameters()))
    stack = Stack(pairs, 3)
    for step in range(steps):
        learn(stack, [each[step] for each in drawn])
    kept, before = stack.kept(), [each.detach().clone() for each in pairs[1][0].parameters()]
    learn(stack, [each[4] for each in drawn])
    after = [each.detach().clone() for each in pairs[1][0].parameters()]
    stack.buffers["norm.running_var"].fill_(3)
    stack.put(kept)
    assert all(map(torch.equal, pairs[1][0].parameters(), before))
    assert pairs[0][0].norm.running_var.tolist() == [1.0] * 5  # type: ignore[union-attr]
    learn(stack, [each[4] for each in drawn])
    assert all(map(torch.equal, pairs[1][0].parameters(), after))


def test_no_parameter_lies_in_the_rest_of_a_loop() -> None:
    stack = Stack(made(OPTIMIZERS["Adam"]), 3)
    for rows in stack.parameters.values():
        assert rows.stride(0) % 64 == 0
        assert rows.storage_offset() % 16 == 0
