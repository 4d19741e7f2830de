"""The report as a comment on a pull request: one table, then the sentences; short enough for one comment.

GitHub takes 65,536 characters. The table holds so many rows of so many characters that every report fits.
"""

from __future__ import annotations

from netadvise.render import comment
from netadvise.render.escape import code, cut, escaped
from netadvise.render.evidence.markdown import markdown as studied
from netadvise.render.evidence.subject import KERNELS
from netadvise.render.suggestions import wording
from netadvise.render.suggestions.summary import heading, summary
from netadvise.render.suggestions.training import outcome
from netadvise.render.suggestions.view import Numbered, SuggestView, numbered, within
from netadvise.render.text import counted, plain
from netadvise.suggestion import SuggestionReport

_COLUMNS = ("#", "layer", "where", "change", "why", "params", "MACs", "field", "changes")
_RIGHT = ("#", "params", "MACs")


def markdown(report: SuggestionReport, view: SuggestView) -> str:
    """A heading, the suggestions best first, and what is to be said about all of them."""
    items = numbered(report)
    shown = within(items, view)[: comment.ROWS]
    first = sum(item.suggestion.best for item in shown)
    parts = [
        f"### netadvise: {counted(first, 'suggestion')} for kernels",
        "\n".join(comment.items(heading(report))),
        "\n".join(comment.table(_COLUMNS, (_cells(item, report) for item in shown), _RIGHT))
        if shown
        else "No alternative of grade A or B gains anything here.",
        f"and {len(items) - len(shown):,} more" if len(items) > len(shown) else "",
        "" if report.study is None else studied(report.study, KERNELS),
        "" if report.study is None else "\n".join(comment.items(outcome(report.study, view))),
        "\n".join(comment.items(summary(report, view))),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _cells(item: Numbered, report: SuggestionReport) -> tuple[str, ...]:
    suggestion, totals = item.suggestion, report.profile.totals
    effect = suggestion.tried.effect
    by_rule = comment.linked(suggestion.rule, suggestion.refs)
    return (
        item.label,
        comment.text(wording.layers(suggestion.layers), comment.NAME),
        code(cut(wording.where(suggestion), comment.NAME), in_table=True),
        code(cut(plain(suggestion.change), comment.TEXT), in_table=True),
        f"{comment.text(suggestion.message, comment.TEXT)}<br>{by_rule}, grade {suggestion.confidence}",
        escaped(wording.cost(effect.params, totals.params)),
        escaped(wording.cost(effect.macs, totals.macs)),
        escaped(wording.field(totals.receptive_field, effect.receptive_field)),
        wording.safety(suggestion),
    )
