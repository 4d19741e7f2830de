"""The report for a README or a pull request: GitHub's tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netadvise.profiles import Profile
from netadvise.render import statements
from netadvise.render.columns import COLUMNS
from netadvise.render.escape import escaped
from netadvise.render.view import Row, View, rows


def markdown(profile: Profile, view: View) -> str:
    """The heading, a table of the rows, then the totals and remarks as a list."""
    shown = rows(profile, view)
    after = (
        *statements.totals(profile),
        *statements.gaps(profile),
        *statements.conventions(shown),
        *statements.remarks(profile, view, shown),
        *statements.second_opinion(view.opinion),
    )
    return "\n".join([*_items(statements.heading(profile)), "", *_table(shown, profile), "", *_items(after), ""])


def _table(shown: tuple[Row, ...], profile: Profile) -> Iterator[str]:
    columns = [column for column in COLUMNS if any(column.text(row, profile.totals) for row in shown)]
    yield _line([escaped(column.header) for column in columns])
    yield _line(["---:" if column.align == "right" else "---" for column in columns])
    for row in shown:
        yield _line([escaped(column.text(row, profile.totals)) for column in columns])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _items(sentences: Iterable[tuple[str, str]]) -> Iterator[str]:
    for label, sentence in sentences:
        yield f"- {escaped(label)}: {escaped(sentence)}"
