"""Places in SARIF: files below the top of the repository, regions in characters, layers as logical locations."""

from __future__ import annotations

from pathlib import PurePath
from urllib.parse import quote

from netadvise.finding import Hit, Related
from netadvise.graph import Location
from netadvise.render.findings.spans import Span, span
from netadvise.render.findings.view import LintView, source_file
from netadvise.render.text import plain

ROOT = "%SRCROOT%"


def message(text: str) -> dict[str, object]:
    """A message of one line in which no name makes a link: SARIF takes `[text](target)` for one."""
    return {"text": plain(text).replace("](", "] (")}


def artifact(file: str, view: LintView) -> dict[str, object]:
    """A file: relative to the repository's top, or absolute where it stands outside."""
    path = view.path(file)
    if PurePath(path).is_absolute():
        return {"uri": f"file://{quote(plain(path))}"}
    return {"uri": quote(plain(path)), "uriBaseId": ROOT}


def region(found: Span) -> dict[str, object]:
    """The stretch of source; SARIF's end column stands behind the last character, as ours does."""
    where: dict[str, object] = {"startLine": found.line}
    if found.column is not None:
        where["startColumn"] = found.column
    if found.end_column is not None:
        where |= {"endLine": found.end_line, "endColumn": found.end_column}
    return where


def physical(location: Location, view: LintView) -> dict[str, object]:
    """The call at a location."""
    return {"artifactLocation": artifact(location.file, view), "region": region(span(location, view))}


def location_of(hit: Hit, model: str, target: str, view: LintView) -> dict[str, object]:
    """Where a hit stands: its call, or the model's file where no line is known, and its layer."""
    file = source_file(target)
    place: dict[str, object] = {"logicalLocations": [_layer(hit.layer, model)]}
    if hit.location is not None:
        place["physicalLocation"] = physical(hit.location, view)
    elif file is not None:
        place["physicalLocation"] = {"artifactLocation": artifact(file, view)}
    return place


def related_location(item: Related, model: str, view: LintView) -> dict[str, object]:
    """Another place that the message speaks of."""
    place: dict[str, object] = {
        "message": message(item.layer),
        "logicalLocations": [_layer(item.layer, model)],
    }
    if item.location is not None:
        place["physicalLocation"] = physical(item.location, view)
    return place


def _layer(layer: str, model: str) -> dict[str, object]:
    full = ".".join(part for part in (plain(model), plain(layer)) if part) or "netadvise"
    return {"name": plain(layer) or full, "fullyQualifiedName": full, "kind": "member" if layer else "module"}
