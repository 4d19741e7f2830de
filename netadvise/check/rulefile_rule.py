"""From the YAML of one rule to a compiled rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from netadvise.check.compiled import Compiled
from netadvise.check.edits_read import remedy
from netadvise.check.effect import described_effect, effect
from netadvise.check.layout_patterns import SUBJECTS
from netadvise.check.message import Message, compile_message
from netadvise.check.names import Names
from netadvise.check.pattern import Pattern, Relation
from netadvise.check.pattern_read import Reader, flag, parts, pattern, texts
from netadvise.check.places import place_in
from netadvise.check.position_read import offer
from netadvise.check.remedy import Remedy
from netadvise.check.rulefile_tests import ExampleReader, values
from netadvise.check.shapes import value_of
from netadvise.check.types import ExprError, Run
from netadvise.check.yaml import Entries, Node, Scalar
from netadvise.graph import Location
from netadvise.rule import SEVERITIES, Confidence, Fix, Option, Rule, Safety, Scope, Severity
from netadvise.vocabulary import LAYER

_SCOPES: tuple[Scope, ...] = ("layer", "sequence", "block", "module", "model", "probe")
_CONFIDENCES: tuple[Confidence, ...] = ("A", "B", "C")
_SAFETIES: tuple[Safety, ...] = ("safe", "changes-weights", "changes-function")
_OPTIONAL_SOURCES = ("train", "batch", "context", "receptive_field")


def compile_rule(node: Entries, set_name: str, reader: Reader) -> Compiled:
    """The rule of a node whose shape has been checked; what does not make sense is noted."""
    return _Maker(node, set_name, reader).make()


@dataclass(frozen=True, slots=True)
class _Maker:
    node: Entries
    set: str
    reader: Reader

    def make(self) -> Compiled:
        options: dict[str, Option] = {**values(self.node.get("options"))}
        scope: Scope = next((each for each in _SCOPES if each == self.text("scope")), "layer")
        about = "layer" if scope == "sequence" else scope
        names = Names(SUBJECTS[scope], about, options)
        self._check_scope(scope)
        match = self._sequence(names) if scope == "sequence" else self._match(names)
        counts = self._counts(names)
        lets = self._lets(names)
        found = Compiled(
            rule=self._rule(scope),
            match=match,
            message=self._message(names),
            counts=counts,
            at=self._at(counts),
            lets=lets,
            where=self._conditions("where", names),
            unless=self._conditions("unless", names),
            escalate=self._escalate(names),
            once=self.text("once") == "first",
            effect=effect(self.node.get("effect"), names, self.reader),
            remedy=remedy(self.node.get("fix"), match, names, self.reader),
        )
        self._check_ending(scope, found.remedy)
        position = offer(self.node.get("position"), match, self.reader) if scope == "layer" else None
        return replace(found, rule=replace(found.rule, options=options, needs=self._needs(names), position=position))

    def text(self, key: str) -> str:
        node = self.node.get(key)
        return "" if node is None else str(value_of(node) or "").strip()

    def texts(self, key: str) -> tuple[str, ...]:
        return tuple(str(value_of(part)) for part in parts(self.node.get(key)))

    def said(self, key: str) -> tuple[str, ...]:
        """Expressions as the file says them."""
        return tuple(" ".join(part.text.split()) for part in parts(self.node.get(key)) if isinstance(part, Scalar))

    def problem(self, key: str, text: str) -> None:
        self.reader.problems.add(self.node.get(key) or self.node, text)

    def _check_scope(self, scope: Scope) -> None:
        allowed: Mapping[str, tuple[Scope, ...]] = {
            "match": ("layer", "block", "module", "model", "probe"),
            "sequence": ("sequence",),
            "through": ("sequence",),
            "single_consumer": ("sequence",),
            "count": ("model", "block"),
            "at": ("model",),
            "mode": ("layer", "sequence", "block", "model"),
            "needs": ("layer", "sequence", "block", "module", "model"),
            "position": ("layer",),
            "verdict": ("probe",),
            "gate": ("probe",),
            "ends": ("probe",),
        }
        for key, scopes in allowed.items():
            if self.node.get(key) is not None and scope not in scopes:
                self.problem(key, f"'{key}' is not for rules of scope {scope}, only {', '.join(scopes)}")
        needed = ("sequence",) if scope == "sequence" else ("match", "where")
        if not any(self.node.get(key) is not None for key in needed):
            self.problem("", f"a rule of scope {scope} needs {' or '.join(needed)}: it would always fire")

    def _check_ending(self, scope: Scope, remedy: Remedy) -> None:
        """What the hits of a rule come to, when they are no findings."""
        if scope == "probe" and (self.node.get("verdict") is None) == (self.node.get("gate") is None):
            self.problem("", "a rule of scope probe has one of verdict and gate")
        if scope == "probe" and self.node.get("ends") is not None and self.node.get("gate") is None:
            self.problem("ends", "'ends' is for a gate")
        if self.node.get("position") is not None and remedy.plans:
            self.problem("fix", "a rule with 'position' has no edits: the position says what is inserted or set")

    def _match(self, names: Names) -> Pattern:
        node = self.node.get("match")
        return Pattern() if node is None else pattern(node, names, self.reader)

    def _sequence(self, names: Names) -> Pattern:
        """The first layer, which has the second one behind it, and so on."""
        through, only = texts(self.node.get("through")), flag(self.node.get("single_consumer"))
        items = [pattern(item, names, self.reader) for item in parts(self.node.get("sequence"))]
        if not items:
            return Pattern()
        found = items.pop()
        while items:
            following = Relation("next", found, only=only, through=through)
            first = items.pop()
            found = replace(first, relations=(*first.relations, following))
        return found

    def _counts(self, names: Names) -> dict[str, Pattern]:
        node = self.node.get("count")
        found: dict[str, Pattern] = {}
        for key, value in node.entries if isinstance(node, Entries) else ():
            layer = replace(names, fields=LAYER, about="layer", witnesses={}, defined={})
            found[key.text] = pattern(value, layer, self.reader)
            names.defined[self.reader.define(key, names)] = "number"
        return found

    def _at(self, counts: Mapping[str, Pattern]) -> str:
        name = self.text("at")
        if name and name not in counts:
            self.problem("at", f"'{name}' is not the name of a count")
        return name

    def _lets(self, names: Names) -> dict[str, Run]:
        node = self.node.get("let")
        entries = node.entries if isinstance(node, Entries) else ()
        found: dict[str, Run] = {}
        for index, (key, value) in enumerate(entries):
            later = replace(names, later=tuple(other.text for other, _ in entries[index:]))
            piece = self.reader.expression(value, later, ("number", "bool", "text", "numbers"), f"let.{key.text}")
            name = self.reader.define(key, names)
            names.defined[name] = "number" if piece is None else piece.type
            if piece is not None:
                found[name] = piece.run
        return found

    def _conditions(self, key: str, names: Names) -> tuple[Run, ...]:
        pieces = [self.reader.expression(part, names, ("bool",), key) for part in parts(self.node.get(key))]
        return tuple(piece.run for piece in pieces if piece is not None)

    def _escalate(self, names: Names) -> tuple[tuple[Severity, Run], ...]:
        node = self.node.get("escalate")
        if not isinstance(node, Entries):
            return ()
        found: list[tuple[Severity, Run]] = []
        base = self._severity()
        for severity in SEVERITIES:
            value = node.get(severity)
            if value is None:
                continue
            if SEVERITIES.index(severity) >= SEVERITIES.index(base):
                self.reader.problems.add(value, f"escalate: {severity} is not worse than {base}")
            piece = self.reader.expression(value, names, ("bool",), f"escalate.{severity}")
            if piece is not None:
                found.append((severity, piece.run))
        return tuple(found)

    def _escalations(self) -> dict[Severity, str]:
        node = self.node.get("escalate")
        values = node.values if isinstance(node, Entries) else {}
        given = [(severity, values.get(severity)) for severity in SEVERITIES]
        return {severity: " ".join(each.text.split()) for severity, each in given if isinstance(each, Scalar)}

    def _message(self, names: Names) -> Message:
        node = self.node.get("message")
        if not isinstance(node, Scalar):
            return Message(())
        try:
            return compile_message(node.text.strip(), names)
        except ExprError as error:
            place = place_in(self.reader.lines, node, error.offset)
            self.reader.problems.add(place, f"message: {error.text}")
            return Message(())

    def _severity(self) -> Severity:
        return next((each for each in SEVERITIES if each == self.text("severity")), "advice")

    def _needs(self, names: Names) -> tuple[str, ...]:
        derived = {source for source in names.sources if source in _OPTIONAL_SOURCES}
        if self.text("mode") == "train":
            derived.add("train")
        return tuple(sorted(derived | set(self.texts("needs"))))

    def _rule(self, scope: Scope) -> Rule:
        node = self.node
        return Rule(
            id=self.text("id"),
            name=self.text("name"),
            title=self.text("title"),
            set=self.set,
            severity=self._severity(),
            confidence=next((each for each in _CONFIDENCES if each == self.text("confidence")), "C"),
            scope=scope,
            message=self.text("message"),
            why=" ".join(self.text("why").split()),
            refs=self.texts("refs"),
            location=Location(self.reader.problems.file, node.line, node.column),
            since=self.text("since"),
            mode="train" if self.text("mode") == "train" else "eval",
            aliases=self.texts("aliases"),
            fix=_fix(node.get("fix")),
            has_edits=_has_edits(node.get("fix")),
            where=_all_of(self.said("where")),
            unless=self.said("unless"),
            escalate=self._escalations(),
            effect=described_effect(node.get("effect")),
            verdict=self.text("verdict"),
            gate=self.text("gate"),
            ends=flag(node.get("ends")),
            examples=ExampleReader(self.reader.problems, values(node.get("options"))).read(node.get("tests")),
        )


def _has_edits(fix: Node | None) -> bool:
    return isinstance(fix, Entries) and fix.get("edits") is not None


def _all_of(conditions: Sequence[str]) -> str:
    return conditions[0] if len(conditions) == 1 else " and ".join(f"({each})" for each in conditions)


def _fix(node: Node | None) -> Fix | None:
    if not isinstance(node, Entries):
        return None

    def text(key: str) -> str:
        value = node.get(key)
        return "" if value is None else str(value_of(value) or "").strip()

    safety: Safety = next((each for each in _SAFETIES if each == text("safety")), "changes-function")
    return Fix(text("text"), values(node.get("set_args")), safety, text("because"))
