"""Evaluating rules on the facts of one network."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from time import perf_counter

from netadvise.check.compiled import Compiled
from netadvise.check.logic import Truth, both, opposite, truth
from netadvise.check.matching import Matcher
from netadvise.check.sheets import Arrangement
from netadvise.check.types import Frame, View
from netadvise.facts import Fact, NetworkFacts, Sheet, Subject
from netadvise.finding import Hit, NotEvaluated, Related
from netadvise.graph import Location, Mode
from netadvise.quantity import Unknown
from netadvise.rule import Option, Severity
from netadvise.vocabulary import CONTEXT


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What rules came to on one network."""

    hits: tuple[Hit, ...] = ()
    """In order of rule id, then of execution."""
    not_evaluated: tuple[NotEvaluated, ...] = ()
    """One for each rule and reason."""


Options = Mapping[str, Mapping[str, Option]]


def evaluate(
    rules: Collection[Compiled],
    facts: NetworkFacts,
    context: Mapping[str, Option],
    options: Options,
    timings: dict[str, float] | None = None,
) -> Evaluation:
    """Evaluate rules; `options` are changes by rule id, `timings` is filled with seconds by rule id."""
    network = _Network(facts, declared(context))
    hits: list[Hit] = []
    silent: list[NotEvaluated] = []
    for compiled in rules:
        start = perf_counter()
        outcome = network.apply(compiled, options.get(compiled.rule.id, {}))
        hits.extend(outcome.hits)
        silent.extend(outcome.not_evaluated(compiled))
        if timings is not None:
            timings[compiled.rule.id] = perf_counter() - start
    return Evaluation(tuple(hits), tuple(silent))


def declared(context: Mapping[str, Option]) -> dict[str, Fact]:
    """Every name of the context: as declared, as it is by default, or Unknown."""
    return {name: context.get(name, _undeclared(name, entry.default)) for name, entry in CONTEXT.items()}


def _undeclared(name: str, default: bool | None) -> Fact:
    return Unknown(f"{name} is not declared") if default is None else default


@dataclass(slots=True)
class _Outcome:
    hits: list[Hit] = field(default_factory=list)
    reasons: dict[str, list[str]] = field(default_factory=dict)
    """Why it could not be told -> at which layers."""

    def not_evaluated(self, compiled: Compiled) -> Iterator[NotEvaluated]:
        rule = compiled.rule
        for reason, layers in self.reasons.items():
            named = tuple(dict.fromkeys(layer for layer in layers if layer))
            yield NotEvaluated(rule.id, rule.name, reason, named)


class _Network:
    """The facts with the look-ups that all rules share."""

    def __init__(self, facts: NetworkFacts, context: Mapping[str, Fact]) -> None:
        self._facts, self._context = facts, context
        self._arrangements: dict[Mode, Arrangement] = {}

    def apply(self, compiled: Compiled, options: Mapping[str, Option]) -> _Outcome:
        rule = compiled.rule
        sheet = self._facts.sheet(rule.mode)
        if isinstance(sheet, Unknown):
            return _Outcome(reasons={sheet.reason: []})
        arrangement = self._arrangements.setdefault(rule.mode, Arrangement(sheet))
        view = View(self._facts.model, sheet.blocks, self._context, {**rule.options, **options})
        judged = _Judged(compiled, arrangement, view, Matcher(arrangement, view), _Outcome())
        for subject in self._subjects(compiled, sheet, arrangement):
            judged.judge(subject)
            if compiled.once and judged.outcome.hits:
                break
        return judged.outcome

    def _subjects(self, compiled: Compiled, sheet: Sheet, arrangement: Arrangement) -> Collection[Subject]:
        scope = compiled.rule.scope
        if scope in ("layer", "sequence"):
            return arrangement.candidates(compiled.match)
        of_scope = {"block": sheet.blocks, "module": self._facts.modules, "probe": self._facts.probes}
        return of_scope.get(scope, (self._facts.model,))


@dataclass(frozen=True, slots=True)
class _Judged:
    """One rule on one sheet."""

    compiled: Compiled
    arrangement: Arrangement
    view: View
    matcher: Matcher
    outcome: _Outcome

    def judge(self, subject: Subject) -> None:
        """Note a hit, or why it cannot be told, at one subject."""
        match = self.matcher.fits(self.compiled.match, subject)
        if match.truth is False:
            return
        frame = Frame(subject, self.view, match.witnesses)
        counted = self._count(frame)
        for name, run in self.compiled.lets.items():
            frame.names[name] = run(frame)
        result = self._conditions(frame, match.truth)
        if isinstance(result, Unknown):
            self.outcome.reasons.setdefault(result.reason, []).append(subject.name)
        elif result:
            self._hit(frame, counted)

    def _count(self, frame: Frame) -> Mapping[str, list[Subject]]:
        found: dict[str, list[Subject]] = {}
        for name, pattern in self.compiled.counts.items():
            among = self.arrangement.candidates(pattern)
            if frame.subject.kind == "block":
                members = frozenset(frame.subject.members)
                among = [layer for layer in among if layer.id in members]
            found[name], unknown = self.matcher.count(pattern, among)
            frame.names[name] = len(found[name]) if unknown is None else unknown
        return found

    def _conditions(self, frame: Frame, result: Truth) -> Truth:
        for run in self.compiled.where:
            result = both(result, truth(run(frame)))
        for run in self.compiled.unless:
            result = both(result, opposite(truth(run(frame))))
        return result

    def _hit(self, frame: Frame, counted: Mapping[str, list[Subject]]) -> None:
        places = counted.get(self.compiled.at) or [frame.subject]
        for index, place in enumerate(places[:1] if self.compiled.once else places):
            call = place.facts.get("call_index")
            self.outcome.hits.append(
                Hit(
                    rule=self.compiled.rule.id,
                    layer=place.name,
                    location=_location(place),
                    severity=self._severity(frame),
                    message=self.compiled.message.of(frame),
                    call=call if isinstance(call, int) else 0,
                    effect=self.compiled.effect.of(frame) if index == 0 else {},
                    related=_related(frame, place),
                    edits=self.compiled.remedy.of(frame) if index == 0 else (),
                    subject=place.id,
                )
            )

    def _severity(self, frame: Frame) -> Severity:
        """The worst whose condition is true; one that cannot be told leaves the rule's own."""
        for severity, run in self.compiled.escalate:
            if truth(run(frame)) is True:
                return severity
        return self.compiled.rule.severity


def _location(subject: Subject) -> Location | None:
    return subject.location if subject.location is not None else subject.called_at


def _related(frame: Frame, place: Subject) -> tuple[Related, ...]:
    others = {label: subject for label, subject in frame.witnesses.items() if subject is not place}
    return tuple(Related(label, subject.name, _location(subject)) for label, subject in others.items())
