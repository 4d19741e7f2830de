"""From the YAML of `fix.edits` to a compiled remedy: classes, arguments and names are checked here, at load."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from netadvise.check.layout_edits import LIKE, SELF
from netadvise.check.names import Names
from netadvise.check.pattern import Pattern
from netadvise.check.pattern_read import Reader, parts
from netadvise.check.problems import hint, short
from netadvise.check.remedy import Argument, EditPlan, PartPlan, Remedy
from netadvise.check.shapes import described, value_of
from netadvise.check.torch_layers import CLASSES, Kind, LayerClass, arguments, candidates
from netadvise.check.types import Frame, Run, Type
from netadvise.check.yaml import Entries, Items, Node, Scalar
from netadvise.facts import Fact
from netadvise.quantity import Unknown

_TYPES: Mapping[Kind, tuple[Type, ...]] = {
    "count": ("number",),
    "axes": ("number", "numbers"),
    "padding": ("number", "numbers", "text"),
    "sizes": ("number", "numbers"),
    "number": ("number",),
    "flag": ("bool",),
    "text": ("text",),
}
_SAID: Mapping[Kind, str] = {
    "count": "a whole number",
    "axes": "a whole number, or one for each axis",
    "padding": "a whole number, or one for each axis, or a text in an expression",
    "sizes": "a whole number or a list of them",
    "number": "a number",
    "flag": "true or false",
    "text": "a text in an expression: \"'zeros'\"",
}


def remedy(fix: Node | None, match: Pattern, names: Names, reader: Reader) -> Remedy:
    """Compile the edits of a rule's `fix`; what is wrong is noted."""
    if not isinstance(fix, Entries):
        return Remedy()
    edits, where = fix.get("edits"), fix.get("edits_where")
    if names.about != "layer" and edits is not None:
        reader.problems.add(edits, "'edits' are for rules about layers")
        return Remedy()
    if where is not None and edits is None:
        reader.problems.add(where, "'edits_where' without 'edits'")
    condition = None if where is None else reader.expression(where, names, ("bool",), "edits_where")
    plans = tuple(_EditReader(match, names, reader).plans(edits))
    return Remedy(plans, None if condition is None else condition.run)


@dataclass(frozen=True, slots=True)
class _EditReader:
    match: Pattern
    names: Names
    reader: Reader

    def plans(self, node: Node | None) -> Iterator[EditPlan]:
        """One for each entry that can be read."""
        seen: set[str] = set()
        for entry in parts(node):
            if not isinstance(entry, Entries) or (place := entry.get("on")) is None:
                continue
            name = self._layer(place)
            if name in seen:
                self.reader.problems.add(place, f"two edits of '{name}': say both in one")
            seen.add(name)
            own = arguments(self._classes(name))
            chain = tuple(self._part(part) for part in parts(entry.get("replace")) if isinstance(part, Entries))
            what = f"the layers that '{name}' can be"
            yield EditPlan(name, self._args(entry.get("set_args"), own, what), chain)

    def _layer(self, node: Node) -> str:
        """The name of a layer that the rule speaks of."""
        name = str(value_of(node) or "")
        known = (SELF, *self.names.witnesses)
        if name not in known:
            named = hint(name, known) or f": '{SELF}', or a name that `as` gives"
            self.reader.problems.add(node, f"'{short(name)}' is no layer of this rule{named}")
        return name

    def _classes(self, name: str) -> tuple[LayerClass, ...]:
        """The classes that the layer of that name can be, as far as its pattern says."""
        pattern = self.match if name == SELF else dict(_labelled(self.match)).get(name)
        return candidates(None, None) if pattern is None else candidates(pattern.ops, pattern.types)

    def _part(self, node: Entries) -> PartPlan:
        kind = node.get("type")
        type_ = "" if kind is None else str(value_of(kind) or "")
        if type_ == LIKE and (named := node.get("of")) is not None:
            name = self._layer(named)
            args = self._args(node.get("args"), arguments(self._classes(name)), f"the layers that '{name}' can be")
            return PartPlan(LIKE, name, args)
        if type_ not in CLASSES:
            return PartPlan(type_, "", {})
        return PartPlan(type_, "", self._args(node.get("args"), CLASSES[type_].args, type_))

    def _args(self, node: Node | None, known: Mapping[str, Kind], of: str) -> dict[str, Argument]:
        found: dict[str, Argument] = {}
        for key, value in node.entries if isinstance(node, Entries) else ():
            if key.text not in known:
                near = hint(key.text, known) or _listed(known)
                self.reader.problems.add(key, f"'{short(key.text)}' is no argument of {of}{near}")
                continue
            run = self._value(value, known[key.text], key.text)
            if run is not None:
                found[key.text] = Argument(known[key.text], run)
        return found

    def _value(self, node: Node, kind: Kind, name: str) -> Run | None:
        if isinstance(node, Items):
            return self._list(node, kind, name)
        if not isinstance(node, Scalar):
            return None
        literal = None if node.style else value_of(node)
        if isinstance(literal, bool | int | float):
            return self._literal(node, literal, kind, name)
        piece = self.reader.expression(node, self.names, _TYPES[kind], name)
        return None if piece is None else piece.run

    def _literal(self, node: Node, value: bool | int | float, kind: Kind, name: str) -> Run | None:
        is_flag, fraction = isinstance(value, bool), not float(value).is_integer()
        if is_flag != (kind == "flag") or kind == "text" or (fraction and kind != "number"):
            self.reader.problems.add(node, f"{name} is {_SAID[kind]}, not {described(node)}")
            return None
        return lambda frame: value

    def _list(self, node: Items, kind: Kind, name: str) -> Run | None:
        if "numbers" not in _TYPES[kind]:
            self.reader.problems.add(node, f"{name} is {_SAID[kind]}, not a list")
            return None
        runs = [self._value(item, "count", name) for item in node.items]
        known = [run for run in runs if run is not None]
        return (lambda frame: _gathered(known, frame)) if len(known) == len(runs) else None


def _gathered(runs: Sequence[Run], frame: Frame) -> Fact:
    """The numbers; None where one of them is none, and the reason where it cannot be told."""
    values = [run(frame) for run in runs]
    numbers = tuple(value for value in values if isinstance(value, int | float))
    if len(numbers) == len(values):
        return numbers
    return next((value for value in values if isinstance(value, Unknown)), None)


def _listed(known: Mapping[str, Kind]) -> str:
    return f": one of {', '.join(known)}" if known else ", which takes none"


def _labelled(pattern: Pattern) -> Iterator[tuple[str, Pattern]]:
    """Every named layer of a pattern with the pattern that it fits."""
    if pattern.label:
        yield pattern.label, pattern
    for relation in pattern.relations:
        yield from _labelled(relation.pattern)
