"""The call that constructed a module, found again in the source and checked against what was recorded."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import PurePath

from netadvise.edit import Value
from netadvise.graph import Location
from netadvise.rewrite.arguments import Constructor
from netadvise.rewrite.names import Names
from netadvise.rewrite.nouns import RefusedError, Site
from netadvise.rewrite.signatures import SIGNATURES
from netadvise.rewrite.values import literal, same, value_of
from netadvise.source import Source

_LIBRARIES = frozenset(("site-packages", "dist-packages"))
_AS_RECORDED = ("in_channels", "out_channels", "kernel_size", "groups", "in_features", "out_features", "num_features")
"""Arguments that a module keeps as they were given: where the source says otherwise, it has changed."""


def in_library(file: str) -> bool:
    """Whether a file belongs to an installed package."""
    return bool(_LIBRARIES & set(PurePath(file).parts))


def own_location(site: Site) -> Location:
    """Where a site's call stands, in a file of the project; raises `RefusedError` for what a library builds."""
    location = site.location
    if location is None:
        raise RefusedError("it is not known where it was built")
    if in_library(location.file):
        led = "" if site.led_by is None else "; the call of the project that leads there is the one to change"
        raise RefusedError(f"it is built by a library, at {location}{led}", site.led_by or location)
    return location


def constructor(source: Source, names: Names, site: Site) -> Constructor:
    """The call that built a site's module; raises `RefusedError` where it is not, or not certainly, that call."""
    location = own_location(site)
    calls = source.calls_at(location)
    if not calls:
        raise RefusedError(
            "no call begins at this place: it is built by what stands there, or the file has changed since", location
        )
    layers = [names.layer(call) for call in calls]
    chosen = layers.index(site.type) if site.type in layers else 0
    made = Constructor(source, calls[chosen], layers[chosen])
    _builds(made, site, location)
    _unchanged(made, site.known, location)
    return made


def _builds(made: Constructor, site: Site, location: Location) -> None:
    """Refuse calls that construct something else: `map(nn.Linear, sizes)`, `partial(nn.Linear, 3)()`."""
    if made.layer == site.type or not site.type:
        return
    callee = " ".join(made.source.said(made.call.func).split())
    if made.layer or (site.type in SIGNATURES and not _dotted(made.call.func)):
        raise RefusedError(f"it is built by {callee}(...), which is not the constructor of {site.type}", location)


def _dotted(callee: ast.expr) -> bool:
    """Whether a callee is a plain or dotted name, and so may be another name of the class."""
    while isinstance(callee, ast.Attribute):
        callee = callee.value
    return isinstance(callee, ast.Name)


def _unchanged(made: Constructor, recorded: Mapping[str, Value], location: Location) -> None:
    """Refuse where the source says other values than were recorded."""
    for name in _AS_RECORDED:
        given = _literal_of(made, name)
        if name in recorded and given is not None and not same(name, value_of(given), recorded[name]):
            said = f"the source says {name}={made.source.said(given)}, but {recorded[name]} was recorded"
            raise RefusedError(f"{said}: the file has changed since", location)


def _literal_of(made: Constructor, name: str) -> ast.expr | None:
    try:
        given = made.given(name)
    except RefusedError:
        return None
    return given if given is not None and literal(given) else None
