"""What checking a network against rules comes to: findings, what could not be evaluated, and what was suppressed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from netadvise.edit import Edit
from netadvise.graph import Location
from netadvise.profiles import Profile
from netadvise.rule import SEVERITIES, Confidence, Fix, Rule, Severity

FailOn = Literal["error", "warning", "advice", "never"]


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that a finding speaks of: `bn` in "cancelled by {bn.name}"."""

    label: str
    layer: str
    location: Location | None


@dataclass(frozen=True, slots=True)
class Suppression:
    """Why a hit does not count: a comment on its line, an entry of the configuration, or the baseline."""

    kind: Literal["inline", "config", "baseline"]
    reason: str
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One rule that fired at one place."""

    rule: str
    layer: str
    """Name of the layer, block or module; "" for the model."""
    location: Location | None
    severity: Severity
    message: str
    """Without the layer's name in front."""
    call: int = 0
    """Which call of the module."""
    effect: Mapping[str, int | float | str] = field(default_factory=dict)
    """Differences the fix would make, after minus before: "params", "macs"; "text" for the rest."""
    related: tuple[Related, ...] = ()
    suppression: Suppression | None = None
    edits: tuple[Edit, ...] = ()
    """The rule's remedy, to be tried or written."""
    subject: int = field(default=-1, compare=False)
    """The id of the layer, block or module in its sheet."""


@dataclass(frozen=True, slots=True)
class Finding:
    """All hits of one rule on one model that count alike: what the user sees as one thing."""

    rule: str
    name: str
    severity: Severity
    confidence: Confidence
    hits: tuple[Hit, ...]
    """At least one; in execution order, the worst first. Either none of them is suppressed, or all are."""
    why: str
    refs: tuple[str, ...]
    fix: Fix | None = None
    fingerprint: str = ""
    """Made of rule, model and layer: stays when lines move."""

    @property
    def layer(self) -> str:
        return self.hits[0].layer

    @property
    def location(self) -> Location | None:
        return self.hits[0].location

    @property
    def message(self) -> str:
        return self.hits[0].message

    @property
    def layers(self) -> tuple[str, ...]:
        """Every layer it was found at, each once."""
        return tuple(dict.fromkeys(hit.layer for hit in self.hits))

    def reaches(self, limit: FailOn) -> bool:
        """Whether it fails a run with `--fail-on limit`; grade C never does."""
        if limit == "never" or self.confidence == "C":
            return False
        return SEVERITIES.index(self.severity) <= SEVERITIES.index(limit)


@dataclass(frozen=True, slots=True)
class NotEvaluated:
    """A rule that could not tell, at how many places, and why."""

    rule: str
    name: str
    reason: str
    layers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelReport:
    """One model, checked."""

    model: str
    """Its name in the configuration, or its target."""
    target: str
    profile: Profile
    findings: tuple[Finding, ...] = ()
    """Worst first; within one severity in order of rule id."""
    suppressed: tuple[Finding, ...] = ()
    not_evaluated: tuple[NotEvaluated, ...] = ()
    cached: bool = False


@dataclass(frozen=True, slots=True)
class LintReport:
    """Every model of one run, and the rules that were applied."""

    version: str
    models: tuple[ModelReport, ...]
    rules: tuple[Rule, ...]
    """Every selected rule, in order of id."""
    fail_on: FailOn
    failing: int = 0
    """How many findings reach `fail_on`; grade C never does."""
    problems: tuple[Finding, ...] = ()
    """Of the tool itself: unused suppressions (NA001), suppressions without an id (NA002), stale baseline entries."""
    timings: Mapping[str, float] = field(default_factory=dict)
    """Seconds per rule, when they were asked for."""
    failed: Mapping[str, str] = field(default_factory=dict)
    """Models that could not be loaded or recorded: model -> message."""
