"""Patterns of rules, compiled: which subjects fit, and how they stand to others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from netadvise.check.fieldtests import FieldTest
from netadvise.check.types import Run

RelationKind = Literal["next", "prev", "below", "above", "inside"]
RELATIONS: tuple[RelationKind, ...] = ("next", "prev", "below", "above", "inside")


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """What a subject must be: all tests, all relations, one of each group of alternatives, none of `excluded`."""

    tests: tuple[FieldTest, ...] = ()
    relations: tuple[Relation, ...] = ()
    alternatives: tuple[tuple[Pattern, ...], ...] = ()
    excluded: tuple[Pattern, ...] = ()
    """Each entry of `not` as a pattern of its own: none of them may fit."""
    where: Run | None = None
    label: str = ""
    """The name of the subject, for messages and conditions."""
    ops: frozenset[str] | None = None
    """The values of `op` that can fit; None: any."""
    types: frozenset[str] | None = None
    """The same for `type`."""


@dataclass(frozen=True, slots=True, eq=False)
class Relation:
    """Some subject that stands in this relation fits a pattern."""

    kind: RelationKind
    pattern: Pattern
    only: bool = False
    through: frozenset[str] = frozenset()
    until: Pattern | None = None
    optional: bool = False
    """It holds in any case; its layer is named where there is one."""
    negated: bool = False
    """It stands inside `not`: finding nothing is the answer wanted, so what hides things makes it unknown."""
