"""A Profile as a profile document."""

from __future__ import annotations

from typing import cast

from netadvise.document.schema import (
    CONTRACT_KEYS,
    VIEW_KEYS,
    Argument,
    LayerDocument,
    LocationDocument,
    ProfileDocument,
    TotalsDocument,
)
from netadvise.graph import Attr, Location
from netadvise.profiles import SCHEMA, Layer, Profile, ReceptiveField, Sizes, Totals
from netadvise.quantity import Quantity, Unknown


def profile_document(profile: Profile) -> ProfileDocument:
    """The profile as plain values, in the order of the contract.

    Lone surrogates (file names that are not UTF-8) become escapes: no JSON reader need accept them.
    """
    document: ProfileDocument = {
        "schema": SCHEMA,
        "netadvise": profile.version,
        "torch": profile.torch,
        "target": profile.target,
        "mode": profile.mode,
        "inputs": [
            {"name": item.name, "shape": list(item.shape), "dtype": item.dtype, "source": item.source}
            for item in profile.inputs
        ],
        "totals": _totals_document(profile.totals),
        "layers": [_layer_document(layer) for layer in profile.layers],
        "notes": list(profile.notes),
        "modules": profile.modules,
        "uncalled_modules": list(profile.uncalled_modules),
        "blocks": [
            {"name": block.name, "kind": block.kind, "location": location_document(block.location)}
            for block in profile.blocks
        ],
    }
    return cast(ProfileDocument, _encodable(document))


def _totals_document(totals: Totals) -> TotalsDocument:
    unknown: dict[str, str] = {}
    return {
        "params": totals.params,
        "trainable_params": totals.trainable_params,
        "buffers": totals.buffers,
        "param_bytes": totals.param_bytes,
        "buffer_bytes": totals.buffer_bytes,
        "unused_params": totals.unused_params,
        "macs": totals.macs,
        "flops": totals.flops,
        "other_ops": totals.other_ops,
        "activation_bytes": totals.activation_bytes,
        "peak_activation_bytes": _number("peak_activation_bytes", totals.peak_activation_bytes, unknown),
        "saved_activation_bytes": _number("saved_activation_bytes", totals.saved_activation_bytes, unknown),
        "receptive_field": _sizes("receptive_field", totals.receptive_field, unknown),
        "gaps": [
            {
                "quantity": gap.quantity,
                "op": gap.op,
                "count": gap.count,
                "reason": gap.reason,
                "location": location_document(gap.location),
            }
            for gap in totals.gaps
        ],
        "unknown": unknown,
    }


def _layer_document(layer: Layer) -> LayerDocument:
    unknown: dict[str, str] = {}
    identity = {
        "name": layer.name,
        "kind": layer.kind,
        "call": layer.call,
        "location": location_document(layer.location),
        "called_at": location_document(layer.called_at),
        "input_shapes": [list(shape) for shape in layer.input_shapes],
        "output_shapes": [list(shape) for shape in layer.output_shapes],
    }
    arguments = {key: _attr(value) for key, value in layer.attrs.items() if key not in CONTRACT_KEYS}
    numbers = {
        "params": layer.params,
        "trainable_params": layer.trainable_params,
        "shared_params": layer.shared_params,
        "buffers": layer.buffers,
        "macs": _number("macs", layer.macs, unknown),
        "flops": _number("flops", layer.flops, unknown),
        "other_ops": _number("other_ops", layer.other_ops, unknown),
        "activation_bytes": _number("activation_bytes", layer.activation_bytes, unknown),
    }
    rest = {
        "ops": list(layer.ops),
        "unknown": unknown,
        "attributes": {key: _attr(value) for key, value in layer.attrs.items() if key in CONTRACT_KEYS},
    }
    view = _view_document(layer.receptive_field, unknown)
    return cast(LayerDocument, identity | arguments | numbers | view | rest)


def _view_document(view: ReceptiveField | None, unknown: dict[str, str]) -> dict[str, object]:
    if view is None:
        return {**dict.fromkeys(VIEW_KEYS), "jump": None, "receptive_field_culprit": ""}
    sizes = {key: _sizes(key, cast(Sizes, getattr(view, name)), unknown) for key, name in VIEW_KEYS.items()}
    jump: list[int | str] | None = None
    if isinstance(view.jump, Unknown):
        unknown["jump"] = view.jump.reason
    else:
        jump = [int(step) if step.denominator == 1 else str(step) for step in view.jump]
    first = {key: sizes.pop(key) for key in ("receptive_field", "receptive_field_min")}
    return {**first, "jump": jump, **sizes, "receptive_field_culprit": view.culprit}


def _number(key: str, quantity: Quantity, unknown: dict[str, str]) -> int | None:
    if isinstance(quantity, Unknown):
        unknown[key] = quantity.reason
        return None
    return quantity


def _sizes(key: str, sizes: Sizes, unknown: dict[str, str]) -> list[int] | None:
    if isinstance(sizes, Unknown):
        unknown[key] = sizes.reason
        return None
    return list(sizes)


def _attr(value: Attr) -> Argument:
    return list(value) if isinstance(value, tuple) else value


def location_document(location: Location | None) -> LocationDocument | None:
    """A place in a source file as plain values."""
    return None if location is None else {"file": location.file, "line": location.line, "column": location.column}


def _encodable(item: object) -> object:
    if isinstance(item, str):
        return item if item.isascii() else item.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(item, dict):
        return {_encodable(key): _encodable(value) for key, value in item.items()}
    if isinstance(item, list):
        return [_encodable(value) for value in item]
    return item
