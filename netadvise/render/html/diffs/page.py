"""A comparison as one HTML page: its sections, and the templates that write them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from netadvise.comparison import Comparison
from netadvise.render.diffs.view import DiffView
from netadvise.render.html.diffs.costs import by_kind, by_stage
from netadvise.render.html.diffs.fields import fields
from netadvise.render.html.diffs.findings import findings
from netadvise.render.html.diffs.layers import Changes, changes
from netadvise.render.html.diffs.summary import renames, summary
from netadvise.render.html.drawing import can_draw
from netadvise.render.html.parts import Section
from netadvise.render.html.shell import written


@dataclass(frozen=True)
class _Job:
    comparison: Comparison
    view: DiffView

    @cached_property
    def changes(self) -> Changes:
        return changes(self.comparison, self.view)


def diff_page(comparison: Comparison, view: DiffView) -> str:
    """The whole page. Sections appear where there is something to show in them."""
    job = _Job(comparison, view)
    sections = [section for make in SECTIONS for section in make(job)]
    undrawn = not can_draw() and any(section.template == "figures.html" for section in sections)
    title = f"{comparison.old.label} -> {comparison.new.label}"
    return written(title, comparison.version, sections, undrawn=undrawn)


def _summary(job: _Job) -> Iterator[Section]:
    yield Section("summary", "Summary", "diff_summary.html", summary(job.comparison))


def _layers(job: _Job) -> Iterator[Section]:
    if job.changes.lines or job.changes.followers:
        yield Section("layers", "Layers", "diff_layers.html", job.changes)


def _renames(job: _Job) -> Iterator[Section]:
    if job.comparison.renames:
        yield Section("renames", "Renames", "diff_renames.html", renames(job.comparison))


def _findings(job: _Job) -> Iterator[Section]:
    yield Section("findings", "Findings", "diff_findings.html", findings(job.comparison.findings, job.changes.anchors))


def _costs(job: _Job) -> Iterator[Section]:
    plots = (by_stage(job.comparison), by_kind(job.comparison))
    shown = tuple(plot for plot in plots if plot is not None)
    if shown:
        yield Section("costs", "Where the costs moved", "figures.html", shown)


def _field(job: _Job) -> Iterator[Section]:
    plot = fields(job.comparison)
    if plot is not None:
        yield Section("field", "Receptive field", "figures.html", (plot,))


SECTIONS: tuple[Callable[[_Job], Iterator[Section]], ...] = (_summary, _layers, _renames, _findings, _costs, _field)
"""In the order of the page."""
