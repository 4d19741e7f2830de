"""Edits into the user's files: planned from a recorded network, written whole, checked, and taken back if need be."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from netadvise.api.exchange import exchanged
from netadvise.api.forwards import Forward, Forwards
from netadvise.edit import Edit, Value
from netadvise.errors import NetadviseError
from netadvise.facts import NetworkFacts
from netadvise.graph import Attr, Location
from netadvise.profiles import Profile
from netadvise.rewrite import Change, Plan, Site, Source, in_library, plan

Network = tuple[str, Profile, NetworkFacts]
"""A name, empty where there is only one, and what was found out."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """Files that were written; what was checked afterwards is as promised."""

    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """Every file is as it was, and why."""

    reason: str


def planned(
    groups: Sequence[Sequence[Edit]], profile: Profile, facts: NetworkFacts, *, since_ns: int | None = None
) -> Plan:
    """What writing these groups of edits comes to; nothing is written yet.

    With `since_ns`, the time at which the network was recorded, files that changed later are refused.
    """
    return plan_of(groups, [("", profile, facts)], since_ns)


def plan_of(groups: Sequence[Sequence[Edit]], networks: Sequence[Network], since_ns: int | None) -> Plan:
    """As `planned`, for edits of several networks whose modules go by `named(network, path)`."""
    folders = _own_folders([profile.target for _, profile, _ in networks])
    return plan(groups, sites(networks), lambda file: _read(file, since_ns, folders))


def sites(networks: Sequence[Network]) -> dict[str, Site]:
    """Where every module of some networks was built, by path; of several networks by `named(network, path)`."""
    built: defaultdict[Location | None, set[str]] = defaultdict(set)
    for name, _, facts in networks:
        for module in facts.modules:
            built[module.location].add(named(name, module.name))
    found: dict[str, Site] = {}
    forwards = Forwards.of([(named(name, ""), facts) for name, _, facts in networks])
    for (name, profile, facts), forward in zip(networks, forwards.networks, strict=True):
        own = _called(_sites(name, profile, facts), forwards, forward)
        found |= {path: replace(site, built=frozenset(built[site.location])) for path, site in own.items()}
    return found


def named(network: str, path: str) -> str:
    """What a module is called among those of several networks."""
    return f"{network}: {path}" if network else path


def _sites(network: str, profile: Profile, facts: NetworkFacts) -> dict[str, Site]:
    known: dict[str, Mapping[str, Value]] = {}
    for layer in profile.layers:
        known.setdefault(layer.name, _constructor_arguments(layer.attrs))
    places = {module.name: module.location for module in facts.modules}
    return {
        path: Site(
            module=path,
            location=module.location,
            type=str(module.get("type") or ""),
            known=known.get(module.name, {}),
            led_by=_led_by(module.name, places),
        )
        for module in facts.modules
        for path in (named(network, module.name),)
    }


def _called(built: Mapping[str, Site], forwards: Forwards, forward: Forward) -> dict[str, Site]:
    """The sites with what the forwards say of them."""
    found: dict[str, Site] = {}
    for path, site in built.items():
        own = path.removeprefix(forward.prefix)
        place = forward.called_at.get(own)
        found[path] = replace(
            site,
            weights=forward.modules[own].get("params") != 0,
            called_at=place,
            called=forwards.called(place),
            within=forward.within(own),
            calls=forwards.calls(forward, own),
            twins=forward.twins.get(own, ()),
        )
    return found


def _read(file: str, since_ns: int | None, folders: Sequence[Path]) -> Source:
    """The source of a file; raises `ValueError`, with the reason, where it cannot or should not be edited."""
    path = Path(os.path.abspath(file))
    if not any(path.is_relative_to(folder) for folder in folders):
        raise ValueError(f"{file} lies outside the project: it is left alone")
    try:
        content, changed_ns = path.read_bytes(), path.stat().st_mtime_ns
    except OSError as error:
        raise ValueError(f"{file} cannot be read: {error.strerror}") from None
    if since_ns is not None and changed_ns > since_ns:
        raise ValueError(f"{file} has changed since the model was recorded: run the command again")
    return Source.of(file, content)


def _own_folders(targets: Sequence[str]) -> list[Path]:
    """Where files may be edited: the working folder, the repository around it, and beside the targets' files."""
    here = Path.cwd()
    tops = [folder for folder in (here, *here.parents) if (folder / ".git").exists()]
    files = [target[: target.find(".py") + 3] for target in targets if ".py" in target]
    return [here, *tops[:1], *(Path(os.path.abspath(file)).parent for file in files)]


def fix(changes: Sequence[Change], verify: Callable[[], str]) -> Fixed | Restored:
    """Write every file or none, then ask `verify` whether the network is what was promised ("" or the reason why not).

    What `verify` raises as a `NetadviseError` is a reason too. In that case, and on Ctrl-C or any other exception,
    every file is put back. Raises `UsageError` when a file cannot be written.
    """
    if not changes:
        return Fixed(())
    try:
        with exchanged(changes):
            reason = _verdict(verify)
            if reason:
                raise _TakenBackError(reason)
    except _TakenBackError as taken:
        return Restored(str(taken))
    return Fixed(tuple(change.file for change in changes))


class _TakenBackError(Exception):
    """The written files did not give what was promised."""


def _verdict(verify: Callable[[], str]) -> str:
    try:
        return verify()
    except NetadviseError as error:
        return f"{error.where + ': ' if error.where else ''}{error.message}"


def _constructor_arguments(attrs: Mapping[str, Attr]) -> dict[str, Value]:
    """What was recorded of a layer, as far as it says what its constructor was given."""
    unsure = {"weight"}
    if attrs.get("padding_mode", "zeros") != "zeros":
        # torch pads before the convolution then, which itself runs without
        unsure |= {"padding"}
    values = {name: _value(attr) for name, attr in attrs.items() if name not in unsure}
    return {name: value for name, value in values.items() if value != ()}


def _value(attr: Attr) -> Value:
    """The attribute where a constructor could be given it; () for a list with anything but numbers in it."""
    if not isinstance(attr, tuple):
        return attr
    numbers = tuple(number for number in attr if isinstance(number, int | float))
    return numbers if len(numbers) == len(attr) else ()


def _led_by(path: str, places: Mapping[str, Location | None]) -> Location | None:
    """Where the nearest module around one is built that the project builds itself."""
    while path := path.rpartition(".")[0]:
        place = places.get(path)
        if place is not None and not in_library(place.file):
            return place
    return None
