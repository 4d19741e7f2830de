"""Where dropout could stand in a network: candidates, refused places with reasons, and the dropouts that are there.

A position is convention, not evidence: it says what is usual at such a place and who says so. Whether it helps on given
data, only a probe can tell (`evidence`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from netadvise.edit import Edit, Insert, SetArgs
from netadvise.graph import Location
from netadvise.profiles import Profile
from netadvise.rule import Confidence

Group = Literal[
    "input", "hidden", "head", "conv", "block", "residual", "embedding", "recurrent", "sublayer", "attention"
]
"""Places of one group are screened together: the same kind of layer, the same variant, the same default rate."""

State = Literal["active", "dead"]
"""Of a dropout that is there: dead ones have rate 0, or nothing to act on."""


@dataclass(frozen=True, slots=True)
class Position:
    """One place, and what is conventionally said about a dropout there."""

    place: str
    """What the position is called, once in a network: "after features.2", "before head", "lstm(dropout=)"."""
    layer: str
    """The row of the profile whose result would be dropped, or whose argument would be set."""
    location: Location | None
    accepted: bool
    group: Group
    variant: str
    """"Dropout", "Dropout2d", "DropBlock2d", "AlphaDropout", "StochasticDepth", or the argument: "dropout=", "p="."""
    rates: tuple[float, ...]
    """Worth trying, the usual one first."""
    rule: str
    """The id of the rule that offers or refuses it."""
    name: str
    confidence: Confidence
    reason: str
    """What the rule says of this place."""
    why: str
    refs: tuple[str, ...]
    edit: Edit | None = None
    """What puts a dropout there, at the usual rate; None where it cannot be made, and `unmade` says why."""
    unmade: str = ""
    overruled: str = ""
    """For a refused place that a rule offers, too: the id of that rule."""

    def at(self, rate: float) -> Edit:
        """The edit at another rate; raises `ValueError` where there is none."""
        if self.edit is None:
            raise ValueError(f"{self.place}: {self.unmade or 'no edit'}")
        return with_rate(self.edit, rate)


def rate_of(edit: Edit) -> float:
    """The rate at which an edit puts a dropout; raises `ValueError` for an edit without one."""
    values = edit.chain[0].args.get("p") if isinstance(edit, Insert) else None
    if isinstance(edit, SetArgs):
        values = next(iter(edit.args.values()), None)
    if not isinstance(values, int | float):
        raise ValueError(f"{edit} has no rate")
    return float(values)


def with_rate(edit: Edit, rate: float) -> Edit:
    """The same dropout at another rate: of the inserted layer, or of the argument that an edit sets."""
    if isinstance(edit, Insert):
        chain = tuple(replace(part, args={**part.args, "p": rate}) for part in edit.chain)
        return replace(edit, chain=chain)
    if isinstance(edit, SetArgs):
        return replace(edit, args=dict.fromkeys(edit.args, rate))
    raise ValueError(f"{edit} has no rate")


@dataclass(frozen=True, slots=True)
class ExistingDropout:
    """A dropout that the network has."""

    layer: str
    location: Location | None
    variant: str
    """Class or function, or the argument: "LSTM(dropout=)"."""
    rate: float | None
    state: State
    active_in_eval: bool = False
    """Whether it draws masks in evaluation mode, too."""
    duplicated: bool = False
    """Whether another dropout stands directly before or behind it."""
    remarks: tuple[str, ...] = ()
    """What lint rules say of it: "DRP007 dropout-before-batchnorm: ..."."""


@dataclass(frozen=True, slots=True)
class PositionReport:
    """Everything that `suggest-dropout` says without data."""

    version: str
    target: str
    profile: Profile
    positions: tuple[Position, ...] = ()
    """In order of execution, accepted and refused."""
    existing: tuple[ExistingDropout, ...] = ()
    advice: tuple[str, ...] = ()
    """About the network as a whole: what recurrent dropout is and is not, depthwise nets, one pass over the data."""
    notes: tuple[str, ...] = ()
    """Rules that could not be evaluated, with the reason."""
    context: Mapping[str, object] = field(default_factory=dict)
    """What the user declared."""

    @property
    def accepted(self) -> tuple[Position, ...]:
        return tuple(position for position in self.positions if position.accepted)

    @property
    def refused(self) -> tuple[Position, ...]:
        return tuple(position for position in self.positions if not position.accepted)
