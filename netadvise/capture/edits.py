"""Edits applied to a live module, and taken back: never to the user's files.

A layer is not exchanged in its parent: the object itself takes over the class and the attributes of the new layer
until the end. So whoever holds it sees the change (several names, plain Python lists, closures), and the registries
of the model, their order and the identity of every module stay. Insertions: see `insertions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import torch
from torch import nn

from netadvise.capture import locate
from netadvise.capture.arguments import constructed_again
from netadvise.capture.insertions import inserted
from netadvise.capture.snapshot import random_state
from netadvise.capture.values import building
from netadvise.edit import Edit, Insert, Part, Replace, SetArgs, conflicts, modules_of
from netadvise.errors import EditError
from netadvise.graph import Graph

LIKE = "like:"
"""A part of type `like:<path>` is a fresh layer of the class and with the arguments of the module at that path."""

_HOOKS = ("_forward_hooks", "_forward_pre_hooks")
_Change = AbstractContextManager[None]
Classes = Mapping[str, type[nn.Module]]
_TORCH_ALONE: Classes = {}


@contextmanager
def edited(
    module: nn.Module, edits: Sequence[Edit], recorded: Graph | None = None, classes: Classes = _TORCH_ALONE
) -> Iterator[None]:
    """While active, `module` is as `edits` make it; afterwards it is, bit for bit, as it was.

    `recorded` is the recording of the unedited module: with it, an insertion after the n-th call of a function stops
    with an error where another call than the recorded one is met. `classes` are layers that parts may name beside
    those of torch.nn.

    Raises `EditError` for an edit that cannot be applied; the module is then untouched.
    """
    site = _Site(dict(module.named_modules(remove_duplicate=False)), _home(module), recorded, classes)
    _check_apart(edits, site)
    with ExitStack() as stack:
        with random_state():  # once for all edits: two that are alike would draw the same weights
            changes = [_PREPARE[type(edit)](site, edit) for edit in edits]
        for change in changes:
            stack.enter_context(change)
        yield


@dataclass(frozen=True, slots=True)
class _Home:
    """What the tensors of a model are like: a new one is to be like them."""

    first: torch.Tensor | None
    dtype: torch.dtype
    """Of its first floating one."""
    partly_on_meta: bool


def _home(model: nn.Module) -> _Home:
    tensors = _tensors(model)
    devices = {tensor.device.type for tensor in tensors}
    dtype = next((tensor.dtype for tensor in tensors if tensor.is_floating_point()), torch.get_default_dtype())
    return _Home(next(iter(tensors), None), dtype, len(devices) > 1 and "meta" in devices)


@dataclass(frozen=True, slots=True)
class _Site:
    """The model under edit."""

    at: Mapping[str, nn.Module]
    """Every module by each of its paths, as it was before the edits."""
    home: _Home
    recorded: Graph | None
    classes: Classes

    def find(self, path: str) -> nn.Module:
        if path not in self.at:
            raise EditError(f"the model has no module {path!r}")
        return self.at[path]


def _check_apart(edits: Sequence[Edit], site: _Site) -> None:
    """Raises `EditError`, naming both, for two edits that change the same object; insertions beside it go together."""
    for one, other in combinations(edits, 2):
        if isinstance(one, Insert) and isinstance(other, Insert) and one.place != other.place:
            continue
        first, second = modules_of(one), modules_of(other)
        if conflicts((one,), (other,)) or site.find(first) is site.find(second):
            raise EditError(f"the edits of {first or 'the model'} and {second or 'the model'} conflict")


def _set_args(site: _Site, edit: SetArgs) -> _Change:
    old = site.find(edit.module)
    with _made_for(old, site.home):
        new = constructed_again(old, edit.module, edit.args)
    return _becoming(old, _fitted(new, old, site.home))


def _replace(site: _Site, edit: Replace) -> _Change:
    old = site.find(edit.module)
    if isinstance(old, torch.jit.ScriptModule):
        raise EditError(f"{edit.module or 'the model'} is a compiled script and cannot be replaced")
    parts = _chain(site, edit.chain, old)
    return _becoming(old, parts[0] if len(parts) == 1 else _fitted(nn.Sequential(*parts), old, site.home))


def _insert(site: _Site, edit: Insert) -> _Change:
    old = site.find(edit.place.module)
    return inserted(old, edit.place, _chain(site, edit.chain, old), site.recorded)


_PREPARE: Mapping[type[Edit], Callable[[_Site, Any], _Change]] = {
    SetArgs: _set_args,
    Replace: _replace,
    Insert: _insert,
}


def _chain(site: _Site, chain: Sequence[Part], old: nn.Module) -> list[nn.Module]:
    """New layers for the parts, on the device and in the dtype and mode of `old`, in whose place they stand."""
    if not chain:
        raise EditError("the chain of layers is empty")
    with _made_for(old, site.home):
        return [_fitted(_part(site, part), old, site.home) for part in chain]


def _part(site: _Site, part: Part) -> nn.Module:
    if part.type.startswith(LIKE):
        path = part.type.removeprefix(LIKE)
        return constructed_again(site.find(path), path, part.args)
    kind = site.classes.get(part.type) or getattr(nn, part.type, None)
    if not isinstance(kind, type) or not issubclass(kind, nn.Module):
        raise EditError(f"torch.nn has no layer {part.type!r}")
    try:
        return kind(**part.args)
    except Exception as error:
        told = " ".join(str(error).split())[:300]
        raise EditError(f"{part} cannot be made: {type(error).__name__}: {told}") from error


@contextmanager
def _made_for(old: nn.Module, home: _Home) -> Iterator[None]:
    """Where new tensors live: as in the model, which may be on meta altogether, or in its large tensors only."""
    nearest = next(iter(_tensors(old)), home.first)
    device: AbstractContextManager[Any] = nullcontext() if nearest is None else nearest.device
    with building() if home.partly_on_meta else device:
        yield


def _tensors(module: nn.Module) -> list[torch.Tensor]:
    return [*module.parameters(), *module.buffers()]


def _fitted(new: nn.Module, old: nn.Module, home: _Home) -> nn.Module:
    """`new` with the dtype, the mode, the place in the source and the frozen state of `old`."""
    dtype = next((tensor.dtype for tensor in _tensors(old) if tensor.is_floating_point()), home.dtype)
    if dtype is not torch.get_default_dtype():
        new.to(dtype)
    new.train(old.training)
    parameters = list(old.parameters())
    if parameters and not any(each.requires_grad for each in parameters):
        new.requires_grad_(False)
    locate.take_place(new, old)
    return new


@contextmanager
def _becoming(old: nn.Module, new: nn.Module) -> Iterator[None]:
    """While active, the object `old` is of the class and has the state of `new`, its own hooks kept."""
    kind, state = type(old), vars(old)
    for name in state:
        if name.startswith(_HOOKS):
            vars(new)[name] = state[name].copy()
    try:
        old.__class__ = type(new)
    except TypeError as error:
        raise EditError(f"a {kind.__name__} cannot become a {type(new).__name__}: {error}") from error
    object.__setattr__(old, "__dict__", vars(new))
    try:
        yield
    finally:
        old.__class__ = kind
        object.__setattr__(old, "__dict__", state)
