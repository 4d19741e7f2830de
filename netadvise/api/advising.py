"""One run of `suggest-kernels` on one network: rules, attempts, and the report that they come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from netadvise.api.answers import Answer
from netadvise.api.attempts import INTERRUPTED, Attempts, Bench, Told
from netadvise.api.checking import places, source_text
from netadvise.api.rulebook import Rulings
from netadvise.api.together import Together
from netadvise.check.judge import overridden
from netadvise.check.select import Step, selected
from netadvise.check.suppress import Suppressor
from netadvise.config import ModelConfig
from netadvise.edit import Dropped, Tried
from netadvise.errors import UsageError
from netadvise.finding import Hit, NotEvaluated
from netadvise.render.text import counted
from netadvise.rule import Safety
from netadvise.suggest.alternatives import Alternative, Built, alternatives
from netadvise.suggest.budget import limits
from netadvise.suggest.change import change
from netadvise.suggest.ranking import ranked
from netadvise.suggest.roles import layer_roles
from netadvise.suggest.thumb import rule_of_thumb
from netadvise.suggestion import LayerRole, Rejected, Role, Suggestion, SuggestionReport
from netadvise.version import __version__


@dataclass(frozen=True, slots=True)
class Asked:
    """What a user wants of the suggestions."""

    layers: tuple[str, ...] = ()
    budget: tuple[str, ...] = ()
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Suggested:
    """A report, and the network that it is about."""

    report: SuggestionReport
    answer: Answer


@dataclass(frozen=True, slots=True)
class Advising:
    """One run."""

    asked: Asked
    rulings: Rulings
    model: ModelConfig
    bench: Bench
    told: Told

    def suggested(self) -> Suggested:
        """Everything there is to say; raises `UsageError` for selectors that leave no rule, and globs that fit none."""
        rules = self._rules()
        answer = self.bench.answer()
        hits, unsure = self._hits(rules, answer)
        roles = layer_roles(answer.facts)
        self._check_globs(roles, hits)
        draft = SuggestionReport(
            version=__version__,
            target=answer.profile.target,
            profile=answer.profile,
            roles=roles,
            thumb=rule_of_thumb(roles),
            suppressed=sum(hit.suppression is not None for hit in hits),
            notes=tuple(f"{entry.rule} {entry.name}: {entry.reason}" for entry in unsure),
        )
        built: Built = {layer.name: (layer.kind, layer.attrs) for layer in answer.profile.layers}
        wanted = [hit for hit in hits if hit.suppression is None and self._fits(hit.layer)]
        found = alternatives(wanted, self.rulings.known, built, whole=self.asked.everything)
        to_try = [of for of in found if of.rule.confidence != "C" or self.asked.everything or self.asked.budget]
        draft = replace(draft, untried=len(found) - len(to_try))
        return Suggested(self._tried(draft, to_try, answer, built), answer)

    def _rules(self) -> frozenset[str]:
        """The rules that know an alternative, as far as they are selected."""
        able = frozenset(rule.id for rule in self.rulings.book.rules if rule.has_edits)
        project, command = self.rulings.project, self.rulings.command
        lint = [*project.selections, self.model.selection]
        steps = [Step(ignore=step.ignore, where=step.where) for step in lint]
        steps += [Step(step.select, step.extend, step.ignore, step.where) for step in command.selections]
        start = self.rulings.on & able if command.rules else able
        found = selected(self.rulings.selectors, start, steps) & able
        if not found:
            raise UsageError(
                "none of the selected rules knows an alternative that could be tried",
                hint=f"Rules that do: {', '.join(sorted(able))}.",
            )
        return found

    def _hits(self, rules: frozenset[str], answer: Answer) -> tuple[tuple[Hit, ...], Sequence[NotEvaluated]]:
        applied = self.rulings.applied(self.model)
        found, unsure = self.rulings.book.evaluate(
            rules, answer.facts, applied.context, applied.options, digest=answer.digest
        )
        files = {place.file for place in places(answer.facts)}
        texts = {file: text for file in sorted(files) if (text := source_text(file)) is not None}
        suppressor = Suppressor(texts, self.rulings.project.layer_ignores, self.rulings.selectors)
        hits = suppressor.apply(overridden((hit for hit in found if hit.edits), self.rulings.severities))
        return hits, unsure

    def _fits(self, layer: str) -> bool:
        return not self.asked.layers or any(fnmatchcase(layer, glob) for glob in self.asked.layers)

    def _check_globs(self, roles: Sequence[LayerRole], hits: Sequence[Hit]) -> None:
        names = {role.layer for role in roles} | {hit.layer for hit in hits}
        for glob in self.asked.layers:
            if not any(fnmatchcase(name, glob) for name in names):
                raise UsageError(
                    f"--layer {glob!r} fits no convolution of {self.model.target}",
                    hint="netadvise profile TARGET --kind 'Conv*' names them; quote the * from the shell.",
                )

    def _tried(
        self, draft: SuggestionReport, wanted: Sequence[Alternative], answer: Answer, built: Built
    ) -> SuggestionReport:
        budgets = limits(self.asked.budget, answer.profile.totals)
        outcomes, attempts = self._outcomes(wanted)
        judge = _Judge(draft, built)
        found = [judge.suggestion(of, result) for of, result in outcomes if isinstance(result, Tried)]
        order = ranked(found, answer.profile.totals, everything=self.asked.everything)
        report = replace(
            draft,
            suggestions=order.shown,
            hidden=order.hidden,
            rejected=tuple(judge.rejected(of, result) for of, result in outcomes if isinstance(result, Dropped)),
        )
        if attempts.stopped:
            done = counted(len(outcomes), "alternative")
            why = f"stopped after {done} of {len(wanted)}: {attempts.stopped}"
            return replace(report, incomplete=why, interrupted=attempts.stopped == INTERRUPTED)
        return Together(self.bench, self.told, answer.profile.totals).judged(report, budgets)

    def _outcomes(self, wanted: Sequence[Alternative]) -> tuple[list[tuple[Alternative, Tried | Dropped]], Attempts]:
        """Each alternative and what became of it; one that breaks at some of its layers is tried layer by layer."""
        attempts = self.bench.attempt([of.edits for of in wanted], self.told)
        outcomes = list(zip(wanted, attempts.results, strict=False))
        broken = [of for of, result in outcomes if isinstance(result, Dropped) and len(of.hits) > 1]
        if attempts.stopped or not broken:
            return outcomes, attempts
        single = [part for of in broken for part in of.alone()]
        again = self.bench.attempt([of.edits for of in single], self.told)
        kept = [(of, result) for of, result in outcomes if of not in broken]
        return [*kept, *zip(single, again.results, strict=False)], again


@dataclass(frozen=True, slots=True)
class _Judge:
    """What became of an alternative, in the terms of the report."""

    draft: SuggestionReport
    built: Built

    def suggestion(self, of: Alternative, tried: Tried) -> Suggestion:
        """One that works."""
        first, rule = of.hits[0], of.rule
        return Suggestion(
            layer=first.layer,
            layers=of.layers,
            roles=self._roles(first.layer),
            location=first.location,
            rule=rule.id,
            name=rule.name,
            title=rule.title,
            confidence=rule.confidence,
            severity=first.severity,
            message=first.message,
            why=rule.why,
            refs=rule.refs,
            text=rule.fix.text if rule.fix is not None else "",
            change=change(first.edits, first.layer, self.built),
            edits=tried.edits,
            tried=tried,
            safety=_safety(of, tried),
        )

    def rejected(self, of: Alternative, dropped: Dropped) -> Rejected:
        """One that does not."""
        first = of.hits[0]
        return Rejected(
            layer=first.layer,
            layers=of.layers,
            location=first.location,
            rule=of.rule.id,
            name=of.rule.name,
            change=change(first.edits, first.layer, self.built),
            edits=of.edits,
            reason=dropped.reason,
        )

    def _roles(self, layer: str) -> tuple[Role, ...]:
        return next((role.roles for role in self.draft.roles if role.layer == layer), ())


def _safety(of: Alternative, tried: Tried) -> Safety:
    """As measured; a rule may say that a network which loads the old weights computes what it did."""
    claimed = of.rule.fix is not None and of.rule.fix.safety == "safe"
    return "safe" if claimed and tried.safety == "changes-function" else tried.safety
