"""How a comparison is to be shown, and which of its layers a reader sees as one line.

edited           one line for all layers that a line of source built and to which the same was done
added, removed   one line for a module that is there on one side only
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass

from netadvise.comparison import Comparison, LayerChange, Status
from netadvise.profiles import Layer
from netadvise.quantity import Quantity, total

SHOWN: tuple[Status, ...] = ("edited", "added", "removed")
"""What somebody did; the rest follows from it."""


@dataclass(frozen=True, slots=True)
class DiffView:
    """How to show a comparison; JSON holds all of it, whatever the view."""

    width: int | None = None
    """Columns of the terminal; None: no terminal, nothing is wrapped."""
    verbose: bool = False
    """Every layer on a line of its own, and those that follow, too."""


@dataclass(frozen=True, slots=True)
class Group:
    """Layers shown as one line."""

    name: str
    """Of the first layer, or of the module that holds them."""
    layers: tuple[LayerChange, ...]
    whole: bool = False
    """Whether they are all layers of a module called `name`."""

    @property
    def first(self) -> LayerChange:
        return self.layers[0]

    @property
    def status(self) -> Status:
        return self.first.status

    @property
    def params(self) -> Quantity:
        return total(change.deltas.params for change in self.layers)

    @property
    def macs(self) -> Quantity:
        return total(change.deltas.macs for change in self.layers)

    @property
    def activation_bytes(self) -> Quantity:
        return total(change.deltas.activation_bytes for change in self.layers)


def groups(comparison: Comparison, view: DiffView) -> tuple[Group, ...]:
    """The lines of a report, in the order of NEW."""
    if view.verbose:
        wanted = comparison.of(*SHOWN, "follows")
        return tuple(Group(called(change.layer), (change,)) for change in wanted)
    shared = {status: _shared(comparison, status) for status in ("added", "removed")}
    found: dict[Hashable, list[LayerChange]] = {}
    modules: dict[Hashable, str] = {}
    for change in comparison.of(*SHOWN):
        module = _module(change.layer.name, shared.get(change.status, frozenset()))
        key: Hashable = (change.status, module) if change.status != "edited" else _alike(change)
        found.setdefault(key, []).append(change)
        modules[key] = module if change.status != "edited" else ""
    return tuple(_group(layers, modules[key]) for key, layers in found.items())


def _group(layers: list[LayerChange], module: str) -> Group:
    whole = bool(module) and module != layers[0].layer.name
    return Group(module if whole else called(layers[0].layer), tuple(layers), whole)


def called(layer: Layer) -> str:
    """Its name, and which call of it is meant, where there are several."""
    return f"{layer.name} (call {layer.call})" if layer.call else layer.name


def _alike(change: LayerChange) -> Hashable:
    """Equal for layers that one line of source built and that were changed in the same way."""
    changed = tuple((item.name, repr(item.old), repr(item.new)) for item in change.own)
    place = change.layer.location
    return ("edited", changed, place, change.layer.kind) if changed and place else ("edited", id(change))


def _shared(comparison: Comparison, status: Status) -> frozenset[str]:
    """The modules that hold a layer which the other side has, too: their new or removed layers are told one by one."""
    side = [change.new if status == "added" else change.old for change in comparison.layers if change.status != status]
    return frozenset(path for layer in side if layer is not None for path in _above(layer.name))


def _module(name: str, shared: frozenset[str]) -> str:
    """The outermost module of a layer that has nothing in common with the other side; the layer itself, where none."""
    return next((path for path in _above(name) if path not in shared), name)


def _above(name: str) -> Iterator[str]:
    """The modules around a layer, the outermost first."""
    path, slash, _ = name.partition("/")
    parts = path.split(".")
    last = len(parts) + 1 if slash else len(parts)
    for length in range(1, last):
        yield ".".join(parts[:length])


def counted_by(changes: Iterable[LayerChange]) -> dict[Status, int]:
    """How many layers have each status."""
    found: dict[Status, int] = {"edited": 0, "added": 0, "removed": 0, "follows": 0, "same": 0}
    for change in changes:
        found[change.status] += 1
    return found
