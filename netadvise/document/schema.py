"""The profile document, `netadvise.profile/1`: a Profile as plain values, and back.

    document ::= schema netadvise torch target mode inputs totals layers notes modules uncalled_modules
    layer    ::= contract keys, and beside them the layer's own arguments (kernel_size, stride, ...)

Keys are added, never changed. A quantity that is unknown is null and has its reason in `unknown`; one that does not
apply (the receptive field of what no image reaches) is null without a reason. An argument whose name is a contract
key stands in `attributes` instead. Fractions are integers, or strings such as "1/2".
"""

from __future__ import annotations

from typing import Literal, TypedDict

from netadvise.graph import Mode

Scalar = None | bool | int | float | str
Argument = Scalar | list[Scalar]
"""What an argument of a layer is in JSON."""


class LocationDocument(TypedDict):
    """A place in a source file; `column` may be null."""

    file: str
    line: int
    column: int | None


class InputDocument(TypedDict):
    """One input of the recorded pass."""

    name: str
    shape: list[int]
    dtype: str
    source: Literal["given", "declared", "inferred"]


class GapDocument(TypedDict):
    """An op that a total leaves out."""

    quantity: str
    op: str
    count: int
    reason: str
    location: LocationDocument | None


class TotalsDocument(TypedDict):
    """Sums over the network."""

    params: int
    trainable_params: int
    buffers: int
    param_bytes: int
    buffer_bytes: int
    unused_params: int
    macs: int
    flops: int
    other_ops: int
    activation_bytes: int
    peak_activation_bytes: int | None
    saved_activation_bytes: int | None
    receptive_field: list[int] | None
    gaps: list[GapDocument]
    unknown: dict[str, str]


class LayerDocument(TypedDict):
    """The contract keys of one row; its own arguments (kernel_size, ...) stand beside them."""

    name: str
    kind: str
    call: int
    location: LocationDocument | None
    called_at: LocationDocument | None
    input_shapes: list[list[int]]
    output_shapes: list[list[int]]
    params: int
    trainable_params: int
    shared_params: int
    buffers: int
    macs: int | None
    flops: int | None
    other_ops: int | None
    activation_bytes: int | None
    receptive_field: list[int] | None
    receptive_field_min: list[int] | None
    receptive_field_strict: list[int] | None
    receptive_field_clipped: list[int] | None
    receptive_field_period: list[int] | None
    receptive_field_culprit: str
    jump: list[int | str] | None
    start: list[int] | None
    ops: list[int]
    unknown: dict[str, str]
    attributes: dict[str, Argument]


class BlockDocument(TypedDict):
    """A module that holds others."""

    name: str
    kind: str
    location: LocationDocument | None


class ProfileDocument(TypedDict):
    """A whole profile."""

    schema: str
    netadvise: str
    torch: str
    target: str
    mode: Mode
    inputs: list[InputDocument]
    totals: TotalsDocument
    layers: list[LayerDocument]
    notes: list[str]
    modules: int
    uncalled_modules: list[str]
    blocks: list[BlockDocument]


CONTRACT_KEYS = frozenset(LayerDocument.__annotations__)
"""Keys of a layer that an argument of the same name may not take."""

VIEW_KEYS = {
    "receptive_field": "size",
    "receptive_field_min": "narrowest",
    "receptive_field_clipped": "clipped",
    "receptive_field_strict": "strict",
    "receptive_field_period": "period",
    "start": "start",
}
"""The keys of a layer's receptive field that hold sizes, and the field of `ReceptiveField` of each."""
