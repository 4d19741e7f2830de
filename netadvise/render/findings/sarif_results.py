"""A finding as SARIF's result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from netadvise.finding import Finding, Hit, ModelReport, Suppression
from netadvise.render.findings import wording
from netadvise.render.findings.sarif_places import artifact, location_of, message, physical, region, related_location
from netadvise.render.findings.sarif_rules import LEVELS
from netadvise.render.findings.spans import Span
from netadvise.render.findings.view import LintView, Replacement
from netadvise.render.rule_words import arguments
from netadvise.render.text import plain

_MOST_LOCATIONS = 100
_FINGERPRINT = "netadvise/v1"


def result(finding: Finding, model: ModelReport | None, index: Mapping[str, int], view: LintView) -> dict[str, object]:
    """One result. Its layers are related locations: one alert for each finding, as in every other format."""
    name, target = ("", "") if model is None else (model.model, model.target)
    found: dict[str, object] = {
        "ruleId": plain(finding.rule),
        "ruleIndex": index[finding.rule],
        "level": LEVELS[finding.severity],
        "message": message(wording.said(finding)),
        "locations": [location_of(finding.hits[0], name, target, view)],
    }
    if others := _numbered(_others(finding, name, target, view)):
        found["relatedLocations"] = others
    if finding.fingerprint:
        # GitHub tells alerts apart by this key alone; left out, it would take a hash of the line's text
        found["partialFingerprints"] = {
            _FINGERPRINT: finding.fingerprint,
            "primaryLocationLineHash": finding.fingerprint,
        }
    suppression = finding.hits[0].suppression
    if suppression is not None:
        found["suppressions"] = [_suppression(suppression, view)]
    if finding.fix is not None and (changes := view.fixes.get((name, finding.rule))):
        found["fixes"] = [_fix(arguments(finding.fix), changes, view)]
    found["properties"] = {"model": plain(name), "layers": [plain(layer) for layer in finding.layers[:_MOST_LOCATIONS]]}
    return found


def _others(finding: Finding, model: str, target: str, view: LintView) -> Iterator[dict[str, object]]:
    first, *more = finding.hits
    for item in first.related:
        yield related_location(item, model, view)
    for hit in more:
        yield {**location_of(hit, model, target, view), "message": message(_said(hit))}


def _said(hit: Hit) -> str:
    return f"{plain(hit.layer)}: {plain(hit.message)}" if hit.layer else plain(hit.message)


def _numbered(places: Iterator[dict[str, object]]) -> list[dict[str, object]]:
    return [{"id": number, **place} for number, place in zip(range(1, _MOST_LOCATIONS + 1), places, strict=False)]


def _suppression(suppression: Suppression, view: LintView) -> dict[str, object]:
    found: dict[str, object] = {
        "kind": "inSource" if suppression.kind == "inline" else "external",
        "status": "accepted",
        "justification": plain(suppression.reason) or plain(suppression.kind),
    }
    if suppression.location is not None:
        found["location"] = {"physicalLocation": physical(suppression.location, view)}
    return found


def _fix(said: str, changes: Sequence[Replacement], view: LintView) -> dict[str, object]:
    """One fix; a stretch without length is a place to insert at."""
    changed: dict[str, list[dict[str, object]]] = {}
    for item in changes:
        stretch = region(Span(item.start[0], item.start[1], item.end[0], item.end[1]))
        changed.setdefault(item.file, []).append({"deletedRegion": stretch, "insertedContent": {"text": item.text}})
    files = [{"artifactLocation": artifact(file, view), "replacements": texts} for file, texts in changed.items()]
    return {"description": message(said), "artifactChanges": files}
