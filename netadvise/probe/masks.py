"""Random masks that belong to a place and a step, and to nothing else.

A mask is a function of (seed, position, step, call): drawing one moves no other random stream, so a network with one
more dropout sees the same batches, the same initial weights and the same masks elsewhere. A value is dropped where its
uniform number lies below the rate, so the masks of lower rates are nested in those of higher ones.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field

import torch
from torch import Tensor


def key(*parts: object) -> int:
    """A number of 63 bits for a tuple of plain values: the same in every process."""
    told = "\x1f".join(map(str, parts)).encode()
    return int.from_bytes(hashlib.blake2b(told, digest_size=8).digest(), "big") >> 1


@dataclass
class Masks:
    """The uniform numbers of one training run; `step` is moved by the training loop."""

    seed: int
    step: int = 0
    _calls: Counter[str] = field(default_factory=Counter)
    _again: Counter[str] = field(default_factory=Counter)
    """Calls inside a backward pass: activation checkpointing runs a part of the forward pass once more."""
    _generators: dict[torch.device, torch.Generator] = field(default_factory=dict)

    def begin(self, step: int) -> None:
        """Masks are those of this step from now on."""
        self.step = step
        self._calls.clear()
        self._again.clear()

    def uniform(self, position: str, shape: tuple[int, ...], like: Tensor) -> Tensor:
        """Numbers in [0, 1), float32, on the device of `like`: those of the next call at `position` in this step."""
        generator = self._generators.setdefault(like.device, torch.Generator(like.device))
        # what is recomputed has to be what was computed: the same masks, in the same order
        calls = self._again if torch._C._current_graph_task_id() >= 0 else self._calls
        generator.manual_seed(key(self.seed, position, self.step, calls[position]))
        calls[position] += 1
        return torch.rand(shape, generator=generator, device=like.device)
