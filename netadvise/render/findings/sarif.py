"""SARIF 2.1.0: one run a model, so that code scanning keeps the alerts of two models apart.

    log     ::= run*          one per model, then one for the tool itself: its own findings, models that failed
    run     ::= rules invocation results
    result  ::= rule level message location relatedLocation* fingerprint suppression* fix*

GitHub takes 20 runs a file, 25,000 results and rules a run, 100 locations a result: beyond that, models share the
last run, and the invocation says how many results are left out. A model that failed is a notification, and the run
of the tool is not successful then; a rule that could not tell is a notification of its model's run.
"""

from __future__ import annotations

from dataclasses import dataclass

from netadvise.finding import LintReport, ModelReport, NotEvaluated
from netadvise.render.encode import json_text
from netadvise.render.findings.sarif_places import ROOT, message
from netadvise.render.findings.sarif_results import result
from netadvise.render.findings.sarif_rules import descriptors
from netadvise.render.findings.view import LintView
from netadvise.render.text import joined, plain

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LISTED = 10


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a log is read."""

    runs: int = 20
    results: int = 25_000


GITHUB = Limits()


def sarif(report: LintReport, view: LintView) -> str:
    """The whole report, whatever the view, within the limits of GitHub."""
    return sarif_within(GITHUB, report, view)


def sarif_within(limits: Limits, report: LintReport, view: LintView) -> str:
    """The report as far as the limits let it, the worst findings of each run first."""
    rules = descriptors(report)
    index = {str(rule["id"]): number for number, rule in enumerate(rules)}
    alone = report.models[: limits.runs - 2] if len(report.models) > limits.runs - 1 else report.models
    together = report.models[len(alone) :]
    maker = _Maker(limits, report, view, rules, index)
    runs = [maker.run(_category(model), (model,)) for model in alone]
    if together:
        runs.append(maker.run("netadvise/others/", together))
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [*runs, maker.own()]}, indent=1) + "\n"


@dataclass(frozen=True, slots=True)
class _Maker:
    """What all runs of one log share."""

    limits: Limits
    report: LintReport
    view: LintView
    rules: list[dict[str, object]]
    index: dict[str, int]

    def run(self, category: str, models: tuple[ModelReport, ...]) -> dict[str, object]:
        """The run of these models."""
        results = [
            result(finding, model, self.index, self.view)
            for model in models
            for finding in (*model.findings, *model.suppressed)
        ]
        notes = [_unclear(entry, self.index, model) for model in models for entry in model.not_evaluated]
        return self._run(category, results, notes, successful=True)

    def own(self) -> dict[str, object]:
        """The run of the tool: always there, so that alerts of an earlier one are closed."""
        results = [result(problem, None, self.index, self.view) for problem in self.report.problems]
        notes = [_failure(model, message) for model, message in self.report.failed.items()]
        return self._run("netadvise/", results, notes, successful=not notes)

    def _run(
        self, category: str, results: list[dict[str, object]], notes: list[dict[str, object]], *, successful: bool
    ) -> dict[str, object]:
        left = len(results) - self.limits.results
        if left > 0:
            notes = [*notes, _note("warning", f"{left:,} more findings are left out")]
        return {
            "tool": {"driver": self._driver()},
            "automationDetails": {"id": category},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {ROOT: {"description": {"text": "The top of the repository."}}},
            "invocations": [{"executionSuccessful": successful, "toolExecutionNotifications": notes}],
            "results": results[: self.limits.results],
        }

    def _driver(self) -> dict[str, object]:
        return {
            "name": "netadvise",
            "version": plain(self.report.version),
            "semanticVersion": plain(self.report.version),
            "rules": self.rules,
        }


def _category(model: ModelReport) -> str:
    """Model and input shapes; GitHub takes what stands before the last slash as the category."""
    shapes = "+".join(joined(item.shape) or "scalar" for item in model.profile.inputs) or "no-input"
    return f"netadvise/{plain(model.model).replace('/', '.')}/{shapes}/"


def _unclear(entry: NotEvaluated, index: dict[str, int], model: ModelReport) -> dict[str, object]:
    at = f" at {', '.join(map(plain, entry.layers[:_LISTED]))}" if entry.layers else ""
    note = _note("note", f"{plain(entry.rule)} {plain(entry.name)} was not evaluated{at}: {plain(entry.reason)}")
    rule: dict[str, object] = {"id": plain(entry.rule)}
    if entry.rule in index:
        rule["index"] = index[entry.rule]
    return {**note, "associatedRule": rule, "properties": {"model": plain(model.model)}}


def _failure(model: str, message: str) -> dict[str, object]:
    return _note("error", f"{plain(model)} could not be checked: {plain(message)}")


def _note(level: str, text: str) -> dict[str, object]:
    return {"level": level, "message": message(text)}
