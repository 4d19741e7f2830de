"""The modules of a model, the ones that plain containers hide from it included, and which of them do anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from netadvise.facts import Fact, Subject
from netadvise.graph import Attr, Graph, Module
from netadvise.quantity import Unknown

_CONTAINERS = frozenset(("ModuleList", "ModuleDict", "Sequential", "ParameterList", "ParameterDict"))
_NORMS = {
    **dict.fromkeys(("BatchNorm1d", "BatchNorm2d", "BatchNorm3d"), "batch"),
    **dict.fromkeys(("InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d"), "instance"),
    "SyncBatchNorm": "sync_batch",
    "LayerNorm": "layer",
    "GroupNorm": "group",
    "RMSNorm": "rms",
    "LocalResponseNorm": "local_response",
    "FrozenBatchNorm2d": "frozen_batch",
}


def modules(evaluation: Graph, training: Graph | Unknown, unregistered: Sequence[Subject]) -> tuple[Subject, ...]:
    """Every registered module in the order of `named_modules`, the model first, then the unregistered ones."""
    tree = _Tree(evaluation)
    called = _called(tree, evaluation, training)
    calls = Counter(call.module for call in evaluation.calls)
    found = [
        _subject(tree, place, module, called, calls[module.path]) for place, module in enumerate(evaluation.modules)
    ]
    hidden = [
        replace(each, id=len(found) + place, facts={**each.facts, **_norm(str(each.get("type")), {})})
        for place, each in enumerate(unregistered)
    ]
    return (*found, *hidden)


class _Tree:
    """The modules by path, with what each holds; a module shared by several parents belongs to all of them."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.at = {path: module for module in graph.modules for path in (module.path, *module.aliases)}
        self.children: dict[str, list[str]] = {module.path: [] for module in graph.modules}
        for path, module in self.at.items():
            if path:
                self.children[self.at[path.rpartition(".")[0]].path].append(module.path)
        self._held: dict[str, frozenset[int]] = {}

    def parameters(self, path: str) -> frozenset[int]:
        """Those of a module and of everything below it."""
        if path not in self._held:
            own = frozenset(self.at[path].parameters)
            self._held[path] = own.union(*map(self.parameters, self.children[path]))
        return self._held[path]

    def parents(self, path: str) -> Iterator[str]:
        """The modules around one, without the model."""
        while "." in path:
            path = path.rpartition(".")[0]
            yield path

    def elements(self, values: Iterable[int]) -> int:
        return sum(self.graph.values[value].elements for value in values)


def _subject(tree: _Tree, place: int, module: Module, called: Mapping[str, bool | Unknown], count: int) -> Subject:
    held = tree.parameters(module.path)
    trainable = [value for value in held if tree.graph.values[value].requires_grad]
    facts: dict[str, Fact] = {
        "name": module.path,
        "type": module.type,
        "package": module.package,
        "called": called[module.path],
        "registered": True,
        "params": tree.elements(held),
        "trainable_params": tree.elements(trainable),
        "own_params": tree.elements(set(module.parameters)),
        "is_leaf": not tree.children[module.path],
        "is_container": module.type in _CONTAINERS and module.package.startswith("torch.nn."),
        "training": module.training,
        "frozen": bool(held) and not trainable,
        "call_count": count,
        "in_unused_parent": _in_unused_parent(tree, module.path, called),
        **_norm(module.type, module.attrs),
    }
    return Subject("module", place, module.path, module.location, None, facts)


def _in_unused_parent(tree: _Tree, path: str, called: Mapping[str, bool | Unknown]) -> bool | Unknown:
    around = [called[parent] for parent in tree.parents(path)]
    if any(each is False for each in around):
        return True
    return next((each for each in around if isinstance(each, Unknown)), False)


def _norm(kind: str, attrs: Mapping[str, Attr]) -> dict[str, Fact]:
    """What a module of a norm's class says about itself."""
    if kind not in _NORMS:
        return {}
    facts: dict[str, Fact] = {"norm_type": _NORMS[kind]}
    for name, spellings in _FLAGS.items():
        given = next((attrs[spelling] for spelling in spellings if isinstance(attrs.get(spelling), bool)), None)
        facts[name] = given if isinstance(given, bool) else None
    return facts


_FLAGS = {"affine": ("affine", "elementwise_affine"), "track_running_stats": ("track_running_stats",)}


def _called(tree: _Tree, evaluation: Graph, training: Graph | Unknown) -> dict[str, bool | Unknown]:
    """In either mode: as itself, through its parameters, or through a module inside it."""
    graphs = [evaluation] if isinstance(training, Unknown) else [evaluation, training]
    alive = {path for graph in graphs for path in _alive(graph)}
    lacking = training if isinstance(training, Unknown) else None
    lives: dict[str, bool] = {}

    def visit(path: str) -> bool:
        if path not in lives:
            lives[path] = path in alive
            below = tuple(visit(child) for child in tree.children[path])
            lives[path] |= any(below)
        return lives[path]

    visit("")
    return {path: True if alive_ else False if lacking is None else lacking for path, alive_ in lives.items()}


def _alive(graph: Graph) -> Iterator[str]:
    """The modules that were called, and those that own a parameter or buffer which some op read."""
    read = {graph.values[operand.value].storage for op in graph.ops for operand in op.inputs}
    read |= {graph.values[value].storage for value in graph.outputs}
    yield from (call.module for call in graph.calls)
    for module in graph.modules:
        if any(graph.values[value].storage in read for value in module.parameters):
            yield module.path
