"""The report for a terminal: one line of numbers for each suggestion, and below it what to change, why, and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from netadvise.edit import Affected
from netadvise.evidence import Study
from netadvise.render.evidence.study import setting
from netadvise.render.evidence.subject import KERNELS
from netadvise.render.evidence.table import table as studied
from netadvise.render.paragraphs import GAP, Statement, aligned, line, said, widths_of
from netadvise.render.suggestions import wording
from netadvise.render.suggestions.summary import heading, summary
from netadvise.render.suggestions.training import beside, outcome
from netadvise.render.suggestions.view import Numbered, SuggestView, numbered, within
from netadvise.render.text import counted, plain
from netadvise.suggestion import LayerRole, SuggestionReport

_HEADER = ("#", "layer", "params", "MACs", "field", "changes")
_RIGHT = (0, 2, 3)
_SHOWN = 3


def table(report: SuggestionReport, view: SuggestView) -> str:
    """The heading, the suggestions best first, and what is to be said about all of them."""
    items = numbered(report)
    shown = within(items, view)
    lines = [*said(heading(report), view.width), ""]
    if view.verbose:
        lines += [*_roles(report.roles), ""]
    lines += [*_suggestions(shown, report, view), ""]
    if len(shown) < len(items):
        lines += [f"{counted(len(items) - len(shown), 'suggestion')} not shown (--top)", ""]
    if report.study is not None:
        lines += _study(report.study, view)
    return "\n".join([*lines, *said(summary(report, view), view.width), ""])


def _study(study: Study, view: SuggestView) -> Iterator[str]:
    sections = (
        said(setting(study), view.width),
        studied(study, view.width, KERNELS),
        said(outcome(study, view), view.width),
    )
    for lines in map(list, sections):
        yield from (*lines, "") if lines else ()


def _suggestions(shown: Sequence[Numbered], report: SuggestionReport, view: SuggestView) -> Iterator[str]:
    if not shown:
        yield (
            "no alternative of grade A or B gains anything here" if not report.incomplete else "nothing to show so far"
        )
        return
    rows = [_cells(item, report) for item in shown]
    widths = widths_of((_HEADER, *rows))
    indent = widths[0] + GAP
    yield line(_HEADER, widths, _RIGHT)
    for item, row in zip(shown, rows, strict=True):
        yield ""
        yield line(row, widths, _RIGHT)
        yield from said(_details(item, report, view), view.width, indent)


def _cells(item: Numbered, report: SuggestionReport) -> tuple[str, ...]:
    suggestion, totals = item.suggestion, report.profile.totals
    effect = suggestion.tried.effect
    return (
        item.label,
        wording.layers(suggestion.layers),
        wording.cost(effect.params, totals.params),
        wording.cost(effect.macs, totals.macs),
        wording.field(totals.receptive_field, effect.receptive_field),
        wording.safety(suggestion),
    )


def _details(item: Numbered, report: SuggestionReport, view: SuggestView) -> Iterator[Statement]:
    suggestion = item.suggestion
    place = wording.where(suggestion)
    if place:
        yield "at", place
    yield "change", plain(suggestion.change)
    yield from beside(suggestion, report.study)
    yield "why", plain(suggestion.message)
    yield "rule", wording.rule(suggestion)
    role = next((role for role in report.roles if role.layer == suggestion.layer), None)
    if role is not None:
        yield "role", f"{wording.form(role)}: {wording.roles(role)}"
    if here := wording.field_here(report.profile, suggestion):
        yield "sees", f"{here} at the layer itself"
    if memory := wording.memory(suggestion.tried.effect.activation_bytes):
        yield "memory", f"{memory} of activations"
    yield from _behind(suggestion.tried.affected, view)


def _behind(affected: Sequence[Affected], view: SuggestView) -> Iterator[Statement]:
    """The other layers that change: those with another shape first in mind, the rest counted."""
    told = [item for item in affected if view.verbose or "output" in item.what]
    listed = told if view.verbose else told[:_SHOWN]
    for item in listed:
        yield "behind", f"{plain(item.layer)}: {plain(item.what)}"
    rest = len(affected) - len(listed)
    if listed and rest:
        yield "behind", f"and {counted(rest, 'more layer')} (-v lists them)"


def _roles(roles: Iterable[LayerRole]) -> Iterator[str]:
    """Every convolution, its form, what it is there for, and whether it follows the rule of thumb."""
    rows = [(plain(role.layer), wording.form(role), wording.roles(role), role.thumb) for role in roles]
    yield from aligned([("convolution", "form", "roles", "rule of thumb"), *rows])
