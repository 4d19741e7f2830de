"""What one page shows: everything that was found out about a network, or about the models of one run."""

from __future__ import annotations

from dataclasses import dataclass, field

from netadvise.dropout import DropoutReport
from netadvise.facts import NetworkFacts
from netadvise.finding import LintReport
from netadvise.opinion import SecondOpinion
from netadvise.profiles import Profile
from netadvise.suggestion import SuggestionReport


@dataclass(frozen=True, slots=True)
class Dossier:
    """One network as far as it is known; what is None was not asked for, and has no section."""

    version: str
    title: str
    """The target, or what the run is called."""
    profile: Profile | None = None
    """None where a run has several models, or none that could be recorded."""
    facts: NetworkFacts | None = None
    """What the data flow is read from."""
    opinion: SecondOpinion | None = None
    lint: LintReport | None = None
    kernels: SuggestionReport | None = None
    dropout: DropoutReport | None = None
    notes: tuple[str, ...] = field(default=())
    """What was left out of this page, and why."""


def of_lint(report: LintReport) -> Dossier:
    """The page of a lint run: of its model, or of all of its models."""
    alone = report.models[0] if len(report.models) == 1 else None
    title = alone.model if alone else f"{len(report.models)} models"
    return Dossier(report.version, title, None if alone is None else alone.profile, lint=report)


def of_kernels(report: SuggestionReport) -> Dossier:
    """The page of `suggest-kernels`."""
    return Dossier(report.version, report.target, report.profile, kernels=report)


def of_dropout(report: DropoutReport) -> Dossier:
    """The page of `suggest-dropout`."""
    places = report.positions
    return Dossier(places.version, places.target, places.profile, dropout=report)
