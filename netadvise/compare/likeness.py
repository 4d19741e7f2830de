"""How much two parts of two networks have in common, from 0 to 1000: whole numbers, so that sums compare exactly.

Two layers of one kind are alike by the share of their arguments that agree; what shapes a layer (its window, its
channels) counts four times as much as the rest. Two modules are alike by the layers that they hold, half by name, kind
and arguments, half by kind alone (Dice's coefficient: twice what they share through all that they have).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable

from netadvise.compare.tree import Neighbours, Node, Row, plain_kind

WHOLE = 1000
_KIND = 400
"""Two layers of one kind have so much in common, whatever their arguments."""
_TELLING = frozenset(
    ("kernel_size", "stride", "dilation", "groups", "in_channels", "out_channels", "in_features", "out_features")
    + ("num_features", "normalized_shape", "embed_dim", "num_heads", "input_size", "hidden_size", "num_embeddings")
    + ("output_size", "p"),
)
_WEIGHT = 4


def nodes_alike(old: Node, new: Node) -> int:
    """How alike two modules are, or a module and a layer."""
    if old.print == new.print:
        return WHOLE
    return (_dice(old.strong, new.strong) + _dice(old.weak, new.weak)) // 2


def rows_alike(old: Row, new: Row) -> int:
    """How alike two layers are; 0 for layers of two kinds."""
    if plain_kind(old.layer.kind) != plain_kind(new.layer.kind):
        return 0
    one, other = old.layer.attrs, new.layer.attrs
    whole = agreed = 0
    for name in {**one, **other}:
        weight = _WEIGHT if name in _TELLING else 1
        whole += weight
        agreed += weight * (name in one and name in other and one[name] == other[name])
    return WHOLE if whole == agreed else _KIND + (WHOLE - _KIND) * agreed // whole


def neighbours_alike(old: Neighbours, new: Neighbours) -> int:
    """How alike the surroundings of two layers are: a tenth as much as the layers themselves."""
    return (_shared(old[0], new[0]) + _shared(old[1], new[1])) // 20


def _shared(one: frozenset[str], other: frozenset[str]) -> int:
    every = one | other
    return WHOLE * len(one & other) // len(every) if every else WHOLE


def _dice(one: Counter[Hashable], other: Counter[Hashable]) -> int:
    held = one.total() + other.total()
    return 2 * WHOLE * (one & other).total() // held if held else WHOLE
