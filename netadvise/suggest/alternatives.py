"""Hits with edits, as alternatives to try: those of repeated blocks that one line of source builds alike are one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from netadvise.edit import Edit, Insert, Part, SetArgs, Value
from netadvise.finding import Hit
from netadvise.graph import Attr
from netadvise.rule import Rule

LIKE = "like:"

Built = Mapping[str, tuple[str, Mapping[str, Attr]]]
"""Class and recorded arguments of each layer, by name."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """What one rule would do at one layer, or at every layer of a line of source alike."""

    rule: Rule
    hits: tuple[Hit, ...]

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The edits of all its layers, to be applied together."""
        return tuple(edit for hit in self.hits for edit in hit.edits)

    @property
    def layers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(hit.layer for hit in self.hits))

    def alone(self) -> tuple[Alternative, ...]:
        """The same, one layer each."""
        return tuple(replace(self, hits=(hit,)) for hit in self.hits)


def alternatives(
    hits: Iterable[Hit], rules: Mapping[str, Rule], built: Built, *, whole: bool = False
) -> tuple[Alternative, ...]:
    """The alternatives that hits come to, in the order of their first hits; a hit whose edits change nothing is none.

    Layers stand together where one line built them and the rules would do the same things to each of them: so two
    alternatives have all their layers in common, or none. Rules of grade C count for that only with `whole`.
    """
    distinct = _distinct(hits, rules, built)
    offered: dict[tuple[str, bool], set[tuple[str, str]]] = {}

    def tier(hit: Hit) -> tuple[str, bool]:
        return hit.layer, whole or rules[hit.rule].confidence != "C"

    for hit in distinct:
        offered.setdefault(tier(hit), set()).add((hit.rule, _forms(hit.edits)))
    groups: dict[object, list[Hit]] = {}
    for hit in distinct:
        # a layer whose line is not known stands alone
        place = hit.layer if hit.location is None else hit.location
        groups.setdefault((hit.rule, place, frozenset(offered[tier(hit)])), []).append(hit)
    return tuple(Alternative(rules[group[0].rule], tuple(group)) for group in groups.values())


def _distinct(hits: Iterable[Hit], rules: Mapping[str, Rule], built: Built) -> list[Hit]:
    """The hits with their edits, of those that would do the same the one of the best grade."""
    trimmed = [replace(hit, edits=tuple(_trimmed(hit.edits, built))) for hit in hits]
    found: dict[str, Hit] = {}
    for hit in sorted(trimmed, key=lambda hit: rules[hit.rule].confidence):
        if hit.edits:
            found.setdefault(repr(hit.edits), hit)
    kept = {id(hit) for hit in found.values()}
    return [hit for hit in trimmed if id(hit) in kept]


def _trimmed(edits: Iterable[Edit], built: Built) -> Iterator[Edit]:
    """The edits without arguments that are what they were."""
    for edit in edits:
        if not isinstance(edit, SetArgs):
            yield edit
            continue
        known = built.get(edit.module, ("", {}))[1]
        changed = {name: value for name, value in edit.args.items() if not _is_as_before(name, value, known)}
        if changed:
            yield SetArgs(edit.module, changed)


def _is_as_before(name: str, value: Value, known: Mapping[str, Attr]) -> bool:
    """Padding counts only where it is zeros: else torch pads before the layer, which itself runs without."""
    if name not in known or (name == "padding" and known.get("padding_mode", "zeros") != "zeros"):
        return False
    before = known[name]
    sizes = before if isinstance(before, tuple) else (before,)
    return (value if isinstance(value, tuple) else (value,) * len(sizes)) == sizes


def _forms(edits: Sequence[Edit]) -> str:
    """The edits without the paths of their modules: equal for layers that are changed alike."""
    return repr([_form(edit) for edit in edits])


def _form(edit: Edit) -> object:
    if isinstance(edit, SetArgs):
        return "set", sorted(edit.args.items())
    place = (edit.place.where, edit.place.function, edit.place.index) if isinstance(edit, Insert) else "replace"
    return place, [_part(part) for part in edit.chain]


def _part(part: Part) -> object:
    return LIKE if part.type.startswith(LIKE) else part.type, sorted(part.args.items())
