"""Which rows of a profile read which: the data flow, as far as the facts tell it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from netadvise.facts import NetworkFacts, Subject
from netadvise.profiles import Layer, Profile

INPUT = -1
"""Stands for the inputs of the network among what a row reads."""
_SOURCES = ("constant", "random")


@dataclass(frozen=True, slots=True)
class Flow:
    """Rows of the profile by their position in it."""

    reads: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    """What each row reads, in order; `INPUT` for the network's inputs."""
    last: tuple[int, ...] = ()
    """Rows that nothing reads: the outputs."""


def flow(profile: Profile, facts: NetworkFacts | None) -> Flow:
    """The data flow between rows; empty where no facts came with the profile.

    Ops without a row of their own, such as views between layers, are passed through.
    """
    if facts is None:
        return Flow()
    place = {_key(layer): index for index, layer in reversed(list(enumerate(profile.layers)))}
    reads: dict[int, dict[int, None]] = {}
    origins: list[tuple[int, ...]] = []
    read: set[int] = set()
    for subject in facts.evaluation.layers:
        before = tuple(dict.fromkeys(_before(subject, origins)))
        row = place.get((subject.name, _call(subject)))
        if row is None:
            origins.append(before)
            continue
        further = [origin for origin in before if origin != row]
        reads.setdefault(row, {}).update(dict.fromkeys(further))
        read.update(further)
        origins.append((row,))
    return Flow({row: tuple(before) for row, before in reads.items()}, tuple(row for row in reads if row not in read))


def _before(subject: Subject, origins: list[tuple[int, ...]]) -> Iterable[int]:
    if not subject.producers:
        return () if subject.get("op") in _SOURCES else (INPUT,)
    return (origin for producer in subject.producers for origin in origins[producer])


def _key(layer: Layer) -> tuple[str, int]:
    return layer.name, layer.call


def _call(subject: Subject) -> int:
    index = subject.get("call_index")
    return index if isinstance(index, int) else 0
