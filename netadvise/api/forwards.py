"""Where the forwards of recorded networks call their modules and functions: what `rewrite` must know to wrap a call."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from netadvise.edit import Place
from netadvise.facts import NetworkFacts, Subject
from netadvise.graph import Location
from netadvise.rewrite import FunctionCall, called

Named = tuple[str, NetworkFacts]
"""What stands before the paths of a network, "" or "name: ", and its facts."""
_SEVERAL = frozenset(("rnn", "attention"))
"""Ops with several results."""
_Nth = tuple[str, int]
_Spot = tuple[Location, str]


@dataclass(frozen=True)
class Forward:
    """One network's forwards."""

    prefix: str
    facts: NetworkFacts

    @cached_property
    def calls(self) -> Mapping[str, Mapping[_Nth, Location]]:
        """Module -> (function, index) -> where its forward calls that, in its first run."""
        found: defaultdict[str, dict[_Nth, Location]] = defaultdict(dict)
        seen: Counter[tuple[str, str]] = Counter()
        for layer in self.facts.evaluation.layers:
            module, function = layer.get("module"), layer.get("function")
            if isinstance(module, str) and isinstance(function, str) and layer.get("call_index") == 0:
                index = seen[module, function]
                seen[module, function] += 1
                if layer.get("type") == function and layer.called_at is not None:
                    found[module][function, index] = layer.called_at
        return found

    @cached_property
    def called_at(self) -> Mapping[str, Location]:
        """Module -> where it is called, of those that run once."""
        found = {path: next(iter(places)) for path, places in self.places.items() if len(places) == 1}
        return {path: place for path, place in found.items() if self._once(path) and place is not None}

    @cached_property
    def places(self) -> Mapping[str, set[Location | None]]:
        """Module -> where its layers are called: torch's containers call theirs where they are called themselves."""
        found: defaultdict[str, set[Location | None]] = defaultdict(set)
        for layer in self.facts.evaluation.layers:
            if layer.name not in self.modules or layer.get("type") == layer.get("function"):
                continue
            found[layer.name].add(layer.called_at)
            for path in _around(layer.name):
                if self.is_sequential(path):
                    found[path].add(layer.called_at)
        return found

    @cached_property
    def modules(self) -> Mapping[str, Subject]:
        """By path."""
        return {module.name: module for module in self.facts.modules}

    def is_sequential(self, path: str) -> bool:
        """Whether a module is torch's own `nn.Sequential`."""
        module = self.modules.get(path)
        inside = module is not None and str(module.get("package")).startswith("torch.nn.")
        return module is not None and inside and module.get("type") == "Sequential"

    def within(self, path: str) -> Mapping[str, str]:
        """The rest of a path, from each module around it -> that module's class."""
        return {
            path[len(around) + 1 if around else 0 :]: str(self.modules[around].get("type"))
            for around in (*_around(path), "")
            if path and around in self.modules
        }

    @cached_property
    def twins(self) -> Mapping[str, tuple[tuple[Place, Place], ...]]:
        """Module -> the places next to it that are the same as another one: nothing else runs, or reads, in between."""
        found: defaultdict[str, list[tuple[Place, Place]]] = defaultdict(list)
        for one, other in self._same():
            named = [Place(each.where, self.prefix + each.module) for each in (one, other)]
            found[one.module].append((named[0], named[1]))
            found[other.module].append((named[1], named[0]))
        return {path: tuple(pairs) for path, pairs in found.items()}

    def _same(self) -> Iterator[tuple[Place, Place]]:
        children: defaultdict[str, list[str]] = defaultdict(list)
        for path in self.modules:
            if path:
                children[path.rpartition(".")[0]].append(path)
        for parent, inside in children.items():
            if self.is_sequential(parent) and all(map(self._once, (parent, *inside))):
                yield Place("before", inside[0]), Place("before", parent)
                yield Place("after", inside[-1]), Place("after", parent)
        for path, layers in self._layers.items():
            following = self._following(layers[-1]) if self._is_row(layers[-1]) and layers[-1].name == path else None
            if following is not None:
                yield Place("after", path), Place("before", following)

    def _following(self, layer: Subject) -> str | None:
        """The module that alone reads a layer's result, and reads nothing else."""
        if len(layer.consumers) != 1 or layer.get("is_output") is not False or layer.get("op") in _SEVERAL:
            return None
        reader = self.facts.evaluation.layers[layer.consumers[0]]
        first = self._is_row(reader) and self._layers[reader.name][0] is reader
        return reader.name if first and reader.producers == (layer.id,) else None

    def _is_row(self, layer: Subject) -> bool:
        """Whether a layer belongs to a module that is a row of its own, and runs once."""
        return layer.get("type") != layer.get("function") and self._once(layer.name)

    @cached_property
    def _layers(self) -> Mapping[str, list[Subject]]:
        found: defaultdict[str, list[Subject]] = defaultdict(list)
        for layer in self.facts.evaluation.layers:
            module = layer.get("module")
            if isinstance(module, str):
                for path in (module, *_around(module)):
                    found[path].append(layer)
        return found

    def _once(self, path: str) -> bool:
        return path in self.modules and self.modules[path].get("call_count") == 1


@dataclass(frozen=True)
class Forwards:
    """The forwards of networks that may share their code."""

    networks: tuple[Forward, ...]

    @staticmethod
    def of(networks: Sequence[Named]) -> Forwards:
        """The forwards of some networks."""
        return Forwards(tuple(Forward(prefix, facts) for prefix, facts in networks))

    def called(self, location: Location | None) -> frozenset[str]:
        """Every module that is called at a place."""
        return frozenset() if location is None else frozenset(self._called[location])

    def calls(self, network: Forward, module: str) -> Mapping[_Nth, FunctionCall]:
        """The calls of functions in a module's forward."""
        own = network.calls.get(module, {})
        return {nth: self._call(network.prefix + module, nth, location) for nth, location in own.items()}

    def _call(self, module: str, nth: _Nth, location: Location) -> FunctionCall:
        function, index = nth
        by_module = self._indices[location, function]
        mine = by_module[module]
        position = mine.index(index)
        alike = len({len(indices) for indices in by_module.values()}) == 1
        covers = frozenset(called(path, function, indices[position]) for path, indices in by_module.items() if alike)
        return FunctionCall(location, position, len(mine) if alike else 0, covers)

    @cached_property
    def _called(self) -> Mapping[Location, set[str]]:
        found: defaultdict[Location, set[str]] = defaultdict(set)
        for network in self.networks:
            for path, places in network.places.items():
                for place in places:
                    if place is not None:
                        found[place].add(network.prefix + path)
        return found

    @cached_property
    def _indices(self) -> Mapping[_Spot, Mapping[str, list[int]]]:
        """(place, function) -> module -> which calls of the function stand there."""
        found: defaultdict[_Spot, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for network in self.networks:
            for path, own in network.calls.items():
                for (function, index), location in own.items():
                    found[location, function][network.prefix + path].append(index)
        return found


def _around(path: str) -> Iterator[str]:
    """The modules around one, the innermost first, without the model."""
    while "." in path:
        path = path.rpartition(".")[0]
        yield path
