"""Examples that a net is trained on: drawn by index, the same index and seed always giving the same batch."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import torch
from torch import Tensor

from netadvise.errors import UsageError
from netadvise.probe.data_errors import user_code, user_error

TARGET_KEYS = ("labels", "label", "targets", "target", "y")
"""What the target is called in items that are dicts, in order of preference."""

_MOST_TARGETS = 2**24
"""Elements that `Examples.targets` returns at most: masks of a whole data set may not fit into memory."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What a model is called with: `model(*inputs, **kwargs)`, to be compared with `target`."""

    inputs: tuple[Any, ...]
    kwargs: dict[str, Any]
    target: Any
    """A tensor [N, ...]; None where the data gives no target."""
    raw: Any
    """The batch as a DataLoader would hand it out: what a training step of the user's own is called with."""

    @property
    def size(self) -> int:
        """The number of examples, N."""
        return first_size(self.raw)


class Examples(ABC):
    """A finite set of examples."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def raw(self, indices: list[int], seed: int) -> Any:
        """The batch as a DataLoader would hand it out; raises `TargetError` where the user's code raises."""

    @abstractmethod
    def subset(self, indices: Sequence[int]) -> Examples:
        """Some of these examples."""

    def batch(self, indices: Tensor | Sequence[int], seed: int = 0) -> Batch:
        """The examples at `indices`; `seed` decides all random augmentation, and no global random state moves.

        Raises `TargetError` with the user's line for an item that raises.
        """
        chosen = indices.tolist() if isinstance(indices, Tensor) else list(indices)
        return as_batch(self.raw(chosen, seed))

    def targets(self, limit: int = 2000) -> Tensor | None:
        """Targets [n, ...] of up to `limit` examples spread over the set; None where there are none, or unequal ones.

        Unequal lengths of integer sequences are filled up with -100, which no loss counts.
        """
        if not len(self):
            return None
        first = self.batch([0]).target
        if not isinstance(first, Tensor):
            return None
        most = min(limit, max(1, _MOST_TARGETS // max(1, first.numel())))
        chosen = spread(len(self), most)
        return _joined([self.batch(chosen[at : at + 64]).target for at in range(0, len(chosen), 64)])


class TensorExamples(Examples):
    """Examples that stand in memory: a tree of tensors [n, ...], as tuples and dicts; a batch is a slice.

    Tensors of bytes are pictures: a batch has them as float32 in [0, 1].
    """

    def __init__(self, tree: Any) -> None:
        self.tree = tree
        self.length = first_size(tree)

    def __len__(self) -> int:
        return self.length

    def raw(self, indices: list[int], seed: int = 0) -> Any:
        chosen = torch.tensor(indices, dtype=torch.int64)
        return map_tensors(lambda leaf: _as_numbers(leaf.index_select(0, chosen)), self.tree)

    def subset(self, indices: Sequence[int]) -> TensorExamples:
        chosen = torch.tensor(list(indices), dtype=torch.int64)
        return TensorExamples(map_tensors(lambda leaf: leaf.index_select(0, chosen), self.tree))


class DatasetExamples(Examples):
    """Examples of a map-style data set of the user's, fetched one by one."""

    def __init__(
        self, dataset: Any, shown: str, collate: Callable[[list[Any]], Any], indices: Sequence[int] | None = None
    ) -> None:
        self.dataset, self.shown, self.collate = dataset, shown, collate
        self.indices = range(len(dataset)) if indices is None else indices

    def __len__(self) -> int:
        return len(self.indices)

    def raw(self, indices: list[int], seed: int) -> Any:
        with seeded(seed):
            items = [self._item(self.indices[index]) for index in indices]
            with user_code(f"{self.shown}: making a batch of {len(items)} items", hint=_COLLATE_HINT):
                return self.collate(items)

    def subset(self, indices: Sequence[int]) -> DatasetExamples:
        return DatasetExamples(self.dataset, self.shown, self.collate, [self.indices[index] for index in indices])

    def _item(self, index: int) -> Any:
        try:
            return self.dataset[index]
        except (Exception, SystemExit) as error:
            raise user_error(f"{self.shown}: fetching item {index} of {len(self.dataset)}", error) from error


_COLLATE_HINT = (
    "Let every item be tensors or arrays of one shape (a transform makes tensors of pictures), or return a DataLoader "
    "with a collate_fn of its own."
)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed the CPU generators of torch, numpy and Python in the block; afterwards they are as they were."""
    states = torch.get_rng_state(), random.getstate(), np.random.get_state()
    torch.default_generator.manual_seed(seed % 2**63)
    random.seed(seed)
    np.random.seed(seed % 2**32)
    try:
        yield
    finally:
        torch.set_rng_state(states[0])
        random.setstate(states[1])
        np.random.set_state(states[2])


def as_batch(raw: Any) -> Batch:
    """A batch out of what a data set's collation gives.

    `(x, y)`, `((x1, x2), y)`, `({name: x}, y)`, `(x1, x2, y)`, `{name: x, "labels": y}`, or x alone. A dict becomes
    keyword arguments, but a dict of one input is called by position, because its key is rarely the argument's name.
    """
    if isinstance(raw, Mapping):
        key = next((key for key in TARGET_KEYS if key in raw), None)
        inputs = {name: value for name, value in raw.items() if name != key}
        return _batch(inputs, None if key is None else raw[key], raw)
    if isinstance(raw, (tuple, list)) and len(raw) > 1:
        return _batch(raw[0] if len(raw) == 2 else tuple(raw[:-1]), raw[-1], raw)
    return _batch(raw, None, raw)


def _batch(inputs: Any, target: Any, raw: Any) -> Batch:
    settled = map_tensors(_as_target, target)
    if isinstance(inputs, Mapping):
        named = {name: map_tensors(_as_input, value) for name, value in inputs.items() if _has_tensors(value)}
        if len(named) > 1 or isinstance(raw, (tuple, list)):
            return Batch((), named, settled, raw)
        return Batch(tuple(named.values()), {}, settled, raw)
    several = inputs if isinstance(inputs, (tuple, list)) else (inputs,)
    return Batch(tuple(map_tensors(_as_input, each) for each in several), {}, settled, raw)


def _as_input(leaf: Tensor) -> Tensor:
    return _as_numbers(leaf) if leaf.dtype == torch.uint8 and leaf.dim() > 2 else _as_target(leaf)


def _as_numbers(leaf: Tensor) -> Tensor:
    return leaf.float().div_(255) if leaf.dtype == torch.uint8 else leaf


def _as_target(leaf: Tensor) -> Tensor:
    """Doubles become float32 and small integers int64: what losses and embeddings take."""
    if leaf.is_floating_point():
        return leaf.float()
    return leaf if leaf.dtype in (torch.bool, torch.int64) or leaf.is_complex() else leaf.long()


def map_tensors(function: Callable[[Tensor], Tensor], tree: Any) -> Any:
    """The tree of tuples, lists and dicts with `function` applied to every tensor; what else is in it stays."""
    if isinstance(tree, Tensor):
        return function(tree)
    if isinstance(tree, Mapping):
        return {key: map_tensors(function, value) for key, value in tree.items()}
    if isinstance(tree, (tuple, list)):
        return tuple(map_tensors(function, value) for value in tree)
    return tree


def leaves(tree: Any) -> list[tuple[str, Tensor]]:
    """Every tensor of a tree of tuples, lists and dicts, with its place: "0", "1.mask"."""
    if isinstance(tree, Tensor):
        return [("", tree)]
    pairs = tree.items() if isinstance(tree, Mapping) else enumerate(tree) if isinstance(tree, (tuple, list)) else ()
    return [(f"{key}.{name}".rstrip("."), leaf) for key, value in pairs for name, leaf in leaves(value)]


def _has_tensors(tree: Any) -> bool:
    return bool(leaves(tree))


def first_size(tree: Any) -> int:
    """The size of the first axis of the first tensor; raises `UsageError` where there is no tensor with axes."""
    found = next((leaf for _, leaf in leaves(tree) if leaf.dim()), None)
    if found is None:
        raise UsageError("the data holds no tensor with a first axis of examples")
    return len(found)


def spread(length: int, most: int) -> list[int]:
    """At most `most` indices spread evenly over `range(length)`: all of them where they are few enough."""
    return list(range(length)) if length <= most else [at * length // most for at in range(most)]


def _joined(parts: list[Tensor]) -> Tensor | None:
    shapes = {part.shape[1:] for part in parts}
    if len(shapes) == 1:
        return torch.cat(parts)
    if any(part.dim() != 2 or part.is_floating_point() for part in parts):
        return None
    longest = max(part.shape[1] for part in parts)
    filled = [torch.nn.functional.pad(part.long(), (0, longest - part.shape[1]), value=-100) for part in parts]
    return torch.cat(filled)


def shape_words(leaf: Tensor) -> str:
    """Shape of one example and dtype, as the description shows them: "1x8x8 float32"."""
    shape = tuple(leaf.shape[1:])
    dtype = "float32" if leaf.dtype == torch.uint8 else str(leaf.dtype).removeprefix("torch.")
    return f"{'x'.join(map(str, shape))} {dtype}" if prod(shape) != 1 or shape else f"scalar {dtype}"
