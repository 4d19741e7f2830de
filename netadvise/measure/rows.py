"""How the ops of a recording are divided into rows of the profile.

A call of a leaf module is one row. A leaf call is one that called no other module and either is of a class of
`torch.nn`, or holds at most one product (a convolution, a linear layer, attention, ...) and is not the call of the
model itself; the modules of `torch.nn.utils.parametrize` belong to the layer whose weight they make. Every other op is
a functional row of its own, unless it only reshapes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from netadvise.graph import Call, Graph, Module, Op
from netadvise.kinds import KINDS
from netadvise.measure.flops import PRODUCTS

_RESHAPING = frozenset(
    ("view", "permute", "expand", "repeat", "slice", "select", "split", "copy", "as_strided", "setitem")
    + ("write_through", "factory", "random", "shape_only", "item"),
)
"""Kinds that get no functional row: they move, make or read elements and compute nothing."""


@dataclass(frozen=True, slots=True)
class Row:
    """Some ops of one call: all of a leaf module's, or one functional op."""

    name: str
    kind: str
    call: Call
    module: Module | None
    """The leaf module; None for a functional op."""
    ops: tuple[Op, ...]


def rows(graph: Graph) -> tuple[Row, ...]:
    """The rows of the profile, in execution order."""
    leaf_of = _leaf_calls(graph)
    held: dict[int, list[Op]] = {leaf: [] for leaf in leaf_of.values() if leaf is not None}
    found: list[tuple[tuple[float, int], Row]] = []
    names: Counter[tuple[int, str]] = Counter()
    for op in graph.ops:
        leaf = leaf_of[op.call]
        if leaf is not None:
            held[leaf].append(op)
        elif op.kind not in _RESHAPING:
            found.append(((op.id, 0), _functional(graph, op, names)))
    when = _clock(graph, leaf_of)
    for call, ops in held.items():
        found.append(((ops[0].id if ops else when(call), call), _leaf(graph, call, ops)))
    return tuple(row for _, row in sorted(found, key=lambda item: item[0]))


def _functional(graph: Graph, op: Op, names: Counter[tuple[int, str]]) -> Row:
    call = graph.calls[op.call]
    repeats = names[op.call, op.function]
    names[op.call, op.function] += 1
    label = op.function + (f"_{repeats}" if repeats else "")
    return Row(f"{call.module}/{label}" if call.module else label, op.function, call, None, (op,))


def _leaf(graph: Graph, call: int, ops: list[Op]) -> Row:
    module = graph.module_at[graph.calls[call].module]
    return Row(module.path or module.type, module.type, graph.calls[call], module, tuple(ops))


def _leaf_calls(graph: Graph) -> dict[int, int | None]:
    """The leaf call that each call is or belongs to, if any."""
    parents = {call.parent for call in graph.calls if not _makes_a_parameter(graph, call)}
    products = Counter(op.call for op in graph.ops if op.kind in PRODUCTS or op.kind not in KINDS)
    found: dict[int, int | None] = {}
    for call in graph.calls:
        outer = None if call.parent is None else found[call.parent]
        leaf = call.id not in parents and _is_layer(graph, call, products[call.id])
        found[call.id] = outer if outer is not None else call.id if leaf else None
    return found


def _is_layer(graph: Graph, call: Call, products: int) -> bool:
    in_torch = graph.module_at[call.module].package.startswith("torch.nn.")
    return in_torch or (products <= 1 and call.parent is not None)


def _makes_a_parameter(graph: Graph, call: Call) -> bool:
    """Whether the call is of a parametrization of the module that called it."""
    if call.parent is None:
        return False
    parent = graph.calls[call.parent].module
    return call.module.startswith(f"{parent}.parametrizations." if parent else "parametrizations.")


def _clock(graph: Graph, leaf_of: dict[int, int | None]) -> Callable[[int], float]:
    """When a call without ops happened: just after the op that made its inputs, and after all earlier leaf calls."""
    last: dict[int, int] = {}
    for op in graph.ops:
        leaf = leaf_of[op.call]
        if leaf is not None:
            last[leaf] = op.id

    def when(call: int) -> float:
        made = [graph.producer[value].id for value in graph.calls[call].inputs if value in graph.producer]
        earlier = [op for leaf, op in last.items() if leaf < call]
        return max([-1, *made, *earlier]) + 0.5

    return when
