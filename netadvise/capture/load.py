"""Turn a target into a live module: import, choose, construct.

What the target names may be

- an `nn.Module` class, constructed with the target's arguments;
- an instance, taken as it is (a compiled or data-parallel wrapper is taken off);
- a function that returns a module (or a tuple with one module in it);
- a transformers model class, whose missing config is built from its `config_class`, with the target's arguments
  going to the config; or a transformers config, class or instance, from which `AutoModel` makes the model.

Without a name, see `candidates` for the conventions. Large weights are never allocated: the module is built inside
`values.building()` unless `real` is asked for, or its constructor reads values that only a real build has.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from netadvise.capture import locate, values
from netadvise.capture.candidates import choose, is_module, is_wanted
from netadvise.capture.construct import construct
from netadvise.capture.failures import needs_values
from netadvise.capture.imports import import_source
from netadvise.errors import TargetError
from netadvise.target import Target


@dataclass(frozen=True)
class Loaded:
    """A live module, and where it came from."""

    module: nn.Module
    name: str
    """What was taken: `Net`, `build_model`, ..."""
    names: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The namespace of its file: where `example_inputs` is looked for."""
    notes: tuple[str, ...] = ()
    real: bool = False
    """Whether all its weights are allocated and initialised."""


def load(target: Target, *, real: bool = False, import_seconds: float = 10.0) -> Loaded:
    """The module that `target` names.

    With `real`, all weights are allocated and initialised, for a forward pass that needs values. Raises
    `TargetError` with the user's line for whatever keeps the module from being built.
    """
    try:
        return _load(target, real, import_seconds)
    except TargetError as error:
        if real or error.__cause__ is None or not needs_values(error.__cause__):
            raise
    loaded = _load(target, True, import_seconds)
    return Loaded(loaded.module, loaded.name, loaded.names, (*loaded.notes, "the constructor needs real weights"), True)


def _load(target: Target, real: bool, import_seconds: float) -> Loaded:
    with _building(real):
        source = import_source(target.source, is_wanted(target.name), import_seconds)
        choice = choose(source, target.name)
        module, notes = construct(choice, source, target)
    module, unwrapped = _unwrapped(module)
    early = (source.note,) if source.note else ()
    chosen = (choice.note,) if choice.note else ()
    return Loaded(module, choice.name, source.names, (*early, *chosen, *notes, *unwrapped), real)


@contextmanager
def _building(real: bool) -> Iterator[None]:
    with warnings.catch_warnings(), locate.constructors(), nullcontext() if real else values.building():
        yield


def _unwrapped(module: nn.Module) -> tuple[nn.Module, tuple[str, ...]]:
    """The module inside `torch.compile` and `DataParallel` wrappers."""
    inner: Any = getattr(module, "_orig_mod", None) if type(module).__name__ == "OptimizedModule" else None
    if isinstance(module, nn.DataParallel | nn.parallel.DistributedDataParallel):
        inner = module.module
    if not is_module(inner):
        return module, ()
    return inner, (f"took the model out of its {type(module).__name__} wrapper",)
