"""What a forward pass is called with, before any tensor exists: shapes, dtypes and nesting.

    blueprint ::= (name, tree, positional)*
    tree      ::= Slot | Plain | list of trees | tuple of trees | dict of trees

Tensors are made from it at the last moment: large ones on the meta device, small ones with values that a model can
digest (ids inside the smallest vocabulary, masks that hide nothing).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any, Literal

import torch
from torch import nn

from netadvise.capture.tensors import flat_tensors, map_tensors

Source = Literal["given", "declared", "inferred"]
Fill = Literal["plain", "ids", "ones", "zeros"]
_REAL_BELOW = 1 << 16


@dataclass(frozen=True)
class Slot:
    """One tensor to be. `free` are the axes whose size is a guess and may be varied together."""

    shape: tuple[int, ...]
    dtype: str = "float32"
    fill: Fill = "plain"
    free: tuple[int, ...] = ()

    @property
    def size(self) -> int | None:
        """The size of the free axes; None when nothing is free."""
        return self.shape[self.free[-1]] if self.free else None

    def resized(self, size: int) -> Slot:
        shape = tuple(size if axis in self.free else extent for axis, extent in enumerate(self.shape))
        return replace(self, shape=shape)

    def __str__(self) -> str:
        return ("x".join(map(str, self.shape)) or "scalar") + f" {self.dtype}"


def as_image(features: int) -> Slot | None:
    """The square picture, of three channels or one, that has this many elements; None when there is none."""
    for channels in (3, 1):
        side = round((features / channels) ** 0.5)
        if side > 3 and side * side * channels == features:
            return Slot((1, channels, side, side), free=(2, 3))
    return None


@dataclass(frozen=True)
class Plain:
    """A value that is passed as it is: a tensor that the author declared, a number."""

    value: Any = field(hash=False)

    def __str__(self) -> str:
        if isinstance(self.value, torch.Tensor):
            return str(Slot(tuple(self.value.shape), str(self.value.dtype).removeprefix("torch.")))
        return (
            repr(self.value) if isinstance(self.value, bool | int | float | str | None) else type(self.value).__name__
        )


Tree = Slot | Plain | tuple["Tree", ...] | list["Tree"] | dict[str, "Tree"]


@dataclass(frozen=True)
class Argument:
    """One argument of the forward call."""

    name: str
    tree: Tree
    positional: bool = True

    def __str__(self) -> str:
        return f"{self.name}={shown(self.tree)}" if self.name else shown(self.tree)


Blueprint = tuple[Argument, ...]


def shown(tree: Tree) -> str:
    """The tree as text, shapes and dtypes in brackets as nested."""
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{key}: {shown(item)}" for key, item in tree.items()) + "}"
    if isinstance(tree, list | tuple):
        return "[" + ", ".join(map(shown, tree)) + "]"
    return str(tree)


def describe(blueprint: Blueprint) -> str:
    """`x=1x3x224x224 float32, mask=1x20 bool`."""
    return ", ".join(map(str, blueprint)) or "no inputs"


def map_slots(function: Callable[[Slot], Tree], tree: Tree) -> Tree:
    """The tree with `function` applied to its slots."""
    if isinstance(tree, dict):
        return {key: map_slots(function, item) for key, item in tree.items()}
    if isinstance(tree, tuple):
        return tuple(map_slots(function, item) for item in tree)
    if isinstance(tree, list):
        return [map_slots(function, item) for item in tree]
    return function(tree) if isinstance(tree, Slot) else tree


def slots(blueprint: Blueprint) -> Iterator[Slot]:
    """Every slot, in order."""
    found: list[Slot] = []

    def see(slot: Slot) -> Slot:
        found.append(slot)
        return slot

    for argument in blueprint:
        map_slots(see, argument.tree)
    yield from found


def revised(blueprint: Blueprint, function: Callable[[Slot], Tree]) -> Blueprint:
    """The blueprint with `function` applied to its slots."""
    return tuple(replace(argument, tree=map_slots(function, argument.tree)) for argument in blueprint)


@dataclass(frozen=True)
class Candidate:
    """Inputs for one forward pass: `module(*args, **kwargs)`."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    names: tuple[str, ...]
    """A name for each tensor in `(args, kwargs)`, in order."""
    source: Source
    description: str

    def realised(self) -> Candidate:
        """The same inputs with every meta tensor replaced by a real one."""
        return replace(self, args=map_tensors(_real, self.args), kwargs=map_tensors(_real, self.kwargs))


def candidate(blueprint: Blueprint, source: Source, vocabulary: int) -> Candidate:
    """The tensors of a blueprint; ids stay below `vocabulary`."""
    made = [(argument, _make(argument.tree, vocabulary)) for argument in blueprint]
    args = tuple(value for argument, value in made if argument.positional)
    kwargs = {argument.name: value for argument, value in made if not argument.positional}
    ordered = [item for item in made if item[0].positional] + [item for item in made if not item[0].positional]
    names = tuple(name for argument, value in ordered for name in _names(argument.name, value))
    return Candidate(args, kwargs, names, source, describe(blueprint))


def smallest_vocabulary(module: nn.Module) -> int:
    """Ids below this are valid in every embedding of the model."""
    sizes = [item.num_embeddings for item in module.modules() if isinstance(item, nn.Embedding | nn.EmbeddingBag)]
    return max(1, min(sizes, default=2))


def _make(tree: Tree, vocabulary: int) -> Any:
    if isinstance(tree, dict):
        return {key: _make(item, vocabulary) for key, item in tree.items()}
    if isinstance(tree, list | tuple):
        return type(tree)(_make(item, vocabulary) for item in tree)
    if isinstance(tree, Plain):
        return tree.value
    return make_tensor(tree, vocabulary)


def make_tensor(slot: Slot, vocabulary: int = 2) -> torch.Tensor:
    """A tensor for a slot: meta when it is large."""
    dtype = getattr(torch, slot.dtype)
    if prod(slot.shape) > _REAL_BELOW:
        return torch.empty(slot.shape, dtype=dtype, device="meta")
    if slot.fill == "ids":
        return (torch.arange(prod(slot.shape)) % vocabulary).reshape(slot.shape).to(dtype)
    if slot.fill == "plain" and dtype.is_floating_point:
        return ((torch.arange(prod(slot.shape)) * 7 % 19 - 9) / 9.0).reshape(slot.shape).to(dtype)
    return torch.full(slot.shape, 0 if slot.fill == "zeros" else 1, dtype=dtype)


def _real(tensor: torch.Tensor) -> torch.Tensor:
    if tensor.device.type != "meta":
        return tensor
    if not tensor.dtype.is_floating_point:
        return torch.zeros(tensor.shape, dtype=tensor.dtype)
    return torch.rand(tensor.shape, generator=torch.Generator().manual_seed(0)).to(tensor.dtype)


def _names(name: str, value: Any) -> Iterator[str]:
    """A dotted name for each tensor of an argument, in the order of `flat_tensors`."""
    if isinstance(value, torch.Tensor):
        yield name
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _names(f"{name}.{key}" if name else str(key), item)
    elif isinstance(value, list | tuple):
        for position, item in enumerate(value):
            yield from _names(f"{name}.{position}" if name else str(position), item)
    else:
        yield from (name for _ in flat_tensors(value))
