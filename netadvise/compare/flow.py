"""What the facts of a network know of a layer beside its row: its neighbours in the data flow, and what it computes.

Without facts (a profile saved without them), the order of execution has to do, and what a layer computes is not known
beyond its kind.
"""

from __future__ import annotations

from collections.abc import Mapping

from netadvise.compare.tree import Neighbours
from netadvise.facts import NetworkFacts, Subject
from netadvise.profiles import Profile

Key = tuple[str, int]
"""Name and call."""


def neighbours(profile: Profile, facts: NetworkFacts | None) -> Mapping[int, Neighbours]:
    """The kinds of the layers before and behind each layer, by its position in the profile."""
    return _in_order(profile) if facts is None else _in_flow(profile, facts)


def functions(profile: Profile, facts: NetworkFacts | None) -> Mapping[int, str]:
    """What each layer calls, in torch's names, by its position in the profile: "conv2d", "pad, conv2d"."""
    found: dict[Key, list[str]] = {}
    for subject in () if facts is None else facts.evaluation.layers:
        found.setdefault(_key(subject), []).append(str(subject.get("function")).rstrip("_"))
    return {
        index: ", ".join(found[layer.name, layer.call])
        for index, layer in enumerate(profile.layers)
        if (layer.name, layer.call) in found
    }


def _key(subject: Subject) -> Key:
    call = subject.get("call_index")
    return subject.name, call if isinstance(call, int) else 0


def _in_order(profile: Profile) -> Mapping[int, Neighbours]:
    kinds = ["", *(layer.kind.lower() for layer in profile.layers), ""]
    return {index: (frozenset({kinds[index]}), frozenset({kinds[index + 2]})) for index in range(len(profile.layers))}


def _in_flow(profile: Profile, facts: NetworkFacts) -> Mapping[int, Neighbours]:
    """Through ops that only reshape, which have no row."""
    kind = {(layer.name, layer.call): layer.kind.lower() for layer in profile.layers}
    sources: list[frozenset[Key]] = []
    before: dict[Key, set[str]] = {}
    after: dict[Key, set[str]] = {}
    for subject in facts.evaluation.layers:
        key, read = _key(subject), frozenset[Key]().union(*(sources[producer] for producer in subject.producers))
        sources.append(frozenset({key}) if key in kind else read)
        if key in kind:
            before.setdefault(key, set()).update(kind[other] for other in read - {key})
            for other in read - {key}:
                after.setdefault(other, set()).add(kind[key])
    return {
        index: (frozenset(before.get(key, ())), frozenset(after.get(key, ())))
        for index, key in enumerate((layer.name, layer.call) for layer in profile.layers)
    }
