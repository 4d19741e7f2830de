"""What became of each finding: it is new, was fixed, moved with a renamed layer, or counts differently.

Findings are told apart by their rule and their layer; a layer of OLD goes by the name that NEW has for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from netadvise.compare.renames import beginnings, translated
from netadvise.comparison import FindingChange, FindingPlace, FindingsDiff, FindingStatus, LayerChange
from netadvise.finding import Finding, Hit, ModelReport
from netadvise.rule import SEVERITIES, Rule, Severity

_Key = tuple[str, str]
_ORDER: tuple[FindingStatus, ...] = ("new", "regraded", "moved", "fixed")


@dataclass(frozen=True, slots=True)
class _Fate:
    """One hit, or the same one in both networks."""

    status: FindingStatus | None
    """None: as it was."""
    finding: Finding
    severity: Severity
    was: Severity | None
    place: FindingPlace


def findings_diff(
    old: ModelReport, new: ModelReport, layers: Sequence[LayerChange], rules: Mapping[str, Rule], applied: int
) -> FindingsDiff:
    """The difference of two reports that the same rules made; `rules` by id, `applied` is how many there were."""
    names = {item.old.name: item.new.name for item in layers if item.old is not None and item.new is not None}
    moved = beginnings(layers)
    before = _by_place(old.findings, lambda name: translated(name, names, moved))
    after = _by_place(new.findings, lambda name: name)
    fates = [fate for key in {**after, **before} for fate in _fates(before.get(key, []), after.get(key, []))]
    could = {entry.rule for entry in old.not_evaluated}
    hidden = dict.fromkeys(entry.rule for entry in new.not_evaluated if entry.rule not in could)
    return FindingsDiff(
        changes=tuple(sorted(_changes(fates), key=_rank)),
        kept=sum(fate.status is None for fate in fates),
        rules=applied,
        untold=tuple((rule, rules[rule].severity) for rule in hidden if rule in rules),
    )


def _by_place(findings: Iterable[Finding], name: Callable[[str], str]) -> dict[_Key, list[tuple[Finding, Hit]]]:
    found: dict[_Key, list[tuple[Finding, Hit]]] = defaultdict(list)
    for finding in findings:
        for hit in finding.hits:
            found[finding.rule, name(hit.layer)].append((finding, hit))
    return found


def _fates(before: Sequence[tuple[Finding, Hit]], after: Sequence[tuple[Finding, Hit]]) -> Iterator[_Fate]:
    """The hits of one rule at one layer, one by one; what one side has more of is new, or fixed."""
    both = min(len(before), len(after))
    for (_, was), (finding, hit) in zip(before, after, strict=False):
        status: FindingStatus | None = "moved" if was.layer != hit.layer else None
        status = "regraded" if was.severity != hit.severity else status
        place = FindingPlace(was.layer, hit.layer, hit.location, hit.message)
        yield _Fate(status, finding, hit.severity, was.severity, place)
    for finding, hit in after[both:]:
        yield _Fate("new", finding, hit.severity, None, FindingPlace("", hit.layer, hit.location, hit.message))
    for finding, hit in before[both:]:
        place = FindingPlace(hit.layer, "", hit.location, hit.message)
        yield _Fate("fixed", finding, hit.severity, hit.severity, place)


def _changes(fates: Iterable[_Fate]) -> Iterator[FindingChange]:
    """One for all places of a rule that share a fate."""
    groups: dict[tuple[FindingStatus, str, Severity, Severity | None], list[_Fate]] = {}
    for fate in fates:
        if fate.status is not None:
            groups.setdefault((fate.status, fate.finding.rule, fate.severity, fate.was), []).append(fate)
    for (status, rule, severity, was), group in groups.items():
        finding = group[0].finding
        places = tuple(fate.place for fate in group)
        grade = finding.confidence
        yield FindingChange(status, rule, finding.name, severity, was, grade, places, finding.why, finding.refs)


def _rank(change: FindingChange) -> tuple[int, int, str]:
    return _ORDER.index(change.status), SEVERITIES.index(change.severity), change.rule
