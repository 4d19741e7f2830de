"""Where dropout could stand in a network: the rules about places, and what lint says of the dropouts that are there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from netadvise.api.answers import Answer
from netadvise.api.attempts import Bench, LiveBench
from netadvise.api.rulebook import Rulings, rulings
from netadvise.check.select import Step, selected
from netadvise.config import Config, Declared, ModelConfig, declared
from netadvise.errors import UsageError
from netadvise.finding import Hit, NotEvaluated
from netadvise.position import PositionReport
from netadvise.suggest.advice import advice
from netadvise.suggest.existing import existing
from netadvise.suggest.positions import positions
from netadvise.version import __version__

if TYPE_CHECKING:
    from torch import nn

LINT = "DRP"
"""Rules with ids that begin like this remark on dropouts that are there."""


@dataclass(frozen=True, slots=True)
class Placing:
    """One run: the network of a bench against the rules about places."""

    rulings: Rulings
    model: ModelConfig
    bench: Bench
    layers: tuple[str, ...] = ()
    """Globs on layers or places; empty: all."""

    def report(self) -> PositionReport:
        """Everything there is to say without data; raises what the bench raises, and `UsageError` for a glob that
        fits nothing and for a rule or an option that there is none of."""
        return self.report_on(self.bench.answer())

    def report_on(self, answer: Answer) -> PositionReport:
        """The same, for an answer that is there."""
        context = self.rulings.applied(self.model).context
        hits, unsure = self._hits(answer)
        facts, profile, rules = answer.facts, answer.profile, self.rulings.known
        found = positions(facts, profile, [hit for hit in hits if rules[hit.rule].position is not None], rules)
        there = existing(facts, profile, hits, rules)
        report = PositionReport(
            version=__version__,
            target=profile.target,
            profile=profile,
            positions=found,
            existing=there,
            advice=advice(facts, found, there, context),
            notes=_notes(each for each in unsure if rules[each.rule].position is not None),
            context=context,
        )
        return chosen(report, self.layers)

    def _hits(self, answer: Answer) -> tuple[tuple[Hit, ...], Sequence[NotEvaluated]]:
        """What the rules about places, and the lint rules about dropout, come to on the network."""
        applied = self.rulings.applied(self.model)
        wanted = self._about_places() | {rule for rule in applied.rules if rule.startswith(LINT)}
        return self.rulings.book.evaluate(wanted, answer.facts, applied.context, applied.options, digest=answer.digest)

    def _about_places(self) -> frozenset[str]:
        """The rules about places, less those that the project or the command ignores."""
        able = frozenset(rule.id for rule in self.rulings.book.rules if rule.position is not None)
        said = (*self.rulings.project.selections, self.model.selection, *self.rulings.command.selections)
        steps = [Step(ignore=step.ignore, where=step.where) for step in said]
        return selected(self.rulings.selectors, able, steps) & able


def _notes(unsure: Iterable[NotEvaluated]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{entry.rule} {entry.name}: {entry.reason}" for entry in unsure))


def chosen(report: PositionReport, globs: Sequence[str]) -> PositionReport:
    """The part of a report that fits the globs, or all of it; raises `UsageError` for one that fits nothing."""
    names = {name for position in report.positions for name in (position.place, position.layer)}
    names |= {there.layer for there in report.existing}
    for glob in globs:
        if not any(fnmatchcase(name, glob) for name in names):
            raise UsageError(
                f"--layer {glob!r} fits no place for dropout in {report.target}",
                hint="Without --layer the command lists them all; quote the * from the shell.",
            )
    if not globs:
        return report
    return replace(
        report,
        positions=tuple(each for each in report.positions if _fits(globs, each.place, each.layer)),
        existing=tuple(each for each in report.existing if _fits(globs, each.layer)),
    )


def _fits(globs: Sequence[str], *names: str) -> bool:
    return any(fnmatchcase(name, glob) for name in names for glob in globs)


def position_report(
    bench: Bench,
    *,
    layers: Sequence[str] = (),
    context: Mapping[str, object] | None = None,
    project: Config | None = None,
    command: Config | None = None,
    model: ModelConfig | None = None,
) -> PositionReport:
    """Where dropout could stand in the network of a bench, by the rules and settings of `project` and `command`.

    `context` is what is declared of the model's use ("task.type", "train.epochs"). Raises what the bench raises, and
    `UsageError` for a glob of `layers` that fits nothing and for what is wrong with the settings or a rule file.
    """
    own = command or Config()
    own = replace(own, context={**own.context, **_declared(context or {})})
    book = rulings(project or Config(), own)
    return Placing(book, model or ModelConfig(name="", target=""), bench, tuple(layers)).report()


def suggest_dropout(
    model: nn.Module,
    inputs: str | Sequence[str] | None = None,
    *,
    layers: Sequence[str] = (),
    context: Mapping[str, object] | None = None,
) -> PositionReport:
    """Where dropout could stand in a module, in this process; it is left as it was, and nothing is trained.

    `inputs` are shapes as text, as `record` takes them. The project's pyproject.toml is left alone. Raises what
    `record` raises, and `UsageError` for a glob of `layers` that fits nothing and for unknown context.
    """
    texts = (inputs,) if isinstance(inputs, str) else tuple(inputs or ())
    name = type(model).__name__
    named = ModelConfig(name=name, target=name)
    return position_report(LiveBench(model, texts), layers=layers, context=context, model=named)


def _declared(context: Mapping[str, object]) -> dict[str, Declared]:
    """The context, checked; raises `UsageError` for what there is none of."""
    try:
        return {name: declared(name, value) for name, value in context.items()}
    except ValueError as error:
        raise UsageError(str(error)) from None
