"""Networks of single runs: their weights, and trying them on a batch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from netadvise.probe.data_errors import user_code
from netadvise.probe.task_outputs import primary_output


def one_thread() -> None:
    """From now on torch computes in one thread: several processes with several threads each are slower by far."""
    torch.set_num_threads(1)


def torch_version() -> str:
    """The version of torch, with its build."""
    return str(torch.__version__)


def outputs_of(model: nn.Module, batch: Any) -> Tensor:
    """What a model makes of a batch, in evaluation mode; lazy layers take shape. Raises `TargetError`."""
    model.eval()
    with torch.no_grad(), user_code(f"running {type(model).__name__} on a batch of the data"):
        return primary_output(model(*batch.inputs, **batch.kwargs))


def weights(model: nn.Module) -> dict[str, Tensor]:
    """A copy of the state of a model."""
    return {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}


def carry_over(model: nn.Module, before: Mapping[str, Tensor]) -> None:
    """Give back the weights that an edit made anew although they have the shapes they had: `nn.LSTM(dropout=)`."""
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            known = before.get(name)
            if known is not None and known.shape == tensor.shape:
                tensor.copy_(known)
