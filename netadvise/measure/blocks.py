"""The modules that hold others: what the rows of a profile belong to."""

from __future__ import annotations

from netadvise.graph import Graph
from netadvise.profiles import Block


def blocks(graph: Graph) -> tuple[Block, ...]:
    """Each module with a module below it, in the order of `named_modules`; the model itself is first."""
    holders = {module.path.rpartition(".")[0] for module in graph.modules if module.path}
    return tuple(Block(each.path, each.type, each.location) for each in graph.modules if each.path in holders)
