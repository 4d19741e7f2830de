"""What became of the findings, as a page shows it: each with its reason, its sources, and every place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from netadvise.comparison import FindingChange, FindingPlace, FindingsDiff
from netadvise.quantity import Unknown
from netadvise.render.diffs import wording
from netadvise.render.findings.wording import place
from netadvise.render.html.links import Link, linked, sources
from netadvise.render.rule_words import GRADES
from netadvise.render.text import counted

_PLACES = 200
"""Places of one finding that are listed."""
_PRESSING = ("new", "regraded")


@dataclass(frozen=True, slots=True)
class Place:
    """One layer that a finding is about."""

    layer: Link
    where: str
    message: str


@dataclass(frozen=True, slots=True)
class Item:
    """One finding; `color` is its severity, or empty where it presses nobody."""

    badge: str
    color: str
    rule: str
    name: str
    said: str
    grade: str
    why: str
    places: tuple[Place, ...]
    more: int
    refs: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """All of them: those to act on, and those that are fixed or went with a renamed layer."""

    verdict: str
    pressing: tuple[Item, ...] = ()
    rest: tuple[Item, ...] = ()
    untold: str = ""


def findings(found: FindingsDiff | Unknown, anchors: Mapping[str, int]) -> Findings:
    """The findings; `anchors` says where the tables have a layer."""
    if isinstance(found, Unknown):
        return Findings(f"not compared: {found.reason}")
    return Findings(
        f"{wording.tally(found)} ({counted(found.rules, 'rule')})",
        tuple(_item(change, anchors) for change in found.changes if change.status in _PRESSING),
        tuple(_item(change, anchors) for change in found.changes if change.status not in _PRESSING),
        ", ".join(rule for rule, _ in found.untold),
    )


def _item(change: FindingChange, anchors: Mapping[str, int]) -> Item:
    graded = f"{change.was} -> {change.severity}" if change.status == "regraded" else change.severity
    return Item(
        f"{change.status} {graded}",
        change.severity if change.status in _PRESSING else "",
        change.rule,
        change.name,
        f"{wording.at(change)}: {change.places[0].message}",
        f"{change.confidence}: {GRADES[change.confidence]}",
        change.why,
        tuple(_place(each, anchors) for each in change.places[:_PLACES]),
        max(0, len(change.places) - _PLACES),
        sources(change.refs),
    )


def _place(found: FindingPlace, anchors: Mapping[str, int]) -> Place:
    named = found.new or found.old
    both = f"{found.old} -> {found.new}" if found.old and found.new and found.old != found.new else named
    return Place(linked(both or "the model", anchors.get(named)), place(found.location, ""), found.message)
