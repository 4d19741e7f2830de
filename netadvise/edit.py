"""A change of a network, as a value: tried on the live model, trained as a probe arm, or written into the source.

    edit   ::= set_args(module, arguments) | replace(module, chain) | insert(place, chain)
    chain  ::= part part*                      a short run of torch.nn layers
    place  ::= after module | before the input of module | after the n-th call of a function in a module's forward

An edit does not know how it is done: `capture.edits` applies it to a live module, `rewrite` to source text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from netadvise.graph import Location
from netadvise.quantity import Quantity, Unknown
from netadvise.rule import Safety

Value = None | bool | int | float | str | tuple[int | float, ...]
"""A literal constructor argument."""


@dataclass(frozen=True, slots=True)
class Part:
    """One torch.nn layer of a chain: `Conv2d` with its arguments by name."""

    type: str
    args: Mapping[str, Value] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.type}({', '.join(f'{name}={value!r}' for name, value in self.args.items())})"


@dataclass(frozen=True, slots=True)
class SetArgs:
    """The same layer, constructed with other arguments: `args` by name, the rest as they were."""

    module: str
    args: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Replace:
    """Another layer, or a chain of them, in a module's place; `Identity` removes it."""

    module: str
    chain: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a chain is inserted."""

    where: Literal["after", "before", "after-call"]
    module: str
    """Path; for `after-call` of the module in whose forward the function is called."""
    function: str = ""
    index: int = 0
    """Which call of `function` in that forward, counted from 0."""


@dataclass(frozen=True, slots=True)
class Insert:
    """A chain between two layers."""

    place: Place
    chain: tuple[Part, ...]


Edit = SetArgs | Replace | Insert

SAFETIES: tuple[Safety, ...] = ("safe", "changes-weights", "changes-function")
"""From harmless to not: a checkpoint loads and gives the same; no longer loads; loads and gives something else."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What an edit changes: after minus before, of the whole network."""

    params: Quantity
    macs: Quantity
    activation_bytes: Quantity
    receptive_field: tuple[int, ...] | Unknown
    """Of the last feature map, per axis."""
    receptive_field_here: tuple[int, ...] | Unknown = ()
    """At the edited layer, per axis."""


@dataclass(frozen=True, slots=True)
class Affected:
    """A layer behind the edit whose shape or facts changed."""

    layer: str
    what: str
    """"output 1x64x56x56 -> 1x64x112x112; MACs 118 M -> 472 M"."""
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """Edits that were applied together, recorded and measured."""

    edits: tuple[Edit, ...]
    effect: Effect
    safety: Safety
    affected: tuple[Affected, ...] = ()


@dataclass(frozen=True, slots=True)
class Dropped:
    """Edits that could not be applied, or that broke the forward pass."""

    edits: tuple[Edit, ...]
    reason: str


def modules_of(edit: Edit) -> str:
    """The module that an edit changes: two edits of one module conflict."""
    return edit.place.module if isinstance(edit, Insert) else edit.module


def conflicts(one: tuple[Edit, ...], other: tuple[Edit, ...]) -> str:
    """The module that both change, or that lies inside one the other replaces; empty where they go together."""
    for first in map(modules_of, one):
        for second in map(modules_of, other):
            if first == second or first.startswith(f"{second}.") or second.startswith(f"{first}."):
                return min(first, second, key=len)
    return ""
