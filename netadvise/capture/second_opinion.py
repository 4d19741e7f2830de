"""fvcore's count of the same network, layer by layer, with the reason of each difference.

fvcore traces with `torch.jit`, which needs real tensors passed by position. So it is given a copy of the model in
which every tensor is real (weights without values are zeros: only shapes enter the counts), behind an adapter that
passes inputs by name and returns a flat tuple of tensors.
"""

from __future__ import annotations

import copy
import logging
import os
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

import torch
from torch import Tensor, nn

from netadvise.graph import Graph
from netadvise.opinion import OpinionRow, SecondOpinion, Verdict
from netadvise.profiles import Layer, Profile
from netadvise.quantity import Unknown

PRODUCTS = frozenset({"addmm", "bmm", "_convolution", "conv", "einsum", "matmul", "mm", "linear"})
"""fvcore's operators whose count is of multiply-accumulates; its other handles count element-wise work."""

_KNOWN_DIFFERENCES: dict[str, tuple[tuple[str, ...], str]] = {
    "einsum": (("einsum",), "fvcore takes einsum's count from a report of numpy's that is rounded"),
    "matmul": (("matmul", "mm", "bmm"), "fvcore's matmul handle leaves out axes along which an operand broadcasts"),
}
"""By our kind of op: fvcore's operators for it, and why their count may not be the true one."""
_SHARE_OF_MEMORY = 0.8


def second_opinion(
    model: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any], graph: Graph, profile: Profile
) -> SecondOpinion:
    """What fvcore counts for one forward pass of `model`, beside `profile`, which was measured on `graph`.

    Never raises for what fvcore cannot do: `failure` says what it was. `model` is left as it is.
    """
    opinion = SecondOpinion("fvcore", version("fvcore"), None, profile.totals.macs)
    needed = _bytes_needed(profile)
    available = _bytes_available()
    if available is not None and needed > _SHARE_OF_MEMORY * available:
        shortage = f"fvcore runs the model for real, which needs {needed / 2**30:.1f} GiB"
        return _failed(opinion, f"{shortage}; {available / 2**30:.1f} GiB of memory are free")
    try:
        counts = _Counts(model, args, kwargs)
    except Exception as error:
        return _failed(opinion, f"fvcore stopped with {type(error).__name__}: {_first_line(error)}")
    rows = tuple(row for row in _rows(counts, graph, profile) if row.macs != 0 or row.their_macs or row.their_other)
    return SecondOpinion(opinion.tool, opinion.version, counts.total, opinion.macs, rows, notes=counts.notes)


def _failed(opinion: SecondOpinion, failure: str) -> SecondOpinion:
    return SecondOpinion(opinion.tool, opinion.version, None, opinion.macs, failure=failure)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def _bytes_needed(profile: Profile) -> int:
    peak = profile.totals.peak_activation_bytes
    activations = profile.totals.activation_bytes if isinstance(peak, Unknown) else peak
    return profile.totals.param_bytes + profile.totals.buffer_bytes + activations


def _bytes_available() -> int | None:
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


class _Adapter(nn.Module):
    """The model behind a forward that takes tensors by position and returns a flat tuple of tensors."""

    def __init__(self, model: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        super().__init__()
        self.model = model
        self._tree = (args, dict(kwargs))

    def tensors(self) -> tuple[Tensor, ...]:
        return tuple(_leaves(self._tree))

    def forward(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        given = iter(tensors)
        args, kwargs = _replaced(self._tree, given)
        return tuple(_leaves(self.model(*args, **kwargs)))


def _leaves(tree: Any) -> Iterator[Tensor]:
    if isinstance(tree, Tensor):
        yield tree
    elif isinstance(tree, Mapping):
        for item in tree.values():
            yield from _leaves(item)
    elif isinstance(tree, list | tuple):
        for item in tree:
            yield from _leaves(item)


def _replaced(tree: Any, tensors: Iterator[Tensor]) -> Any:
    if isinstance(tree, Tensor):
        return next(tensors)
    if isinstance(tree, dict):
        return {key: _replaced(item, tensors) for key, item in tree.items()}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*(_replaced(item, tensors) for item in tree))
    if isinstance(tree, list | tuple):
        return type(tree)(_replaced(item, tensors) for item in tree)
    return tree


def _real(tensor: Tensor) -> Tensor:
    """The tensor itself, or zeros in place of one that has no values."""
    return torch.zeros(tensor.shape, dtype=tensor.dtype) if tensor.is_meta else tensor


def _real_copy(model: nn.Module) -> nn.Module:
    """A deep copy in which every tensor is real; shared tensors stay shared."""
    duplicate = copy.deepcopy(model)
    made: dict[int, Tensor] = {}
    for module in duplicate.modules():
        for name, parameter in module._parameters.items():
            if parameter is not None and parameter.is_meta:
                fresh = made.setdefault(id(parameter), nn.Parameter(_real(parameter), parameter.requires_grad))
                module._parameters[name] = fresh  # type: ignore[assignment]  # a Parameter, held as a Tensor
        for name, buffer in module._buffers.items():
            if buffer is not None and buffer.is_meta:
                module._buffers[name] = made.setdefault(id(buffer), _real(buffer))
    return duplicate


@contextmanager
def _quiet() -> Iterator[None]:
    """fvcore logs each operator that it does not know; the rows say it better."""
    logger = logging.getLogger("fvcore.nn.jit_analysis")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


class _Counts:
    """fvcore's counts and gaps per module, each module's own: its submodules left out."""

    def __init__(self, model: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        from fvcore.nn import FlopCountAnalysis

        adapter = _Adapter(_real_copy(model), args, kwargs)
        inputs = tuple(_real(tensor) for tensor in adapter.tensors())
        with _quiet(), torch.no_grad():
            analysis = FlopCountAnalysis(adapter, inputs)
            self.total = int(analysis.total())
            totals = analysis.by_module_and_operator()
            missing = {path: analysis.unsupported_ops(path) for path in totals}
        self.counted = _own(totals)
        self.missing = _own(missing)
        by_position = not kwargs and all(isinstance(argument, Tensor) for argument in args)
        adapted = "fvcore takes tensors by position only: an adapter passed the inputs on by name or in their structure"
        self.notes = () if by_position else (adapted,)


def _own(totals: Mapping[str, Counter[str]]) -> dict[str, Counter[str]]:
    """Each module's counts less its direct submodules', under the path in the model behind the adapter."""
    own = {path: Counter(counts) for path, counts in totals.items()}
    for path, counts in totals.items():
        if path:
            own[path.rpartition(".")[0]].subtract(counts)
    return {path.removeprefix("model").removeprefix("."): counts for path, counts in own.items() if path}


def _rows(counts: _Counts, graph: Graph, profile: Profile) -> Iterator[OpinionRow]:
    """One row for each module that runs ops of its own, in the order of execution."""
    layers: dict[str, list[Layer]] = {}
    for layer in profile.layers:
        layers.setdefault(_module_of(layer, graph), []).append(layer)
    counted, missing = (_gathered(own, layers) for own in (counts.counted, counts.missing))
    for path in dict.fromkeys((*layers, *counted)):
        yield _row(path, layers.get(path, []), counted[path], missing[path], graph)


def _module_of(layer: Layer, graph: Graph) -> str:
    """The module whose own work the row is."""
    if layer.name in graph.module_at or not layer.ops:
        return layer.name
    return graph.calls[graph.ops[layer.ops[0]].call].module


def _gathered(own: Mapping[str, Counter[str]], layers: Mapping[str, list[Layer]]) -> dict[str, Counter[str]]:
    """Counts under the nearest enclosing module that has a row: a leaf's parts may be modules to fvcore."""
    found: dict[str, Counter[str]] = {path: Counter() for path in layers}
    for path, counts in own.items():
        owner = path
        while owner and owner not in layers:
            owner = owner.rpartition(".")[0]
        found.setdefault(owner if owner in layers else path, Counter()).update(counts)
    return found


def _row(path: str, layers: list[Layer], counted: Counter[str], missing: Counter[str], graph: Graph) -> OpinionRow:
    quantities = [layer.macs for layer in layers]
    unknown = [quantity.reason for quantity in quantities if isinstance(quantity, Unknown)]
    ours = sum(quantity for quantity in quantities if isinstance(quantity, int))
    theirs = int(sum(count for op, count in counted.items() if op in PRODUCTS))
    others = {op: int(count) for op, count in counted.items() if op not in PRODUCTS and count > 0}
    module = graph.module_at.get(path)
    if unknown:
        verdict: Verdict = "both miss" if theirs <= ours else "we miss"
        why = unknown[0]
    else:
        missed, known = _missed_products(layers, missing, graph), _known_differences(layers, counted, graph)
        verdict, why = _judged(ours, theirs, others, missed, known, counted)
    macs = None if unknown else ours
    return OpinionRow(path, module.type if module else "", verdict, macs, theirs, sum(others.values()), why)


def _missed_products(layers: list[Layer], missing: Counter[str], graph: Graph) -> list[str]:
    """Operators without a handle in fvcore that are among those whose multiply-accumulates we count."""
    ours = {graph.ops[op].function for layer in layers if layer.macs != 0 for op in layer.ops}
    names = {op.rpartition("::")[2] for op, count in missing.items() if count > 0}
    return sorted(names & ours)


def _judged(
    ours: int, theirs: int, others: Mapping[str, int], missed: list[str], known: list[str], counted: Counter[str]
) -> tuple[Verdict, str]:
    if ours == theirs:
        added = ", ".join(f"{count:,} for {op}" for op, count in others.items())
        return ("convention", f"fvcore adds {added} to its total") if others else ("agreed", "")
    if ours > theirs and missed:
        return "they miss", f"fvcore has no handle for {', '.join(missed)} and counts 0 for it"
    if known:
        return "differs", "; ".join(known)
    return "differs", f"fvcore counts {', '.join(op for op in counted if counted[op] > 0) or 'nothing'} here"


def _known_differences(layers: list[Layer], counted: Counter[str], graph: Graph) -> list[str]:
    """Reasons why fvcore's count of some kind of op is not ours, for kinds whose counts do differ."""
    ours: Counter[str] = Counter()
    for layer in layers:
        if len(layer.ops) == 1 and isinstance(layer.macs, int):
            op = graph.ops[layer.ops[0]]
            ours["einsum" if op.function == "einsum" else op.kind] += layer.macs
    return [
        why
        for kind, (names, why) in _KNOWN_DIFFERENCES.items()
        if ours[kind] != sum(counted[name] for name in names) > 0
    ]
