"""The rules of a run: read, selected for each model, with their options and severities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from netadvise.api.rule_index import RuleIndex
from netadvise.cache import Cache
from netadvise.check.select import Selectors, Step, selected, severities
from netadvise.check.select_lint import check_for_lint, other_commands
from netadvise.check.sources import frozen_sets, on_by_default, shipped_files, sorted_out
from netadvise.check.tool_rules import TOOL_RULES
from netadvise.config import Config, Declared, ModelConfig, Selection
from netadvise.config.settings import merged
from netadvise.rule import Option, Rule, Severity
from netadvise.rulepath import rules_directory


@dataclass(frozen=True, slots=True)
class Applied:
    """What one model is checked with."""

    rules: frozenset[str]
    options: Mapping[str, Mapping[str, Option]]
    context: Mapping[str, Declared]


@dataclass(frozen=True, slots=True)
class Rulings:
    """Everything that the configuration and the command line say about rules."""

    book: RuleIndex
    selectors: Selectors
    on: frozenset[str]
    """On before anybody selects."""
    severities: Mapping[str, Severity]
    project: Config
    command: Config

    def applied(self, model: ModelConfig) -> Applied:
        """The rules of a model; raises `UsageError` for a selector, a rule or an option that there is none of."""
        options = merged(merged(self.project.options, model.options), self.command.options)
        return Applied(
            selected(self.selectors, self.on, self._steps(model.selection), other_commands(self.book.rules)),
            self.book.checked(options),
            {**self.project.context, **model.context, **self.command.context},
        )

    def for_lint(self, model: ModelConfig) -> Applied:
        """The same; raises `UsageError`, too, for a selector of rules that `lint` does not apply."""
        for step in self._steps(model.selection):
            for selector in (*step.select, *step.extend):
                check_for_lint(self.selectors, selector, f"{step.where}: " if step.where else "")
        return self.applied(model)

    def of_the_tool(self) -> frozenset[str]:
        """The selected rules, as far as they are about the run and not about one model."""
        return selected(self.selectors, self.on, self._steps(Selection()))

    @property
    def known(self) -> Mapping[str, Rule]:
        """Every rule by its id."""
        return {rule.id: rule for rule in (*self.book.rules, *TOOL_RULES)}

    def _steps(self, own: Selection) -> list[Step]:
        steps = (*self.project.selections, own, *self.command.selections)
        return [Step(step.select, step.extend, step.ignore, step.where) for step in steps]


def rulings(project: Config, command: Config, cache: Cache | None = None) -> Rulings:
    """The rules of a run, checked; raises `UsageError` with every mistake in the rule files."""
    shipped = rules_directory()
    sources = sorted_out(command.rules or project.rules, shipped)
    book = RuleIndex(shipped, (*shipped_files(shipped), *sources.files), cache)
    frozen = frozen_sets(sources, book.sets)
    selectors = Selectors((*book.rules, *TOOL_RULES), frozen)
    where = f"{project.path}: " if project.path else ""
    return Rulings(
        book,
        selectors,
        on_by_default(sources, book.rules, frozen) | {rule.id for rule in TOOL_RULES},
        {**severities(selectors, project.severity, where), **severities(selectors, command.severity, "--severity: ")},
        project,
        command,
    )
