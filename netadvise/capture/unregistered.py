"""Modules and parameters in plain lists, tuples and dicts of a module: torch neither trains, saves nor moves them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch import nn

from netadvise.capture import locate
from netadvise.facts import Fact, Subject
from netadvise.graph import Location
from netadvise.quantity import Unknown

_REGISTRIES = frozenset(
    ("_parameters", "_buffers", "_modules", "_non_persistent_buffers_set", "_forward_hooks", "_forward_pre_hooks")
    + ("_backward_hooks", "_backward_pre_hooks", "_state_dict_hooks", "_load_state_dict_pre_hooks"),
)
_DEEPEST = 4
_MOST_ITEMS = 10_000


def unregistered(model: nn.Module) -> tuple[Subject, ...]:
    """What plain containers of `model` hold and `model.modules()` and `model.parameters()` do not, each once.

    Containers are read, never changed; what is inside a found module is not looked at again.
    """
    owned = {id(module) for module in model.modules()} | {id(each) for each in model.parameters()}
    seen = set(owned)
    found: list[Subject] = []
    for path, module in model.named_modules():
        for name, held in list(vars(module).items()):
            if name not in _REGISTRIES and isinstance(held, list | tuple | dict):
                for place, item in _items(f"{path}.{name}" if path else name, held, _DEEPEST):
                    if id(item) not in seen:
                        seen.add(id(item))
                        found.append(_subject(len(found), place, item, owned, locate.constructor_of(module)))
    return tuple(found)


def _items(path: str, held: Any, depth: int) -> Iterator[tuple[str, Any]]:
    """Every module and parameter in nested containers, with where it stands."""
    pairs = dict.items(held) if isinstance(held, dict) else enumerate(held)
    for count, (key, item) in enumerate(pairs):
        if count >= _MOST_ITEMS:
            return
        place = f"{path}[{key!r}]" if isinstance(key, str | int) else f"{path}[...]"
        if isinstance(item, nn.Module | nn.Parameter):
            yield place, item
        elif isinstance(item, list | tuple | dict) and depth:
            yield from _items(place, item, depth - 1)


def _subject(place: int, name: str, item: Any, owned: set[int], holder: Location | None) -> Subject:
    location = locate.constructor_of(item) if isinstance(item, nn.Module) else None
    described = _module(item, owned) if isinstance(item, nn.Module) else _parameter(item)
    facts: dict[str, Fact] = {
        "name": name,
        "type": type(item).__name__,
        "package": type(item).__module__,
        "registered": False,
        "called": Unknown("calls of unregistered modules are not recorded"),
        **described,
    }
    return Subject("module", place, name, location or holder, None, facts)


def _parameter(parameter: nn.Parameter) -> dict[str, Fact]:
    count, trainable = parameter.numel(), parameter.requires_grad
    counted = {"params": count, "own_params": count, "trainable_params": count if trainable else 0}
    return {**counted, "is_leaf": True, "is_container": False, "frozen": not trainable}


def _module(module: nn.Module, owned: set[int]) -> dict[str, Fact]:
    """The parameters counted are those that the model does not own."""
    lost = {id(each): each for each in module.parameters() if id(each) not in owned}
    own = sum(each.numel() for each in module._parameters.values() if each is not None and id(each) in lost)
    return {
        "params": sum(each.numel() for each in lost.values()),
        "own_params": own,
        "trainable_params": sum(each.numel() for each in lost.values() if each.requires_grad),
        "is_leaf": not module._modules,
        "is_container": isinstance(module, nn.ModuleList | nn.ModuleDict | nn.Sequential),
        "training": module.training,
        "frozen": bool(lost) and not any(each.requires_grad for each in lost.values()),
    }
