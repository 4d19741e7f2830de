"""The masks of a stack of networks: each network has its own rate at every place, and the masks of its own seed.

Inside `vmap` a layer sees one network at a time, but its masks are drawn for all of them at once, from the same
generators and in the same order as for each by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from netadvise.probe.masks import Masks
from netadvise.probe.variants import Variant, dropouts


@dataclass
class StackMasks:
    """The uniform numbers, and the rates, of a stack of networks."""

    seeds: Sequence[int]
    """Of each network."""
    rates: Mapping[str, Sequence[float]]
    """By place, of each network; 0 where it has no dropout there."""
    _masks: dict[int, Masks] = field(default_factory=dict)
    _numbers: dict[tuple[str, tuple[int, ...]], tuple[Tensor, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._masks = {seed: Masks(seed) for seed in self.seeds}

    def begin(self, step: int) -> None:
        """Masks are those of this step from now on."""
        for masks in self._masks.values():
            masks.begin(step)

    def drawn(self, place: str, x: Tensor, variant: Variant, module: Any) -> tuple[Tensor, ...]:
        """[networks, ...] to uniform numbers [networks, ...], and what follows from the rates, [networks] each.

        Networks of one seed have the same numbers; where the rate is 0 nothing is drawn, and 0 stands for it.
        """
        first, rates = x[0], self.rates[place]
        shape = variant.drawn(first, module)
        dropped = {seed for seed, rate in zip(self.seeds, rates, strict=True) if rate}
        by_seed = {seed: self._masks[seed].uniform(place, shape, x) for seed in sorted(dropped)}
        uniform = torch.zeros((len(rates), *shape), device=x.device)
        for row, (seed, rate) in enumerate(zip(self.seeds, rates, strict=True)):
            if rate:
                uniform[row] = by_seed[seed]
        return uniform, *self._of_rates(place, first, variant, module)

    def _of_rates(self, place: str, x: Tensor, variant: Variant, module: Any) -> tuple[Tensor, ...]:
        known = self._numbers.get((place, tuple(x.shape)))
        if known is None:
            each = [variant.numbers(rate, x, module) for rate in self.rates[place]]
            below, *others = zip(*each, strict=True)
            # uniform numbers are float32, and a float that is compared with them becomes one, too
            known = torch.tensor(below, device=x.device), *(x.new_tensor(other) for other in others)
            self._numbers[place, tuple(x.shape)] = known
        return known


def rates_of(template: nn.Module, models: Sequence[nn.Module]) -> dict[str, list[float]]:
    """The rate of each model at each place where the template has a dropout; raises `ValueError` for a rate of 1."""
    own = [{path: float(module.p) for path, module, _ in dropouts(model)} for model in models]
    found = {path: [rates.get(path, 0.0) for rates in own] for path, _, _ in dropouts(template)}
    if any(rate >= 1 for rates in found.values() for rate in rates):
        raise ValueError("a dropout that drops everything is not for a stack")
    return found


def key_stack(template: nn.Module, masks: StackMasks) -> None:
    """From now on every dropout layer of `template` draws for all networks of a stack; it works inside `vmap` only."""
    for path, module, variant in dropouts(template):
        module.forward = _forward(module, variant, masks, path)


def _forward(module: Any, variant: Variant, masks: StackMasks, path: str) -> Callable[[Tensor], Tensor]:
    def draw(x: Tensor) -> tuple[Tensor, ...]:
        return masks.drawn(path, x, variant, module)

    def forward(input: Tensor) -> Tensor:  # noqa: A002
        if not module.training or not any(masks.rates[path]):
            return input
        uniform, *numbers = _Drawn.apply(input, draw)
        return variant.act(input, uniform, module, *numbers)

    return forward


class _Drawn(torch.autograd.Function):
    """Calls `draw` with what all networks of the stack have for `x`, [networks, ...]."""

    @staticmethod
    def forward(x: Tensor, draw: Callable[[Tensor], tuple[Tensor, ...]]) -> tuple[Tensor, ...]:
        raise ValueError("a dropout of what is the same for all networks is not for a stack")

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        ctx.mark_non_differentiable(*output)

    @staticmethod
    def vmap(info: Any, in_dims: Any, x: Tensor, draw: Callable[[Tensor], tuple[Tensor, ...]]) -> Any:
        found = draw(x.detach().movedim(in_dims[0], 0))
        return found, (0,) * len(found)
