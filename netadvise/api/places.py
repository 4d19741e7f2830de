"""Profiles, facts and findings with their source places moved: a worktree's files under the names of the repository."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from netadvise.facts import NetworkFacts, Sheet, Subject
from netadvise.finding import Finding, Hit, ModelReport
from netadvise.graph import Location
from netadvise.profiles import Profile

Move = Callable[[str], str]
"""A file's name to another one of the same file."""


def moved_profile(profile: Profile, move: Move) -> Profile:
    """The profile with every file under its other name."""
    layers = tuple(
        replace(layer, location=_place(layer.location, move), called_at=_place(layer.called_at, move))
        for layer in profile.layers
    )
    blocks = tuple(replace(block, location=_place(block.location, move)) for block in profile.blocks)
    gaps = tuple(replace(gap, location=_place(gap.location, move)) for gap in profile.totals.gaps)
    return replace(profile, layers=layers, blocks=blocks, totals=replace(profile.totals, gaps=gaps))


def moved_facts(facts: NetworkFacts, move: Move) -> NetworkFacts:
    """The same of facts."""

    def subjects(found: tuple[Subject, ...]) -> tuple[Subject, ...]:
        return tuple(
            replace(item, location=_place(item.location, move), called_at=_place(item.called_at, move))
            for item in found
        )

    def sheet(found: Sheet) -> Sheet:
        return replace(found, layers=subjects(found.layers), blocks=subjects(found.blocks))

    training = sheet(facts.training) if isinstance(facts.training, Sheet) else facts.training
    (model,) = subjects((facts.model,))
    return replace(
        facts,
        model=model,
        evaluation=sheet(facts.evaluation),
        training=training,
        modules=subjects(facts.modules),
    )


def moved_report(report: ModelReport, move: Move) -> ModelReport:
    """The same of the findings of a model."""
    return replace(report, findings=tuple(_finding(finding, move) for finding in report.findings))


def _finding(finding: Finding, move: Move) -> Finding:
    return replace(finding, hits=tuple(_hit(hit, move) for hit in finding.hits))


def _hit(hit: Hit, move: Move) -> Hit:
    related = tuple(replace(item, location=_place(item.location, move)) for item in hit.related)
    return replace(hit, location=_place(hit.location, move), related=related)


def _place(location: Location | None, move: Move) -> Location | None:
    if location is None or location.file.startswith("<"):
        return location
    return replace(location, file=move(location.file))
