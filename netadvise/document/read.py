"""A profile document as the Profile it was written from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import cast

import msgspec

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
from netadvise.profiles import SCHEMA, Block, Gap, InputInfo, Jumps, Layer, Profile, ReceptiveField, Sizes, Totals
from netadvise.quantity import Quantity, Unknown


def profile_from_document(document: object) -> Profile:
    """The profile that `profile_document` wrote.

    Raises `ValueError`, naming the place, for anything else.
    """
    schema = document.get("schema") if isinstance(document, Mapping) else None
    if schema != SCHEMA:
        raise ValueError(f"its schema is {schema!r}, not {SCHEMA!r}")
    checked = msgspec.convert(document, ProfileDocument)
    raw_layers = cast(Mapping[str, list[dict[str, object]]], document)["layers"]
    return Profile(
        version=checked["netadvise"],
        torch=checked["torch"],
        target=checked["target"],
        mode=checked["mode"],
        inputs=tuple(
            InputInfo(item["name"], tuple(item["shape"]), item["dtype"], item["source"]) for item in checked["inputs"]
        ),
        totals=_totals(checked["totals"]),
        layers=tuple(_layer(layer, raw) for layer, raw in zip(checked["layers"], raw_layers, strict=True)),
        notes=tuple(checked["notes"]),
        modules=checked["modules"],
        uncalled_modules=tuple(checked["uncalled_modules"]),
        blocks=tuple(Block(item["name"], item["kind"], _location(item["location"])) for item in checked["blocks"]),
    )


def profile_from_json(text: str | bytes) -> Profile:
    """The profile of a JSON text; raises `ValueError` for anything else."""
    return profile_from_document(json.loads(text))


def _totals(document: TotalsDocument) -> Totals:
    unknown = document["unknown"]
    return Totals(
        params=document["params"],
        trainable_params=document["trainable_params"],
        buffers=document["buffers"],
        param_bytes=document["param_bytes"],
        buffer_bytes=document["buffer_bytes"],
        unused_params=document["unused_params"],
        macs=document["macs"],
        flops=document["flops"],
        other_ops=document["other_ops"],
        activation_bytes=document["activation_bytes"],
        peak_activation_bytes=_quantity("peak_activation_bytes", document["peak_activation_bytes"], unknown),
        saved_activation_bytes=_quantity("saved_activation_bytes", document["saved_activation_bytes"], unknown),
        receptive_field=_extent("receptive_field", document["receptive_field"], unknown),
        gaps=tuple(
            Gap(gap["quantity"], gap["op"], gap["count"], gap["reason"], _location(gap["location"]))
            for gap in document["gaps"]
        ),
    )


def _layer(document: LayerDocument, raw: Mapping[str, object]) -> Layer:
    unknown = document["unknown"]
    beside = {key: cast(Argument, value) for key, value in raw.items() if key not in CONTRACT_KEYS and _is_plain(value)}
    return Layer(
        name=document["name"],
        kind=document["kind"],
        call=document["call"],
        location=_location(document["location"]),
        called_at=_location(document["called_at"]),
        input_shapes=tuple(tuple(shape) for shape in document["input_shapes"]),
        output_shapes=tuple(tuple(shape) for shape in document["output_shapes"]),
        attrs={key: _argument(value) for key, value in {**beside, **document["attributes"]}.items()},
        params=document["params"],
        trainable_params=document["trainable_params"],
        shared_params=document["shared_params"],
        buffers=document["buffers"],
        macs=_quantity("macs", document["macs"], unknown),
        flops=_quantity("flops", document["flops"], unknown),
        other_ops=_quantity("other_ops", document["other_ops"], unknown),
        activation_bytes=_quantity("activation_bytes", document["activation_bytes"], unknown),
        receptive_field=_view(document, unknown),
        ops=tuple(document["ops"]),
    )


def _view(document: LayerDocument, unknown: Mapping[str, str]) -> ReceptiveField | None:
    keys = (*VIEW_KEYS, "jump")
    plain = cast(Mapping[str, list[int] | None], document)
    if all(plain[key] is None and key not in unknown for key in keys):
        return None
    jump: Jumps = (
        Unknown(unknown.get("jump", "not recorded"))
        if document["jump"] is None
        else tuple(Fraction(step) for step in document["jump"])
    )
    sizes = {name: _extent(key, plain[key], unknown) for key, name in VIEW_KEYS.items()}
    return ReceptiveField(**sizes, jump=jump, culprit=document["receptive_field_culprit"])


def _quantity(key: str, number: int | None, unknown: Mapping[str, str]) -> Quantity:
    return Unknown(unknown.get(key, "not recorded")) if number is None else number


def _extent(key: str, sizes: list[int] | None, unknown: Mapping[str, str]) -> Sizes:
    return Unknown(unknown.get(key, "not recorded")) if sizes is None else tuple(sizes)


def _argument(value: Argument) -> Attr:
    return tuple(value) if isinstance(value, list) else value


def _is_plain(value: object) -> bool:
    """Whether a value can be an argument; what a later version adds beside them may be anything."""
    items = value if isinstance(value, list) else [value]
    return all(item is None or isinstance(item, bool | int | float | str) for item in items)


def _location(document: LocationDocument | None) -> Location | None:
    return None if document is None else Location(document["file"], document["line"], document["column"])
