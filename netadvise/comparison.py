"""What two measured networks have in common and where they differ. Every difference is NEW minus OLD.

A layer of OLD and one of NEW are *matched* when they are the same layer, under whatever name. A matched layer is

    edited    its own arguments changed, or its numbers did although what it reads did not
    follows   it was left alone: what stands before it changed what it reads, sees or costs
    same      nothing about it changed

and what has no partner was `removed` from OLD or `added` in NEW.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from netadvise.graph import Attr, Location
from netadvise.profiles import Layer, Profile, Sizes
from netadvise.quantity import Quantity, Unknown
from netadvise.rule import Confidence, Severity

Status = Literal["edited", "added", "removed", "follows", "same"]
FindingStatus = Literal["new", "fixed", "moved", "regraded"]
Operator = Literal[">", ">=", "<", "<="]


@dataclass(frozen=True, slots=True)
class AttributeChange:
    """One argument of a layer; `forced` when what the layer reads leaves it no choice (`in_channels`)."""

    name: str
    """torch's own name; "kind" for the class or function itself, "computes" for the functions that it calls."""
    old: Attr
    new: Attr
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Deltas:
    """NEW minus OLD of one layer; what is missing on one side counts as nothing."""

    params: int = 0
    macs: Quantity = 0
    activation_bytes: Quantity = 0
    receptive_field: Sizes = ()
    """Per axis; `()` where no image reaches the layer on either side, or the layer has no partner."""


@dataclass(frozen=True, slots=True)
class LayerChange:
    """One layer of either network, or two that are the same one."""

    status: Status
    old: Layer | None
    new: Layer | None
    deltas: Deltas
    attributes: tuple[AttributeChange, ...] = ()
    reread: bool = False
    """Whether the shapes that it reads changed."""
    reshaped: bool = False
    """Whether the shapes that it returns changed."""

    @property
    def layer(self) -> Layer:
        """As it is in NEW; as it was, where it was removed."""
        found = self.new or self.old
        assert found is not None
        return found

    @property
    def renamed(self) -> bool:
        """Whether it is matched under another name."""
        return self.old is not None and self.new is not None and self.old.name != self.new.name

    @property
    def own(self) -> tuple[AttributeChange, ...]:
        """The changed arguments that somebody chose."""
        return tuple(change for change in self.attributes if not change.forced)


@dataclass(frozen=True, slots=True)
class Rename:
    """Layers that have the same names behind another beginning: `layer1.*` is now `stage1.*`."""

    old: str
    new: str
    layers: int


@dataclass(frozen=True, slots=True)
class TotalChange:
    """One sum over the network. An incomplete sum is Unknown; `known` has what it adds up to so far, OLD and NEW."""

    key: str
    """As in the totals of the profile document: "params", "macs", "peak_activation_bytes", ..."""
    old: Quantity
    new: Quantity
    delta: Quantity
    """Known also where both sums lack the same unchanged layers."""
    known: tuple[int, int] = (0, 0)

    @property
    def share(self) -> Fraction | float | Unknown:
        """The difference as a part of OLD, 1 for all of it; infinite where OLD had none."""
        if isinstance(self.delta, Unknown):
            return self.delta
        if isinstance(self.old, Unknown):
            return self.old
        if not self.old:
            return float("inf") * self.delta if self.delta else Fraction(0)
        return Fraction(self.delta, self.old)


@dataclass(frozen=True, slots=True)
class FindingPlace:
    """One layer that a finding is about, as OLD and NEW call it; empty where the finding is not there."""

    old: str
    new: str
    location: Location | None
    message: str


@dataclass(frozen=True, slots=True)
class FindingChange:
    """What became of a rule's finding at some layers.

    `moved`: it is still there, and the layer has another name. `regraded`: still there, with another severity.
    """

    status: FindingStatus
    rule: str
    name: str
    severity: Severity
    """In NEW; that of OLD where it was fixed."""
    was: Severity | None
    """In OLD; None where it was not found."""
    confidence: Confidence
    places: tuple[FindingPlace, ...]
    """At least one."""
    why: str = ""
    refs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FindingsDiff:
    """The findings of both networks under the same rules, suppressed ones left out."""

    changes: tuple[FindingChange, ...] = ()
    """New ones first, the worst first."""
    kept: int = 0
    """Places at which a finding is as it was."""
    rules: int = 0
    """How many rules were applied to both."""
    untold: tuple[tuple[str, Severity], ...] = ()
    """Rules that could be evaluated on OLD and cannot be on NEW, with their severities: they may hide new findings."""

    def places(self, status: FindingStatus) -> int:
        """At how many places findings have this status."""
        return sum(len(change.places) for change in self.changes if change.status == status)


@dataclass(frozen=True, slots=True)
class Condition:
    """A `--fail-if`: "params > +5%"."""

    text: str
    quantity: str
    operator: Operator
    amount: Fraction
    """A part of OLD where `relative`: 1/20."""
    relative: bool = False
    difference: bool = False
    """Whether the amount is compared with NEW minus OLD, not with NEW."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A condition and whether it holds; Unknown where that cannot be told."""

    condition: Condition
    holds: bool | Unknown
    found: str
    """What was compared, in words: "+7.2 % (25.6 M -> 27.4 M)"."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two networks."""

    label: str
    """How it was named: a target, a saved profile, a target with its revision."""
    profile: Profile


@dataclass(frozen=True, slots=True)
class Comparison:
    """OLD and NEW, matched layer by layer."""

    version: str
    old: Side
    new: Side
    totals: tuple[TotalChange, ...]
    receptive_field: tuple[Sizes, Sizes, Sizes]
    """Of the last feature map, per axis: OLD, NEW, NEW minus OLD."""
    layers: tuple[LayerChange, ...]
    """In the order of NEW; what was removed stands where it was."""
    renames: tuple[Rename, ...] = ()
    findings: FindingsDiff | Unknown = field(default_factory=FindingsDiff)
    notes: tuple[str, ...] = ()
    """What stands in the way of comparing: other inputs, other modes."""
    conditions: tuple[Judged, ...] = ()

    def of(self, *statuses: Status) -> tuple[LayerChange, ...]:
        """The layers of these statuses."""
        return tuple(change for change in self.layers if change.status in statuses)

    def total(self, key: str) -> TotalChange:
        """The sum of that key; raises `KeyError` when there is none."""
        for change in self.totals:
            if change.key == key:
                return change
        raise KeyError(key)

    @property
    def identical(self) -> bool:
        """Whether every layer and every sum is as it was; names and findings aside."""
        still = all(change.delta == 0 for change in self.totals if not isinstance(change.delta, Unknown))
        return still and all(change.status == "same" for change in self.layers)

    def renamed(self) -> Iterator[LayerChange]:
        """The layers that are matched under another name."""
        return (change for change in self.layers if change.renamed)
