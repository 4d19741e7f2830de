"""Whether subjects fit patterns, in three values, and which layers are the witnesses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from netadvise.check.logic import Truth, both, either, opposite, truth
from netadvise.check.pattern import Pattern, Relation
from netadvise.check.sheets import Arrangement
from netadvise.check.types import Frame, View
from netadvise.facts import Subject
from netadvise.quantity import Unknown


@dataclass(frozen=True, slots=True)
class Match:
    """The outcome for one subject; the witnesses are those of the relations that hold."""

    truth: Truth
    witnesses: Mapping[str, Subject] = field(default_factory=dict)


NO = Match(False)


@dataclass(frozen=True, slots=True)
class _Reach:
    """What lies in one direction of a layer."""

    nearest: Subject | None = None
    """The nearest layer that fits."""
    unknown: Unknown | None = None
    """Why another layer might fit as well."""
    hidden: Unknown | None = None
    """An opaque layer stands there, in which anything may hide."""


NOTHING = _Reach()


class Matcher:
    """Matches the patterns of one rule on one sheet; what was found out about a subject is kept."""

    def __init__(self, arrangement: Arrangement, view: View) -> None:
        self._arrangement, self._view = arrangement, view
        self._kept: dict[tuple[Pattern, str, int], Match] = {}
        self._reached: dict[Relation, list[_Reach]] = {}

    def fits(self, pattern: Pattern, subject: Subject) -> Match:
        """Whether a subject fits a pattern."""
        result: Truth = True
        for test in pattern.tests:
            result = both(result, test.of(subject.facts.get(test.name)))
            if result is False:
                return NO
        witnesses = {pattern.label: subject} if pattern.label else {}
        result = both(result, self._combined(pattern, subject))
        if result is False or not (pattern.relations or pattern.where):
            return Match(result, witnesses)
        return self._related(pattern, subject, result, witnesses)

    def kept(self, pattern: Pattern, subject: Subject) -> Match:
        """The same, remembered: several subjects ask about one candidate."""
        key = (pattern, subject.kind, subject.id)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self.fits(pattern, subject)
        return found

    def count(self, pattern: Pattern, among: Iterable[Subject]) -> tuple[list[Subject], Unknown | None]:
        """The layers that fit, and why it may be more."""
        found: list[Subject] = []
        unknown: Unknown | None = None
        for layer in among:
            fits = self.kept(pattern, layer).truth
            if isinstance(fits, Unknown):
                unknown = fits
            elif fits:
                found.append(layer)
        return found, unknown

    def _combined(self, pattern: Pattern, subject: Subject) -> Truth:
        result: Truth = True
        for group in pattern.alternatives:
            some: Truth = False
            for alternative in group:
                some = either(some, self.fits(alternative, subject).truth)
            result = both(result, some)
        for excluded in pattern.excluded:
            if result is False:
                break
            result = both(result, opposite(self.fits(excluded, subject).truth))
        return result

    def _related(self, pattern: Pattern, subject: Subject, result: Truth, witnesses: dict[str, Subject]) -> Match:
        for relation in pattern.relations:
            found = self._relation(relation, subject)
            if relation.optional and found.truth is not True:
                continue
            result = both(result, found.truth)
            if result is False:
                return NO
            witnesses.update(found.witnesses)
        if pattern.where is not None:
            result = both(result, truth(pattern.where(Frame(subject, self._view, witnesses))))
        return NO if result is False else Match(result, witnesses)

    def _relation(self, relation: Relation, subject: Subject) -> Match:
        if relation.kind == "inside":
            return self._first(relation, self._arrangement.enclosing(subject))
        if relation.kind in ("below", "above"):
            return self._reachable(relation, subject)
        candidates, leaks = self._arrangement.neighbours(relation, subject)
        if relation.only and (leaks or len(candidates) != 1):
            return NO
        return self._first(relation, candidates)

    def _first(self, relation: Relation, candidates: Sequence[Subject]) -> Match:
        """The first candidate that fits; Unknown when none does and one might."""
        unknown: Unknown | None = None
        for candidate in candidates:
            match = self.kept(relation.pattern, candidate)
            if match.truth is True:
                return match
            if isinstance(match.truth, Unknown):
                unknown = match.truth
            elif relation.negated and unknown is None:
                unknown = _hiding(candidate)
        return NO if unknown is None else Match(unknown)

    def _reachable(self, relation: Relation, subject: Subject) -> Match:
        if relation not in self._reached:
            self._reached[relation] = self._sweep(relation)
        reach = self._reached[relation][subject.id]
        if reach.nearest is not None:
            return self.kept(relation.pattern, reach.nearest)
        unknown = reach.unknown if reach.unknown is not None or not relation.negated else reach.hidden
        return NO if unknown is None else Match(unknown)

    def _sweep(self, relation: Relation) -> list[_Reach]:
        """For every layer at once: each takes over what its neighbours on the way have found."""
        below = relation.kind == "below"
        layers = self._arrangement.layers
        found = [NOTHING] * len(layers)
        for layer in reversed(layers) if below else layers:
            for other in layer.consumers if below else layer.producers:
                found[layer.id] = _joined(found[layer.id], self._through(relation, layers[other], found[other]), below)
        return found

    def _through(self, relation: Relation, layer: Subject, beyond: _Reach) -> _Reach:
        """What is found at a layer, and behind it."""
        match = self.kept(relation.pattern, layer).truth
        if match is True:
            return _Reach(layer)
        unknown = match if isinstance(match, Unknown) else None
        here = _Reach(None, unknown, _hiding(layer))
        stops = False if relation.until is None else self.kept(relation.until, layer).truth
        if stops is True:
            return here
        if isinstance(stops, Unknown):
            beyond = _Reach(None, stops if beyond.nearest is not None else beyond.unknown, beyond.hidden)
        return _Reach(beyond.nearest, _either(unknown, beyond.unknown), _either(here.hidden, beyond.hidden))


def _either(one: Unknown | None, other: Unknown | None) -> Unknown | None:
    return other if one is None else one


def _joined(one: _Reach, other: _Reach, below: bool) -> _Reach:
    nearest = one.nearest
    if nearest is None or (other.nearest is not None and (other.nearest.id < nearest.id) is below):
        nearest = other.nearest if other.nearest is not None else nearest
    return _Reach(nearest, _either(one.unknown, other.unknown), _either(one.hidden, other.hidden))


def _hiding(layer: Subject) -> Unknown | None:
    if layer.facts.get("op") != "opaque":
        return None
    return Unknown(f"{layer.name} ({layer.facts.get('function')}) is opaque: what it does is not known")
