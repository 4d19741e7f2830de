"""Networks of single runs: their weights, and trying them on a batch."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from netadvise.errors import UsageError
from netadvise.probe.data_errors import user_code
from netadvise.probe.task_outputs import primary_output


@contextmanager
def in_one_thread() -> Iterator[None]:
    """Meanwhile torch computes in one thread: several processes with several threads each are slower by far."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def check_device(device: str) -> None:
    """Raises `UsageError` for a device that there is not."""
    kind, _, index = device.partition(":")
    if kind == "cuda" and (missing := _missing_gpu(index)):
        raise UsageError(f"nothing can be trained on the device {device!r} here: {missing}", hint="--device cpu works.")
    try:
        torch.zeros(1, device=device)
    except Exception as error:
        told = str(error).strip().partition("\n")[0]
        raise UsageError(f"nothing can be trained on the device {device!r} here: {told}") from None


def _missing_gpu(index: str) -> str:
    """What is missing for a GPU of that number, or for any; empty where it is there, as far as that can be told."""
    if not torch.backends.cuda.is_built():
        return "this torch is built without CUDA"
    count = torch.cuda.device_count()
    if count == 0:
        return "no GPU can be seen (nvidia-smi, CUDA_VISIBLE_DEVICES)"
    if index and int(index) >= count:
        return "there is one GPU, cuda:0" if count == 1 else f"there are {count} GPUs, cuda:0 to cuda:{count - 1}"
    return ""


def gpu_memory() -> tuple[int, ...]:
    """Bytes of memory of each GPU that can be seen."""
    return tuple(torch.cuda.get_device_properties(gpu).total_memory for gpu in range(torch.cuda.device_count()))


def warmed() -> None:
    """Import what torch puts off until the first optimizer is made: its compiler, which takes as long as torch."""
    torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)


def torch_version() -> str:
    """The version of torch, with its build."""
    return str(torch.__version__)


def outputs_of(model: nn.Module, batch: Any) -> Tensor:
    """What a model makes of a batch, in evaluation mode; lazy layers take shape. Raises `TargetError`."""
    model.eval()
    with torch.no_grad(), user_code(f"running {type(model).__name__} on a batch of the data"):
        return primary_output(model(*batch.inputs, **batch.kwargs))


def size_of(model: nn.Module) -> int:
    """Bytes of what is trained of a model."""
    return sum(each.numel() * each.element_size() for each in model.parameters())


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


def copied(model: nn.Module) -> nn.Module:
    """A network of its own; raises `TargetError` for one that cannot be copied."""
    hint = "Name a class, or a function that builds a new network each time, as the target."
    with user_code(f"copying {type(model).__name__}, of which there is one only,", hint):
        return copy.deepcopy(model)


def shares_tensors(one: nn.Module, other: nn.Module) -> bool:
    """Whether two networks have a parameter, or are one, in common: what trains the one trains the other."""
    return one is other or not {id(each) for each in one.parameters()}.isdisjoint(map(id, other.parameters()))


def same_weights(one: nn.Module, other: nn.Module) -> bool:
    """Whether what is trained of two networks is equal, value by value."""
    pairs = zip(one.parameters(), other.parameters(), strict=False)
    return all(torch.equal(first, second) for first, second in pairs if first.requires_grad)
