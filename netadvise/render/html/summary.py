"""The head of a page: the numbers that matter, what was recorded, and what the totals leave out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from netadvise.dossier import Dossier
from netadvise.finding import LintReport
from netadvise.profiles import Profile
from netadvise.quantity import Unknown
from netadvise.render import statements
from netadvise.render.columns import field
from netadvise.render.findings import wording
from netadvise.render.html.parts import Card, Grid, Told, grid, told
from netadvise.render.suggestions.view import numbered
from netadvise.render.text import counted, human, human_bytes, per_axis
from netadvise.render.view import View, rows


@dataclass(frozen=True, slots=True)
class Summary:
    """Cards, then sentences; a table where there are several models."""

    cards: tuple[Card, ...]
    sentences: Told
    notes: Told
    models: Grid | None = None


def summary(dossier: Dossier, view: View) -> Summary:
    """What a reader should see first."""
    profile, lint = dossier.profile, dossier.lint
    cards = [*(_costs(profile) if profile else ()), *_outcomes(dossier)]
    several = lint is not None and profile is None
    return Summary(
        tuple(cards),
        told(statements.heading(profile), statements.totals(profile)) if profile else Told(),
        told(_gaps(profile, view) if profile else (), (("note", note) for note in dossier.notes)),
        _models(lint) if several and lint is not None else None,
    )


def _costs(profile: Profile) -> Iterator[Card]:
    totals = profile.totals
    frozen = totals.params - totals.trainable_params
    yield Card("parameters", human(totals.params), f"{human(frozen)} frozen" if frozen else f"{totals.params:,}")
    lacking = "+?" if any(gap.quantity == "macs" for gap in totals.gaps) else ""
    yield Card("MACs", human(totals.macs) + lacking, f"{human(totals.flops)}FLOPs".replace("  ", " "))
    peak = totals.peak_activation_bytes
    told_peak = "peak unknown" if isinstance(peak, Unknown) else f"{human_bytes(peak)} at the peak of inference"
    yield Card("activations", human_bytes(totals.activation_bytes), told_peak)
    if totals.receptive_field != ():
        shapes = [item.shape[2:] for item in profile.inputs if len(item.shape) > 2]
        note = f"input {per_axis(shapes[0])}" if shapes else ""
        yield Card("receptive field", field(totals.receptive_field), note)
    yield Card("layers", f"{len(profile.layers):,}", counted(profile.modules, "module") if profile.modules else "")


def _outcomes(dossier: Dossier) -> Iterator[Card]:
    lint, kernels, dropout = dossier.lint, dossier.kernels, dossier.dropout
    if lint is not None:
        found = [finding for model in lint.models for finding in model.findings]
        yield Card("findings", f"{len(found):,}", wording.tally(found))
    if kernels is not None:
        first = sum(item.suggestion.best for item in numbered(kernels))
        yield Card("kernel suggestions", f"{first:,}", "costs measured")
    if dropout is not None:
        accepted, study = dropout.positions.accepted, dropout.study
        note = "convention, not evidence" if study is None else counted(len(study.evidence), "arm") + " trained"
        yield Card("places for dropout", f"{len(accepted):,}", note)


def _gaps(profile: Profile, view: View) -> Iterator[tuple[str, str]]:
    shown = rows(profile, view)
    yield from statements.gaps(profile)
    yield from statements.conventions(shown)
    yield from statements.remarks(profile, view, shown)
    yield from statements.second_opinion(view.opinion)


def _models(report: LintReport) -> Grid:
    header = ("model", "input", "parameters", "MACs", "receptive field", "findings")
    lines = []
    for model in report.models:
        totals = model.profile.totals
        sizes = field(totals.receptive_field)
        found = wording.tally(model.findings)
        lines.append((model.model, wording.inputs(model), human(totals.params), human(totals.macs), sizes, found))
    lines += [(name, "", "", "", "", f"could not be checked: {message}") for name, message in report.failed.items()]
    return grid(header, lines, ("parameters", "MACs", "receptive field"))
