"""The facts vocabulary: every name a rule may use, its type, and what it means. Names are torch's own where it has one.

`Field.type`: "bool", "number", "text", "numbers" (one per spatial axis, or a list), "texts". A field that does not
apply to a subject is None there; one that cannot be told is Unknown: the facts say which, not these tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from netadvise.vocabulary import layer, network, probe
from netadvise.vocabulary.field import Field, Source, Type, fields_of
from netadvise.vocabulary.layer import ACTIVATIONS, OPS

LAYER: Mapping[str, Field] = fields_of(layer.LAYER)
BLOCK: Mapping[str, Field] = fields_of(network.BLOCK)
MODULE: Mapping[str, Field] = fields_of(network.MODULE)
MODEL: Mapping[str, Field] = fields_of(network.MODEL)
CONTEXT: Mapping[str, Field] = fields_of(network.CONTEXT, "context")
"""What the user declares of a model's use; what is not declared is Unknown, flags with a default excepted."""

PROBE: Mapping[str, Field] = fields_of(probe.PROBE, "probe")
"""What training measured; what was not measured is Unknown."""

VOCABULARY: Mapping[str, Mapping[str, Field]] = {
    "layer": LAYER,
    "block": BLOCK,
    "module": MODULE,
    "model": MODEL,
    "context": CONTEXT,
    "probe": PROBE,
}


def fields() -> Iterator[tuple[str, Field]]:
    """Every field with the table it stands in."""
    for table, entries in VOCABULARY.items():
        for field in entries.values():
            yield table, field


__all__ = [
    "ACTIVATIONS",
    "BLOCK",
    "CONTEXT",
    "LAYER",
    "MODEL",
    "MODULE",
    "OPS",
    "PROBE",
    "VOCABULARY",
    "Field",
    "Source",
    "Type",
    "fields",
]
