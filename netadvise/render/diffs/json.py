"""The diff document, `netadvise.diff/1`.

    document  ::= schema netadvise old new identical totals receptive_field counts layers renames findings notes
                  conditions
    side      ::= label target torch mode inputs
    total     ::= old new delta share unknown
    layer     ::= status name old_name call kind location called_at attributes reread reshaped old new delta
    measured  ::= input_shapes output_shapes params macs activation_bytes receptive_field unknown     a layer's old, new
    attribute ::= name old new forced
    findings  ::= compared reason changes kept rules untold

Every difference is NEW minus OLD. What cannot be told is null, and its reason stands in `unknown`. `layers` holds the
layers of both networks that are not as they were or have another name; `counts` counts them all by status. `share` is a
part of OLD: 0.05 for +5 %, null where OLD has none. A finding about the whole model is at the layer "". Keys are added,
never changed.
"""

from __future__ import annotations

from dataclasses import asdict
from fractions import Fraction

from netadvise.comparison import (
    Comparison,
    FindingChange,
    FindingsDiff,
    Judged,
    LayerChange,
    Side,
    TotalChange,
)
from netadvise.document.write import location_document
from netadvise.profiles import Layer, Sizes
from netadvise.quantity import Quantity, Unknown
from netadvise.render.diffs.view import DiffView, counted_by
from netadvise.render.encode import json_text

SCHEMA = "netadvise.diff/1"


def json(comparison: Comparison, view: DiffView) -> str:
    """The whole comparison, whatever the view."""
    old, new, delta = comparison.receptive_field
    document = {
        "schema": SCHEMA,
        "netadvise": comparison.version,
        "old": _side(comparison.old),
        "new": _side(comparison.new),
        "identical": comparison.identical,
        "totals": {change.key: _total(change) for change in comparison.totals},
        "receptive_field": _with_reasons({"old": old, "new": new, "delta": delta}),
        "counts": counted_by(comparison.layers),
        "layers": [_layer(change) for change in comparison.layers if change.status != "same" or change.renamed],
        "renames": [asdict(item) for item in comparison.renames],
        "findings": _findings(comparison.findings),
        "notes": list(comparison.notes),
        "conditions": [_condition(item) for item in comparison.conditions],
    }
    return json_text(document, indent=1) + "\n"


def _side(side: Side) -> dict[str, object]:
    profile = side.profile
    inputs = [{"name": item.name, "shape": list(item.shape), "dtype": item.dtype} for item in profile.inputs]
    return {
        "label": side.label,
        "target": profile.target,
        "torch": profile.torch,
        "mode": profile.mode,
        "inputs": inputs,
    }


def _total(change: TotalChange) -> dict[str, object]:
    share = change.share
    exact = float(share) if isinstance(share, Fraction) else None
    return {"share": exact, **_with_reasons({"old": change.old, "new": change.new, "delta": change.delta})}


def _with_reasons(values: dict[str, Quantity | Sizes]) -> dict[str, object]:
    known = {key: None if isinstance(value, Unknown) else value for key, value in values.items()}
    return {**known, "unknown": {key: value.reason for key, value in values.items() if isinstance(value, Unknown)}}


def _layer(change: LayerChange) -> dict[str, object]:
    layer, deltas = change.layer, change.deltas
    return {
        "status": change.status,
        "name": None if change.new is None else change.new.name,
        "old_name": None if change.old is None else change.old.name,
        "call": layer.call,
        "kind": layer.kind,
        "location": location_document(layer.location),
        "called_at": location_document(layer.called_at),
        "attributes": [asdict(item) for item in change.attributes],
        "reread": change.reread,
        "reshaped": change.reshaped,
        "old": None if change.old is None else _measured(change.old),
        "new": None if change.new is None else _measured(change.new),
        "delta": _with_reasons(
            {
                "params": deltas.params,
                "macs": deltas.macs,
                "activation_bytes": deltas.activation_bytes,
                "receptive_field": deltas.receptive_field,
            }
        ),
    }


def _measured(layer: Layer) -> dict[str, object]:
    sizes: Sizes = () if layer.receptive_field is None else layer.receptive_field.size
    shapes = {"input_shapes": layer.input_shapes, "output_shapes": layer.output_shapes}
    numbers = _with_reasons(
        {
            "params": layer.params,
            "macs": layer.macs,
            "activation_bytes": layer.activation_bytes,
            "receptive_field": sizes,
        }
    )
    return {**shapes, **numbers}


def _findings(found: FindingsDiff | Unknown) -> dict[str, object]:
    if isinstance(found, Unknown):
        return {"compared": False, "reason": found.reason, "changes": [], "kept": None, "rules": 0, "untold": []}
    return {
        "compared": True,
        "reason": "",
        "changes": [_finding(change) for change in found.changes],
        "kept": found.kept,
        "rules": found.rules,
        "untold": [{"rule": rule, "severity": severity} for rule, severity in found.untold],
    }


def _finding(change: FindingChange) -> dict[str, object]:
    return {
        "status": change.status,
        "rule": change.rule,
        "name": change.name,
        "severity": change.severity,
        "was": change.was,
        "confidence": change.confidence,
        "why": change.why,
        "refs": list(change.refs),
        "places": [
            {
                "layer": None if change.status == "fixed" else place.new,
                "old_layer": None if change.status == "new" else place.old,
                "location": location_document(place.location),
                "message": place.message,
            }
            for place in change.places
        ],
    }


def _condition(item: Judged) -> dict[str, object]:
    known = None if isinstance(item.holds, Unknown) else item.holds
    return {"text": item.condition.text, "holds": known, "found": item.found}
