"""The measured network: one row per layer, totals with their gaps. Nothing here needs torch.

`Profile.to_document` is the machine-readable contract `netadvise.profile/1`; keys are added, never changed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from netadvise.graph import Attr, Location, Mode
from netadvise.quantity import Quantity, Unknown

SCHEMA = "netadvise.profile/1"

Sizes = tuple[int, ...] | Unknown
"""One number of input pixels per spatial axis; `()` where the network's input has no spatial axes."""
Jumps = tuple[Fraction, ...] | Unknown


@dataclass(frozen=True, slots=True)
class ReceptiveField:
    """What one unit of a layer's output sees, per spatial axis of the network's input, in input pixels.

    `size` is the largest spatial-path field over one period: the path through convolutions, pooling and resampling,
    leaving out gates (SE) and normalisation statistics. `narrowest` follows the narrowest path through branches.
    `strict` counts everything, `culprit` names what made it the whole input. `clipped` is what the given input leaves
    of `size` at the central unit. Unit 0's field starts at `start` (negative: in the padding); neighbours are `jump`
    apart; `period` > 1 says that the field's size alternates over that many units.
    """

    size: Sizes
    narrowest: Sizes
    strict: Sizes
    clipped: Sizes
    jump: Jumps
    start: Sizes
    period: Sizes = ()
    culprit: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """One call of a leaf module, or one functional op; sums over the ops it ran."""

    name: str
    kind: str
    """The module's class ("Conv2d") or the function ("conv2d")."""
    call: int
    """0 for the first call of this module, 1 for the second, ..."""
    location: Location | None
    """The constructor call of a module, the call of a functional op."""
    called_at: Location | None
    input_shapes: tuple[tuple[int, ...], ...]
    output_shapes: tuple[tuple[int, ...], ...]
    attrs: dict[str, Attr]
    """kernel_size, stride, padding, dilation, groups, in_channels, out_channels, bias, p, ...: torch's own names."""
    params: int
    """Elements of the parameters counted here: each tensor once, at its first owner."""
    trainable_params: int
    buffers: int
    macs: Quantity
    flops: Quantity
    other_ops: Quantity
    activation_bytes: Quantity
    receptive_field: ReceptiveField | None
    """None for outputs that no spatial input reaches."""
    shared_params: int = 0
    """Elements of parameters used here but counted at an earlier row."""
    ops: tuple[int, ...] = ()
    """Ids of the graph's ops that this row sums over."""


@dataclass(frozen=True, slots=True)
class Gap:
    """An op for which a quantity has no formula: the total leaves it out and says so."""

    quantity: str
    op: str
    count: int
    reason: str
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the network. A Quantity total is the sum of what is known; `gaps` lists what it lacks."""

    params: int
    trainable_params: int
    buffers: int
    param_bytes: int
    buffer_bytes: int
    unused_params: int
    """Parameters that the recorded forward pass never read."""
    macs: int
    flops: int
    other_ops: int
    activation_bytes: int
    """Sum of the rows' activation_bytes: every output written once."""
    peak_activation_bytes: Quantity
    """The most bytes alive at once in inference, with each tensor freed after its last use."""
    saved_activation_bytes: Quantity
    """What autograd keeps from the forward pass for the backward pass, parameters left out."""
    receptive_field: Sizes
    """Spatial-path field of the last feature map."""
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class InputInfo:
    """One input of the recorded pass."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    source: Literal["given", "declared", "inferred"]


@dataclass(frozen=True, slots=True)
class Block:
    """A module that holds others: what the rows below its path belong to."""

    name: str
    kind: str
    """Its class, e.g. "Bottleneck"."""
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """One network, measured on one set of input shapes."""

    version: str
    torch: str
    target: str
    mode: Mode
    inputs: tuple[InputInfo, ...]
    totals: Totals
    layers: tuple[Layer, ...]
    notes: tuple[str, ...] = ()
    modules: int = 0
    uncalled_modules: tuple[str, ...] = field(default=())
    """Leaf modules with parameters that the forward pass never called."""
    blocks: tuple[Block, ...] = ()
    """The modules that hold others, the model itself (named "") first."""

    def kinds(self) -> Counter[str]:
        """How many rows there are of each kind."""
        return Counter(layer.kind for layer in self.layers)
