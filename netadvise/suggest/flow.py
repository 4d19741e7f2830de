"""One recorded pass as places see it: what makes a value, who reads it, and where a layer can be put on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property

from netadvise.facts import NetworkFacts, Sheet, Subject

_MOVING = frozenset(("reshape", "permute", "identity", "copy"))
"""Ops that hand a tensor on as a whole: a dropout of single values before them is one behind them."""
_FARTHEST = 64
"""No chain of reshapes is longer."""

Row = tuple[str, object]
"""Name and call of a row of the profile."""


class Flow:
    """The layers of the pass in evaluation mode, with the look-ups that places need."""

    def __init__(self, facts: NetworkFacts) -> None:
        self.facts = facts
        self.layers: Sequence[Subject] = facts.evaluation.layers

    @cached_property
    def _last_of(self) -> Mapping[Row, Subject]:
        return {row_of(layer): layer for layer in self.layers}

    @cached_property
    def modules(self) -> Mapping[str, Subject]:
        return {module.name: module for module in self.facts.modules}

    def last_of(self, row: Row) -> Subject | None:
        """The layer that makes the result of a row."""
        return self._last_of.get(row)

    def makes_row(self, layer: Subject) -> bool:
        """Whether it makes the result of its row, reshapes left out."""
        return self.source(self._last_of[row_of(layer)]) is self.source(layer)

    def source(self, layer: Subject) -> Subject:
        """The layer that made what `layer` hands on; itself, unless it only reshapes."""
        for _ in range(_FARTHEST):
            if layer.get("op") not in _MOVING or len(layer.producers) != 1:
                break
            layer = self.layers[layer.producers[0]]
        return layer

    def read_by(self, layer: Subject) -> Subject | None:
        """The layer that made the first tensor that `layer` reads, reshapes left out; None for an input."""
        made = self.source(self.layers[layer.producers[0]]) if layer.producers else None
        return None if made is None or made.get("op") in _MOVING else made

    def shown(self, layer: Subject, rows: Collection[str]) -> str:
        """The row of the profile that a layer is, or takes a part of."""
        while layer.name not in rows and layer.producers:
            layer = self.layers[layer.producers[0]]
        return layer.name

    def readers(self, layer: Subject) -> tuple[Subject, ...]:
        """The layers that read its result, reshapes left out."""
        found: dict[int, Subject] = {}
        waiting = list(layer.consumers)
        while waiting:
            reader = self.layers[waiting.pop()]
            if reader.get("op") in _MOVING:
                waiting.extend(reader.consumers)
            else:
                found[reader.id] = reader
        return tuple(found[key] for key in sorted(found))

    def inert_at(self, layer: Subject) -> Subject | None:
        """The dropout module of rate 0 that stands on this value: it is it, or alone reads it."""
        if is_inert(layer):
            return layer
        readers = self.readers(layer)
        alone = len(readers) == 1 and layer.get("is_output") is not True
        return readers[0] if alone and is_inert(readers[0]) else None

    def before_inert(self, layer: Subject) -> Subject:
        """What an inert dropout reads; any other layer itself."""
        while layer.get("op") == "dropout" and layer.get("p") == 0 and layer.producers:
            layer = self.source(self.layers[layer.producers[0]])
        return layer

    def calls_of(self, module: str) -> object:
        """How many times a module was called."""
        found = self.modules.get(module)
        return None if found is None else found.get("call_count")

    def children(self, module: str) -> Iterator[Subject]:
        """The modules directly inside one."""
        start = f"{module}." if module else ""
        for name, found in self.modules.items():
            if name and name.startswith(start) and "." not in name[len(start) :]:
                yield found

    def idle_path(self, name: str) -> Subject | None:
        """The module of rate 0 that drops paths in the module which runs the sum of this name, where it is one."""
        sums = self.facts.layer_named[name]
        ran = {str(each.get("module")) for each in self.paths}
        beside = self.children(str(sums.get("module") or "")) if self.training else ()
        idle = [each for each in beside if drops_paths(each) and each.name not in ran]
        return idle[0] if len(idle) == 1 else None

    @cached_property
    def paths(self) -> Sequence[Subject]:
        """What dropped paths or blocks in the pass in training mode."""
        return [layer for layers in self.training.values() for layer in layers if layer.get("op") == "drop_path"]

    @cached_property
    def training(self) -> Mapping[str, Sequence[Subject]]:
        """The layers of the pass in training mode, by name; empty where there is none."""
        found: dict[str, list[Subject]] = defaultdict(list)
        sheet = self.facts.training
        for layer in sheet.layers if isinstance(sheet, Sheet) else ():
            found[layer.name].append(layer)
        return found


def row_of(layer: Subject) -> Row:
    """The row of the profile that a layer belongs to."""
    return layer.name, layer.get("call_index")


def is_leaf(layer: Subject) -> bool:
    """Whether it ran in a module that is a row of its own."""
    return bool(layer.name) and layer.name == layer.get("module")


def is_inert(layer: Subject) -> bool:
    """Whether it is a dropout module of rate 0."""
    return layer.get("op") == "dropout" and layer.get("p") == 0 and is_leaf(layer)


_PATHS = ("DropPath", "StochasticDepth", "DropConnect", "DropBlock2d", "DropBlock3d")


def drops_paths(module: Subject) -> bool:
    """Whether a module is stochastic depth or DropBlock; transformers puts the model's name before the class."""
    return str(module.get("type")).endswith(_PATHS)


def number(value: object) -> float | None:
    """A number; None for flags and everything else."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
