"""Where the code read a value that depends on the model's input: another input may take another path."""

from __future__ import annotations

from netadvise.graph import Graph

_CONTENT_FREE = frozenset({"factory", "random", "shape_only"})
"""Kinds whose result does not depend on the content of an operand."""


def value_reads(graph: Graph) -> tuple[str, ...]:
    """One note for the user, or none: the places at which Python read a value computed from the input."""
    depends = set(graph.inputs)
    places: dict[str, None] = {}
    for op in graph.ops:
        if op.kind in _CONTENT_FREE or not any(operand.value in depends for operand in op.inputs):
            continue
        depends.update(op.outputs)
        if op.kind == "item":
            places[str(op.location or graph.calls[op.call].module)] = None
    if not places:
        return ()
    named = ", ".join(list(places)[:3]) + (f" and {len(places) - 3} more" if len(places) > 3 else "")
    return (f"the code read a value of the input at {named}: this is the path that this input took",)
