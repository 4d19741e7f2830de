"""A model file, run as Python runs it, and where its modules were built."""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from netadvise.capture.locate import constructor_of, constructors
from netadvise.edit import Edit, modules_of
from netadvise.graph import Location
from netadvise.rewrite import CannotWrite, Plan, Site, Source, plan


@dataclass(frozen=True)
class Live:
    """The network of a file."""

    network: nn.Module
    sites: Mapping[str, Site]


def live(path: Path) -> Live:
    """`Net()` of a file, with the place at which each of its modules was built."""
    scope: dict[str, object] = {"__name__": "corpus"}
    with constructors():
        exec(compile(path.read_bytes(), str(path), "exec", dont_inherit=True), scope)
        build = scope["Net"]
        assert callable(build)
        network: nn.Module = build()
    built: defaultdict[Location | None, set[str]] = defaultdict(set)
    for name, module in network.named_modules():
        built[constructor_of(module)].add(name)
    return Live(network, {name: _site(name, module, built) for name, module in network.named_modules()})


def written(path: Path, edits: tuple[Edit, ...], sites: Mapping[str, Site]) -> bytes | CannotWrite:
    """The file with the edits, all together."""
    found: Plan = plan([edits], sites, lambda _: Source.of(str(path), path.read_bytes()))
    if found.refused:
        return found.refused[0]
    return found.changes[0].after if found.changes else path.read_bytes()


def arguments(module: nn.Module) -> dict[str, object]:
    """The constructor arguments of a module, as far as it keeps them under the same names."""
    names = inspect.signature(type(module).__init__).parameters
    kept = {name: getattr(module, name) for name in names if hasattr(module, name) and name != "self"}
    return {name: value is not None if name == "bias" else value for name, value in kept.items()}


def target_of(edit: Edit, network: nn.Module) -> nn.Module:
    """The module that an edit is about."""
    return network.get_submodule(modules_of(edit))


def _site(name: str, module: nn.Module, built: Mapping[Location | None, set[str]]) -> Site:
    place = constructor_of(module)
    known = {
        argument: value
        for argument, value in arguments(module).items()
        if isinstance(value, bool | int | float | str | tuple)
    }
    return Site(name, place, type(module).__name__, frozenset(built[place]), known)
