"""An arm at one of its rates on its way through a study, and what rules say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from netadvise.evidence import Gate, Stage, Verdict
from netadvise.facts import Fact
from netadvise.probe.estimates import Look
from netadvise.study import Arm, Dose


class Judgement(Protocol):
    """What rules say of some facts."""

    @property
    def verdict(self) -> Verdict: ...
    @property
    def reason(self) -> str: ...
    @property
    def rule(self) -> str: ...
    @property
    def gates(self) -> tuple[Gate, ...]: ...


@dataclass(slots=True)
class Candidate:
    """An arm at one of its rates, and how far it has come."""

    arm: Arm
    dose: Dose
    stage: Stage = "screen"
    seeds: list[int] = field(default_factory=list)
    look: Look = field(default_factory=lambda: Look("screen"))
    facts: Mapping[str, Fact] = field(default_factory=dict)
    judgement: Judgement | None = None
    dropped: str = ""
    """Why it got no more seeds in screening, if it did not."""
    cut_short: bool = False
    """Whether time ran out in the middle of a look: no verdict but that more is needed."""

    @property
    def name(self) -> str:
        """Place and rate."""
        return self.arm.place if self.dose.rate is None else f"{self.arm.place} {self.dose.rate:g}"

    @property
    def promise(self) -> float:
        """What its effect is at least, with 80 % confidence: a large effect that is hardly known comes behind."""
        low = self.facts.get("low_80")
        return low if isinstance(low, int | float) else float("-inf")
