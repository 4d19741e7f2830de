"""From the YAML of a pattern to a compiled one. Its shape has been checked before."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from netadvise.check.expr import compile_expression
from netadvise.check.fieldtests import FieldTest, exact_texts, field_test
from netadvise.check.functions import FUNCTIONS
from netadvise.check.names import RESERVED, Names
from netadvise.check.pattern import RELATIONS, Pattern, Relation
from netadvise.check.places import place_in
from netadvise.check.problems import Problems
from netadvise.check.shapes import value_of
from netadvise.check.types import ExprError, Piece, Run, Type
from netadvise.check.yaml import Entries, Items, Node, Scalar
from netadvise.vocabulary import BLOCK


@dataclass(frozen=True, slots=True)
class Reader:
    """What reading a part of a rule needs: the lines of the file and the list of problems."""

    lines: Sequence[str]
    problems: Problems

    def expression(self, node: Node, names: Names, wanted: Sequence[Type], what: str) -> Piece | None:
        """Compile an expression; None with the problem noted when it is wrong."""
        if not isinstance(node, Scalar) or not node.text.strip():
            return None
        try:
            return compile_expression(node.text, names, wanted)
        except ExprError as error:
            self.problems.add(place_in(self.lines, node, error.offset), f"{what}: {error.text}")
            return None

    def label(self, node: Node, names: Names) -> str:
        """The name that `as` gives to a layer; it always has a dot behind it, so it may be called as a field is."""
        taken = {"the layer itself": ("self",), "the name of another layer": names.witnesses}
        return self._new(node, {**taken, "defined already": names.defined})

    def define(self, node: Node, names: Names) -> str:
        """A name that `count` or `let` defines."""
        own = {f"a field of the {names.about}": names.fields, "a function": FUNCTIONS}
        return self._new(node, {**own, "the name of a layer": names.witnesses, "defined already": names.defined})

    def _new(self, node: Node, taken: Mapping[str, Collection[str]]) -> str:
        name = str(value_of(node) or "")
        for what, words in {"a word of the language": RESERVED, **taken}.items():
            if name in words:
                self.problems.add(node, f"'{name}' is {what}: choose another name")
                break
        return name


@dataclass(slots=True)
class _Draft:
    """A pattern in the making."""

    names: Names
    reader: Reader
    negated: bool
    tests: list[FieldTest] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    alternatives: list[tuple[Pattern, ...]] = field(default_factory=list)
    excluded: list[Pattern] = field(default_factory=list)
    where: Run | None = None
    ops: frozenset[str] | None = None
    types: frozenset[str] | None = None

    def add(self, key: str, value: Node) -> None:
        """Take one entry; what the layout does not know has been noted before."""
        if key in self.names.fields:
            self._test(key, value)
        elif key in RELATIONS:
            made = [_relation(key, each, self.names, self.reader, self.negated) for each in parts(value)]
            self.relations.extend(made)
        elif key == "any":
            hidden = _hidden(self.names)
            group = tuple(pattern(each, hidden, self.reader, negated=self.negated) for each in parts(value))
            self.alternatives.append(group)
        elif key == "not" and isinstance(value, Entries):
            self.excluded.extend(_excluded(value, self.names, self.reader))

    def _test(self, key: str, value: Node) -> None:
        known = self.names.fields[key]
        self.names.sources.add(known.source)
        if not parts(value):
            return
        self.tests.append(field_test(known, value))
        if key == "op":
            self.ops = exact_texts(value)
        if key == "type":
            self.types = exact_texts(value)

    def pattern(self, label: str = "") -> Pattern:
        """The finished pattern."""
        return Pattern(
            tuple(self.tests),
            tuple(self.relations),
            tuple(self.alternatives),
            tuple(self.excluded),
            self.where,
            label,
            self.ops,
            self.types,
        )


def pattern(node: Node, names: Names, reader: Reader, *, negated: bool = False) -> Pattern:
    """Compile a pattern on subjects with the fields of `names`; the labels in it become witnesses of `names`."""
    if not isinstance(node, Entries):
        return Pattern()
    own = replace(names, witnesses={}, defined={})
    draft = _Draft(own, reader, negated)
    for key, value in node.entries:
        draft.add(key.text, value)
    where = node.get("where")
    piece = None if where is None else reader.expression(where, own, ("bool",), "where")
    draft.where = None if piece is None else piece.run
    for label, fields in own.witnesses.items():
        if label in names.witnesses:
            reader.problems.add(node, f"'{label}' names two layers")
        names.witnesses[label] = fields
    return draft.pattern(_label(node.get("as"), names, reader))


def _label(node: Node | None, names: Names, reader: Reader) -> str:
    if node is None:
        return ""
    word = reader.label(node, names)
    names.witnesses[word] = names.fields
    return word


def _excluded(node: Entries, names: Names, reader: Reader) -> Iterator[Pattern]:
    """Each entry of a `not` as a pattern of its own."""
    for key, value in node.entries:
        for each in parts(value) if key.text in RELATIONS else (value,):
            draft = _Draft(_hidden(names), reader, negated=True)
            draft.add(key.text, each)
            yield draft.pattern()


def _hidden(names: Names) -> Names:
    """Names given inside `not` and `any` are not visible outside: it is not known which of them is there."""
    return replace(names, witnesses={}, defined={})


def _relation(kind: str, node: Node, names: Names, reader: Reader, negated: bool) -> Relation:
    fields, about = (BLOCK, "block") if kind == "inside" else (names.fields, names.about)
    inner = replace(names, fields=fields, about=about)
    before = frozenset(names.witnesses)
    found = pattern(node, inner, reader, negated=negated)
    known = next(each for each in RELATIONS if each == kind)
    if not isinstance(node, Entries):
        return Relation(known, found, negated=negated)
    until, optional = node.get("until"), flag(node.get("optional"))
    if optional:
        _note_optional(node, names.witnesses.keys() - before, names, reader, negated)
    return Relation(
        known,
        found,
        only=flag(node.get("only")),
        through=texts(node.get("through")),
        until=None if until is None else pattern(until, _hidden(inner), reader),
        optional=optional,
        negated=negated,
    )


def _note_optional(node: Node, named: Collection[str], names: Names, reader: Reader, negated: bool) -> None:
    """The layers that need not be there; an optional relation without one says nothing."""
    names.optional.update(named)
    if negated:
        reader.problems.add(node, "'optional' says nothing inside `not`")
    elif not named:
        reader.problems.add(node, "an optional relation names a layer: give it `as`")


def parts(node: Node | None) -> Sequence[Node]:
    """The entries of a list; a single thing stands for a list of one."""
    if node is None:
        return ()
    return node.items if isinstance(node, Items) else (node,)


def flag(node: Node | None) -> bool:
    """Whether `true` stands there."""
    return node is not None and value_of(node) is True


def texts(node: Node | None) -> frozenset[str]:
    """The texts that stand there."""
    return frozenset(str(value_of(part)) for part in parts(node))
