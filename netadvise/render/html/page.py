"""A dossier as one HTML page: its sections, and the templates that write them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from netadvise.dossier import Dossier
from netadvise.render.evidence.subject import DROPOUT, KERNELS
from netadvise.render.html import findings as found
from netadvise.render.html.drawing import can_draw
from netadvise.render.html.fields import fields
from netadvise.render.html.flow import flow
from netadvise.render.html.kernels import kernels
from netadvise.render.html.layers import anchors, layer_table, lines
from netadvise.render.html.network import picture
from netadvise.render.html.parts import Section
from netadvise.render.html.places import places
from netadvise.render.html.shares import by_kind, by_stage
from netadvise.render.html.shell import written
from netadvise.render.html.studies import studied
from netadvise.render.html.summary import summary
from netadvise.render.positions.view import DropoutView
from netadvise.render.suggestions.view import SuggestView
from netadvise.render.view import View


@dataclass(frozen=True)
class Views:
    """How the parts of a page are to be shown."""

    profile: View = field(default_factory=View)
    kernels: SuggestView = field(default_factory=SuggestView)
    dropout: DropoutView = field(default_factory=DropoutView)


@dataclass(frozen=True)
class _Job:
    dossier: Dossier
    views: Views

    @cached_property
    def anchors(self) -> Mapping[str, int]:
        """Rows of the table of layers, by name."""
        profile = self.dossier.profile
        return {} if profile is None else anchors(profile, self.views.profile)


def page(dossier: Dossier, views: Views | None = None) -> str:
    """The whole page. Sections appear where there is something to show in them."""
    job = _Job(dossier, views or Views())
    sections = [section for make in SECTIONS for section in make(job)]
    undrawn = not can_draw() and any(section.id != "summary" for section in sections)
    return written(dossier.title, dossier.version, sections, undrawn=undrawn)


def _summary(job: _Job) -> Iterator[Section]:
    yield Section("summary", "Summary", "summary.html", summary(job.dossier, job.views.profile))


def _findings(job: _Job) -> Iterator[Section]:
    if job.dossier.lint is not None:
        yield Section("findings", "Findings", "findings.html", found.findings(job.dossier.lint, job.anchors))


def _network(job: _Job) -> Iterator[Section]:
    profile = job.dossier.profile
    if profile is not None and profile.layers:
        flowing = flow(profile, job.dossier.facts)
        drawn = picture(profile, flowing, found.counts(job.dossier.lint), lines(profile, job.views.profile))
        yield Section("network", "Network", "network.html", drawn)


def _fields(job: _Job) -> Iterator[Section]:
    plot = None if job.dossier.profile is None else fields(job.dossier.profile)
    if plot is not None:
        yield Section("field", "Receptive field", "figures.html", (plot,))


def _shares(job: _Job) -> Iterator[Section]:
    profile = job.dossier.profile
    plots = () if profile is None else (by_stage(profile), by_kind(profile))
    shown = tuple(plot for plot in plots if plot is not None)
    if shown:
        yield Section("costs", "Where the costs are", "figures.html", shown)


def _kernels(job: _Job) -> Iterator[Section]:
    report = job.dossier.kernels
    if report is not None:
        yield Section("kernels", "Kernels", "kernels.html", kernels(report, job.views.kernels, job.anchors))
        if report.study is not None:
            yield Section("kernel-study", "Kernels, trained", "study.html", studied(report.study, KERNELS))


def _dropout(job: _Job) -> Iterator[Section]:
    report = job.dossier.dropout
    if report is None:
        return
    if report.study is not None:
        yield Section("study", "Dropout, trained", "study.html", studied(report.study, DROPOUT))
    yield Section("places", "Places for dropout", "places.html", places(report, job.views.dropout, job.anchors))


def _layers(job: _Job) -> Iterator[Section]:
    profile = job.dossier.profile
    if profile is not None and profile.layers:
        table = layer_table(profile, job.views.profile, found.rules_at(job.dossier.lint))
        yield Section("layers", "Layers", "layers.html", table)


SECTIONS: tuple[Callable[[_Job], Iterator[Section]], ...] = (
    _summary,
    _findings,
    _network,
    _fields,
    _shares,
    _kernels,
    _dropout,
    _layers,
)
"""In the order of the page."""
