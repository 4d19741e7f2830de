"""The report as a comment on a pull request: one table, then the sentences; short enough for one comment.

GitHub takes 65,536 characters. The table holds so many rows of so many characters that every report fits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from netadvise.render.escape import code, cut, escaped
from netadvise.render.suggestions import wording
from netadvise.render.suggestions.summary import Statement, heading, summary
from netadvise.render.suggestions.view import Numbered, SuggestView, numbered, within
from netadvise.render.text import counted, plain
from netadvise.suggestion import Suggestion, SuggestionReport

_ROWS = 40
_SENTENCES = 40
_NAME = 80
_TEXT = 300
_URL = re.compile(r"https://[\w./:?&=#%+~,;@!$'*-]{1,200}")
_COLUMNS = ("#", "layer", "where", "change", "why", "params", "MACs", "field", "changes")
_RIGHT = ("#", "params", "MACs")


def markdown(report: SuggestionReport, view: SuggestView) -> str:
    """A heading, the suggestions best first, and what is to be said about all of them."""
    items = numbered(report)
    shown = within(items, view)[:_ROWS]
    first = sum(item.suggestion.best for item in shown)
    parts = [
        f"### netadvise: {counted(first, 'suggestion')} for kernels",
        "\n".join(_items(heading(report))),
        "\n".join(_table(shown, report)) if shown else "No alternative of grade A or B gains anything here.",
        f"and {len(items) - len(shown):,} more" if len(items) > len(shown) else "",
        "\n".join(_items(summary(report, view))),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(shown: Sequence[Numbered], report: SuggestionReport) -> Iterator[str]:
    yield f"| {' | '.join(_COLUMNS)} |"
    yield f"| {' | '.join('---:' if name in _RIGHT else '---' for name in _COLUMNS)} |"
    for item in shown:
        yield f"| {' | '.join(_cells(item, report))} |"


def _cells(item: Numbered, report: SuggestionReport) -> tuple[str, ...]:
    suggestion, totals = item.suggestion, report.profile.totals
    effect = suggestion.tried.effect
    return (
        item.label,
        _text(wording.layers(suggestion.layers), _NAME),
        code(cut(wording.where(suggestion), _NAME), in_table=True),
        code(cut(plain(suggestion.change), _TEXT), in_table=True),
        f"{_text(suggestion.message, _TEXT)}<br>{_rule(suggestion)}, grade {suggestion.confidence}",
        escaped(wording.cost(effect.params, totals.params)),
        escaped(wording.cost(effect.macs, totals.macs)),
        escaped(wording.field(totals.receptive_field, effect.receptive_field)),
        wording.safety(suggestion),
    )


def _rule(item: Suggestion) -> str:
    """The id, linked to the rule's first source on the web."""
    url = next((ref for ref in item.refs if _URL.fullmatch(ref)), "")
    return f"[{escaped(plain(item.rule))}]({url})" if url else escaped(plain(item.rule))


def _items(sentences: Iterable[Statement]) -> Iterator[str]:
    told = list(sentences)
    for label, sentence in told[:_SENTENCES]:
        lead = f"{escaped(label)}: " if label else ""
        yield f"{'- ' if label else '  - '}{lead}{_text(sentence, 2 * _TEXT)}"
    if len(told) > _SENTENCES:
        yield f"- and {len(told) - _SENTENCES:,} more"


def _text(text: str, most: int) -> str:
    return escaped(cut(plain(text), most))
