"""Findings that somebody has decided to live with: comments in the source, and `layer-ignores` of the configuration.

A suppression that suppresses nothing is a finding itself (NA001), where this run can tell: its rule was applied and
could be evaluated, and the network was built by the function or class in which the comment stands.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from netadvise.check.comments import Comment, Source
from netadvise.check.problems import hint
from netadvise.check.select import Selectors
from netadvise.check.tool_rules import NAMELESS, UNKNOWN_RULE, UNUSED, problem
from netadvise.config import LayerIgnore
from netadvise.finding import Finding, Hit, Suppression
from netadvise.graph import Location

_Used = tuple[str, int, int, str]
"""File, line and column of a comment, and the rule it was good for."""


@dataclass(frozen=True, slots=True)
class _Ignore:
    """An entry of `layer-ignores`, its selectors looked up."""

    entry: LayerIgnore
    rules: frozenset[str]


class Suppressor:
    """The suppressions of one run; it remembers which of them were good for something."""

    def __init__(self, texts: Mapping[str, str], ignores: Sequence[LayerIgnore], selectors: Selectors) -> None:
        self._sources = {file: Source(text) for file, text in texts.items()}
        self._selectors = selectors
        self._ignores = [_Ignore(entry, _rules(entry, selectors)) for entry in ignores]
        self._used: set[_Used] = set()
        self._used_ignores: set[tuple[int, str]] = set()

    def apply(self, hits: Iterable[Hit]) -> tuple[Hit, ...]:
        """The hits, each with the suppression that fits it, if one does."""
        return tuple(replace(hit, suppression=hit.suppression or self._found(hit)) for hit in hits)

    def problems(self, judged: Collection[str], built: Iterable[Location], *, whole: bool) -> tuple[Finding, ...]:
        """What is wrong with the suppressions themselves.

        `judged` are the rules that were applied and could tell everywhere; `built` the places at which the networks of
        this run were built; `whole` says that all networks of the project were.
        """
        scopes: dict[str, set[tuple[int, int]]] = {}
        for location in built:
            if location.file in self._sources and self._sources[location.file].comments:
                scopes.setdefault(location.file, set()).add(self._sources[location.file].scope(location.line))
        found: list[Finding] = []
        for file, source in sorted(self._sources.items()):
            for comment in source.comments:
                in_reach = whole and source.scope(comment.covers) in scopes.get(file, ())
                found += self._of_comment(file, comment, judged if in_reach else ())
        return (*found, *(self._unused_ignores(judged) if whole else ()))

    def _found(self, hit: Hit) -> Suppression | None:
        return self._inline(hit) or self._configured(hit)

    def _inline(self, hit: Hit) -> Suppression | None:
        source = self._sources.get(hit.location.file) if hit.location else None
        if hit.location is None or source is None:
            return None
        for comment in source.covered(hit.location.line, hit.location.column):
            if any((rule := self._selectors.find(name)) and rule.id == hit.rule for name in comment.names):
                self._used.add((hit.location.file, comment.line, comment.column, hit.rule))
                return Suppression("inline", comment.reason, _location(hit.location.file, comment))
        return None

    def _configured(self, hit: Hit) -> Suppression | None:
        for index, ignore in enumerate(self._ignores):
            if hit.rule in ignore.rules and fnmatchcase(hit.layer, ignore.entry.layer):
                self._used_ignores.add((index, hit.rule))
                return Suppression("config", ignore.entry.reason, ignore.entry.location)
        return None

    def _of_comment(self, file: str, comment: Comment, judged: Collection[str]) -> Iterator[Finding]:
        place = _location(file, comment)
        if not comment.names:
            yield problem(NAMELESS, place, NAMELESS.message)
        for name in comment.names:
            rule = self._selectors.find(name)
            if rule is None:
                near = hint(name, self._selectors.names)
                yield problem(UNKNOWN_RULE, place, UNKNOWN_RULE.message.format(rule=repr(name)) + near)
            elif rule.id in judged and (file, comment.line, comment.column, rule.id) not in self._used:
                yield problem(UNUSED, place, UNUSED.message.format(rule=f"{rule.id} {rule.name}"))

    def _unused_ignores(self, judged: Collection[str]) -> Iterator[Finding]:
        for index, ignore in enumerate(self._ignores):
            used = {rule for number, rule in self._used_ignores if number == index}
            if ignore.rules <= set(judged) and not used:
                said = f"layer-ignores: {', '.join(ignore.entry.rules)} fires at no layer called {ignore.entry.layer!r}"
                yield problem(UNUSED, ignore.entry.location, said)


def _rules(entry: LayerIgnore, selectors: Selectors) -> frozenset[str]:
    where = f"{entry.location}: "
    return frozenset[str]().union(*(selectors.members(selector, where) for selector in entry.rules))


def _location(file: str, comment: Comment) -> Location:
    return Location(file, comment.line, comment.column)
