"""How far a batch norm's stored variance lies from the one that it meets in evaluation mode.

Dropout before a batch norm makes it store a variance that no evaluation has (Li 2019, arXiv 1801.05134, equation 8: the
ratio is (v/q + c^2 (1/q - 1)) / v for keep rate q, mean c and variance v in front of the dropout).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm


@dataclass
class _Moments:
    """Sums over samples and positions, per channel, in double precision."""

    count: int = 0
    first: Tensor | float = 0.0
    second: Tensor | float = 0.0

    def add(self, x: Tensor) -> None:
        """Take in a batch [N, C, ...]."""
        flat = x.detach().double().transpose(0, 1).flatten(1)
        self.count += flat.shape[1]
        self.first = self.first + flat.sum(1)
        self.second = self.second + (flat * flat).sum(1)

    def variance(self) -> Tensor:
        """Of each channel."""
        mean = torch.as_tensor(self.first) / self.count
        return torch.as_tensor(self.second) / self.count - mean * mean


def variance_shift(model: nn.Module, evaluate: Callable[[], object]) -> float | None:
    """The largest ratio, of either to the other, over the batch norms of `model`; None where there is none.

    `evaluate` runs the model in evaluation mode over some examples.
    """
    norms = [module for module in model.modules() if isinstance(module, _BatchNorm) and module.running_var is not None]
    if not norms:
        return None
    seen = {norm: _Moments() for norm in norms}

    def note(norm: Any, args: Any) -> None:
        if not norm.training:
            seen[norm].add(args[0])

    with ExitStack() as stack:
        for norm in norms:
            stack.callback(norm.register_forward_pre_hook(note).remove)
        evaluate()
    ratios = [_ratio(norm, moments) for norm, moments in seen.items() if moments.count > 1]
    return max(ratios, default=None)


def _ratio(norm: Any, moments: _Moments) -> float:
    """Of the means over the channels: single channels that hardly vary have ratios without meaning."""
    met, stored = float(moments.variance().mean()), float(norm.running_var.double().mean())
    if not met > 0 or not stored > 0:
        return 1.0
    return max(met / stored, stored / met)
