"""What rules found, as a page shows it: each finding with its reason, its sources, and every place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from netadvise.finding import Finding, Hit, LintReport, ModelReport, NotEvaluated
from netadvise.render.findings import wording
from netadvise.render.html.links import Link, linked, sources
from netadvise.render.html.parts import Told, told
from netadvise.render.rule_words import GRADES, remedy
from netadvise.render.text import counted

_PLACES = 200
"""Places of one finding that are listed."""


@dataclass(frozen=True, slots=True)
class Place:
    """One hit."""

    layer: Link
    where: str
    message: str
    suppressed: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One finding."""

    severity: str
    rule: str
    name: str
    fails: bool
    said: str
    grade: str
    why: str
    help: str
    effect: str
    places: tuple[Place, ...]
    more: int
    refs: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """The findings of one model; `name` is empty where there is only one."""

    name: str
    items: tuple[Item, ...]
    suppressed: tuple[Item, ...]
    unsure: Told


@dataclass(frozen=True, slots=True)
class Findings:
    """A whole run."""

    verdict: str
    models: tuple[Model, ...]
    problems: tuple[Item, ...]
    failed: Told
    rules: str


def findings(report: LintReport, anchors: Mapping[str, int]) -> Findings:
    """Every model's findings; `anchors` says where the table of layers has each layer."""
    several = len(report.models) > 1
    return Findings(
        wording.verdict(report),
        tuple(_model(model, report, anchors if not several else {}, several=several) for model in report.models),
        tuple(_item(problem, report, {}) for problem in report.problems),
        told((model, f"could not be checked: {message}") for model, message in report.failed.items()),
        counted(len(report.rules), "rule"),
    )


def counts(report: LintReport | None) -> Counter[str]:
    """How many findings each layer has."""
    found = _by_layer(report)
    return Counter({layer: len(rules) for layer, rules in found.items()})


def rules_at(report: LintReport | None) -> Mapping[str, tuple[str, ...]]:
    """The rules that found something, by layer."""
    return {layer: tuple(rules) for layer, rules in _by_layer(report).items()}


def _by_layer(report: LintReport | None) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    if report is not None and len(report.models) == 1:
        for finding in report.models[0].findings:
            for layer in finding.layers:
                found.setdefault(layer, []).append(finding.rule)
    return found


def _model(model: ModelReport, report: LintReport, anchors: Mapping[str, int], *, several: bool) -> Model:
    return Model(
        model.model if several else "",
        tuple(_item(finding, report, anchors) for finding in model.findings),
        tuple(_item(finding, report, anchors) for finding in model.suppressed),
        told(_unsure(model.not_evaluated)),
    )


def _item(finding: Finding, report: LintReport, anchors: Mapping[str, int]) -> Item:
    return Item(
        finding.severity,
        finding.rule,
        finding.name,
        finding.reaches(report.fail_on),
        wording.said(finding),
        f"{finding.confidence}: {GRADES[finding.confidence]}",
        finding.why,
        "" if finding.fix is None else remedy(finding.fix),
        wording.effect(finding.hits),
        tuple(_place(hit, anchors) for hit in finding.hits[:_PLACES]),
        max(0, len(finding.hits) - _PLACES),
        sources(finding.refs),
    )


def _place(hit: Hit, anchors: Mapping[str, int]) -> Place:
    named = f"{hit.layer} (call {hit.call})" if hit.call else hit.layer or "the model"
    reason = "" if hit.suppression is None else f"{hit.suppression.kind}: {hit.suppression.reason}".rstrip(": ")
    return Place(linked(named, anchors.get(hit.layer)), wording.place(hit.location, ""), hit.message, reason)


def _unsure(entries: Iterable[NotEvaluated]) -> Iterator[tuple[str, str]]:
    for entry in entries:
        at = f" (at {entry.layers[0]}{' and others' if len(entry.layers) > 1 else ''})" if entry.layers else ""
        yield f"{entry.rule} {entry.name}", f"{entry.reason}{at}"
