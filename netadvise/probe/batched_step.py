"""One step of a stack of networks, each on the batch of its own seed."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap
from torch.nn.modules.batchnorm import _BatchNorm

from netadvise.probe.batched_masks import StackMasks, key_stack, rates_of
from netadvise.probe.batched_stack import Network, Stack
from netadvise.probe.data_examples import Batch, leaves, map_tensors
from netadvise.probe.step import Material, batch_of

NARROWEST = 2
"""A stack of one is computed by other functions than one of several, and rounds otherwise."""
_LANES = 32
"""Loops over elements take so many at a time, and compute what is left over without vector instructions."""


def width_of(count: int, sizes: Iterable[int]) -> int:
    """The width of a stack of so many networks, none of which is computed in what a loop leaves over.

    `sizes`: elements that one network has in the tensors that are looped over. Either nothing is left over, or it lies
    within networks behind the last one, which are then only there for that.
    """
    wanted = set(sizes)
    width = max(count, NARROWEST)
    while any((width - count) * size < width * size % _LANES for size in wanted):
        width += 1
    return width


def _sizes(template: nn.Module, batch_size: int) -> set[int]:
    """Activations have a multiple of the batch; batch norms loop over channels, too."""
    norms = (module for module in template.modules() if isinstance(module, _BatchNorm))
    return {batch_size, *(norm.num_features for norm in norms)}


@contextmanager
def quiet() -> Iterator[None]:
    """Meanwhile torch does not say that it computes a function for one network after the other: it is timed."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="There is a performance drop")
        yield


@dataclass(frozen=True, slots=True)
class _Called:
    """Stands for one network of the stack: called as a model is, with its tensors."""

    template: nn.Module
    tensors: tuple[dict[str, Tensor], dict[str, Tensor]]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return functional_call(self.template, self.tensors, args, kwargs)


class Stepping:
    """Networks of one shape that take every step together.

    `template` is a network that has a dropout wherever one of them has: it lends its code, and nothing else.
    Raises whatever a network that cannot be stacked makes torch raise.
    """

    def __init__(
        self, template: nn.Module, networks: Sequence[Network], seeds: Sequence[int], material: Material
    ) -> None:
        sizes = _sizes(template, min(material.batch_size, len(material.train))) if material.device == "cpu" else ()
        width = width_of(len(networks), sizes)
        rest = width - len(networks)
        self._count, self._template, self._material = len(networks), template, material
        self._seeds = [*seeds, *[seeds[0]] * rest]
        rates = rates_of(template, [model for model, _ in networks])
        self._masks = StackMasks(self._seeds, {place: [*own, *[0.0] * rest] for place, own in rates.items()})
        self.stack = Stack(networks, width)
        key_stack(template.to(material.device), self._masks)

    def step(self, number: int) -> list[float]:
        """One step on the batches that belong to it, counted from 1; the loss of each network before it."""
        stack, material = self.stack, self._material
        self._template.train()
        self._masks.begin(number)
        fetched = {seed: batch_of(material, seed, number) for seed in dict.fromkeys(self._seeds)}
        tensors, rebuilt = _stacked([fetched[seed] for seed in self._seeds])

        def loss(parameters: dict[str, Tensor], buffers: dict[str, Tensor], own: list[Tensor]) -> Tensor:
            model = cast("nn.Module", _Called(self._template, (parameters, buffers)))
            return material.step.training_loss(model, rebuilt(own), number - 1)

        losses = vmap(loss)(stack.parameters, stack.buffers, tensors)
        stack.learn(losses)
        found: list[float] = losses.detach().tolist()
        return found[: self._count]


def _stacked(batches: Sequence[Any]) -> tuple[list[Tensor], Callable[[Sequence[Tensor]], Any]]:
    """The tensors of batches, [networks, N, ...] each; and how a batch is made of those of one network.

    Raises `ValueError` where anything but the tensors differs, and where shapes do.
    """
    trees = [(batch.inputs, batch.kwargs, batch.target) if isinstance(batch, Batch) else batch for batch in batches]
    first, hole = batches[0], cast("Tensor", None)
    skeletons = [map_tensors(lambda _: hole, tree) for tree in trees]
    if any(skeleton != skeletons[0] for skeleton in skeletons[1:]):
        raise ValueError("the batches of several seeds differ in more than their tensors")
    columns = zip(*([leaf for _, leaf in leaves(tree)] for tree in trees), strict=True)
    tensors = [torch.stack(column) for column in columns]

    def rebuilt(own: Sequence[Tensor]) -> Any:
        given: Iterator[Tensor] = iter(own)
        tree = map_tensors(lambda _: next(given), trees[0])
        if not isinstance(first, Batch):
            return tree
        return replace(first, inputs=tree[0], kwargs=tree[1], target=tree[2], raw=None)

    return tensors, rebuilt
