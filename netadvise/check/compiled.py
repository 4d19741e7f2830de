"""A rule ready to be evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from netadvise.check.effect import Effect
from netadvise.check.message import Message
from netadvise.check.pattern import Pattern
from netadvise.check.remedy import Remedy
from netadvise.check.types import Run
from netadvise.rule import Rule, Severity


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """A rule with its compiled conditions."""

    rule: Rule
    match: Pattern
    message: Message
    counts: Mapping[str, Pattern] = field(default_factory=dict)
    at: str = ""
    """The count at whose layers the findings are placed."""
    lets: Mapping[str, Run] = field(default_factory=dict)
    where: tuple[Run, ...] = ()
    unless: tuple[Run, ...] = ()
    escalate: tuple[tuple[Severity, Run], ...] = ()
    """Worst first."""
    once: bool = False
    effect: Effect = field(default_factory=Effect)
    remedy: Remedy = field(default_factory=Remedy)
