"""Leave the user's model, and the process's random state, exactly as they were found."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import nn

_REGISTRIES = ("_parameters", "_buffers", "_modules", "_forward_hooks", "_forward_pre_hooks", "_backward_hooks")


@contextmanager
def untouched(module: nn.Module) -> Iterator[None]:
    """Restore on exit: every module's attributes and registries, training flags, buffer contents, random states.

    Attributes are restored one level deep: a list or dict that the forward pass appends to gets its items back.
    """
    modules = list(module.modules())
    attributes = [(each, dict(vars(each)), _containers(each)) for each in modules]
    buffers = [(buffer, buffer.detach().clone()) for buffer in module.buffers() if buffer.device.type != "meta"]
    with ExitStack() as stack:
        stack.enter_context(random_state())
        try:
            yield
        finally:
            for each, plain, containers in attributes:
                _restore(each, plain, containers)
            for buffer, content in buffers:
                if not torch.equal(buffer, content):
                    buffer.detach().copy_(content)


def _containers(module: nn.Module) -> list[tuple[Any, Any]]:
    """Each mutable container among the attributes, with a copy of its items."""
    return [(value, value.copy()) for value in vars(module).values() if isinstance(value, dict | list | set)]


def _restore(module: nn.Module, attributes: dict[str, Any], containers: list[tuple[Any, Any]]) -> None:
    current = vars(module)
    for name in [name for name in current if name not in attributes]:
        del current[name]
    current.update(attributes)
    for container, items in containers:
        if isinstance(container, list):
            container[:] = items
        else:
            container.clear()
            container.update(items)


@contextmanager
def random_state() -> Iterator[None]:
    """Restore the random states of torch, Python and (when it is loaded) numpy on exit."""
    state, python_state = torch.get_rng_state(), random.getstate()
    numpy = sys.modules.get("numpy")
    numpy_state = numpy.random.get_state() if numpy is not None else None
    cuda_states = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None
    try:
        yield
    finally:
        torch.set_rng_state(state)
        random.setstate(python_state)
        if numpy is not None:
            numpy.random.set_state(numpy_state)
        if cuda_states is not None:
            torch.cuda.set_rng_state_all(cuda_states)


@contextmanager
def in_mode(module: nn.Module, *, training: bool) -> Iterator[None]:
    """Put every submodule in training or evaluation mode; the flags come back on exit."""
    flags = [(each, each.training) for each in module.modules()]
    module.train(training)
    try:
        yield
    finally:
        for each, flag in flags:
            each.training = flag
