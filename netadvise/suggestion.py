"""What `suggest-kernels` says of a network: the role of each convolution, alternatives that were tried, and budgets.

    report     ::= role* suggestion* rejected* combined plan? thumb study?
    suggestion ::= one alternative, tried at one layer, or at every layer of a line of source that is built alike

Effects are after minus before, of the whole network. Accuracy is nowhere in here but in a study, which takes data to
train on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from netadvise.edit import Dropped, Edit, Tried
from netadvise.evidence import Study
from netadvise.graph import Location
from netadvise.profiles import Profile
from netadvise.rule import Confidence, Safety, Severity

Role = Literal[
    "mixes_channels",
    "sees_neighbours",
    "widens",
    "narrows",
    "downsamples",
    "upsamples",
    "stem",
    "head",
    "bottleneck_reduce",
    "bottleneck_spatial",
    "bottleneck_expand",
    "inverted_expand",
    "inverted_depthwise",
    "inverted_project",
    "fusion_branch",
    "depthwise",
    "shortcut_projection",
    "gate",
]
"""What a convolution is there for; one layer has several."""

Thumb = Literal["follows", "departs", ""]
"""Whether a layer follows "widen with larger kernels, narrow with 1x1"; empty where that says nothing about it."""

BudgetKey = Literal["params", "macs"]


@dataclass(frozen=True, slots=True)
class LayerRole:
    """One convolution: its form, and what it is there for."""

    layer: str
    kind: str
    """Class or function: Conv2d."""
    location: Location | None
    in_channels: int
    out_channels: int
    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    groups: int
    roles: tuple[Role, ...]
    thumb: Thumb = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """Convolutions that change the width, by kernel."""

    pointwise: tuple[str, ...] = ()
    """Layers that do it with a 1x1."""
    spatial: tuple[str, ...] = ()
    """Layers that do it with a larger kernel."""

    @property
    def count(self) -> int:
        return len(self.pointwise) + len(self.spatial)


@dataclass(frozen=True, slots=True)
class RuleOfThumb:
    """ "Widen with larger kernels, narrow with 1x1", judged on the dense convolutions behind the stem."""

    widening: Tally
    """At stride 1."""
    widening_strided: Tally
    """Together with a stride above 1."""
    narrowing: Tally


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One alternative: what to change, why, and what it comes to."""

    layer: str
    """The first of `layers`."""
    layers: tuple[str, ...]
    """Every layer at which the edits were made: those of repeated blocks built by one line are one suggestion."""
    roles: tuple[Role, ...]
    location: Location | None
    rule: str
    name: str
    title: str
    confidence: Confidence
    severity: Severity
    message: str
    """What the rule says of the first layer."""
    why: str
    refs: tuple[str, ...]
    text: str
    """The change in the rule's words."""
    change: str
    """The change at the first layer in short: "Conv2d 3x3 64 -> 96 + ReLU + Conv2d 3x3 96 -> 96"."""
    edits: tuple[Edit, ...]
    """At all of `layers`."""
    tried: Tried
    safety: Safety
    best: bool = False
    """Whether it is the first choice for its layers."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """An alternative that could not be applied, or that broke the forward pass."""

    layer: str
    layers: tuple[str, ...]
    location: Location | None
    rule: str
    name: str
    change: str
    edits: tuple[Edit, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Excluded:
    """A suggestion that was left out of a set, and why."""

    layer: str
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Combined:
    """Suggestions of grade A and B that go together, tried in one go."""

    chosen: tuple[Suggestion, ...]
    tried: Tried | Dropped
    excluded: tuple[Excluded, ...] = ()


@dataclass(frozen=True, slots=True)
class Limit:
    """One part of `--budget`: the most that a quantity may come to."""

    key: BudgetKey
    text: str
    """As it was asked for: "macs=-30%"."""
    most: int


@dataclass(frozen=True, slots=True)
class BudgetPlan:
    """A set of suggestions chosen to meet a budget with the least receptive field lost."""

    limits: tuple[Limit, ...]
    met: bool
    """Whether the measured network is within every limit."""
    chosen: tuple[Suggestion, ...]
    tried: Tried | Dropped | None
    """All of `chosen` together; None when nothing is chosen."""
    exact: bool
    """Whether every set was weighed; else the best of those that were."""
    with_grade_c: bool = False
    """Whether grade C had to be drawn on."""
    reached: tuple[tuple[BudgetKey, int], ...] = ()
    """What each limited quantity comes to."""


@dataclass(frozen=True, slots=True)
class SuggestionReport:
    """Everything that `suggest-kernels` found out about one network."""

    version: str
    target: str
    profile: Profile
    roles: tuple[LayerRole, ...]
    thumb: RuleOfThumb
    suggestions: tuple[Suggestion, ...] = ()
    """Ranked: the first choice of each layer, the other alternatives of that layer behind it."""
    hidden: tuple[Suggestion, ...] = ()
    """Tried, but of grade C, or without a gain: shown with `--all`."""
    rejected: tuple[Rejected, ...] = ()
    combined: Combined | None = None
    """None where there are none of grade A or B, or the run was stopped."""
    plan: BudgetPlan | None = None
    untried: int = 0
    """Alternatives of grade C that were left alone: `--all` and `--budget` try them."""
    suppressed: int = 0
    """Alternatives that a comment or the configuration silences."""
    incomplete: str = ""
    """Why not everything was tried: "stopped after 3 of 12 alternatives"."""
    interrupted: bool = False
    """Whether the user did."""
    notes: tuple[str, ...] = field(default=())
    """Rules that could not be evaluated, with the reason."""
    study: Study | None = None
    """What training the first choices against the network as it is found, where there were data."""
    untrained: str = ""
    """Why there is no study although there were data."""
