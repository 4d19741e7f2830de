"""The report as a comment on a pull request: the outcome first, what is convention folded away below the evidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from netadvise.dropout import DropoutReport
from netadvise.position import ExistingDropout
from netadvise.render import comment
from netadvise.render.escape import code, cut
from netadvise.render.evidence.markdown import markdown as studied
from netadvise.render.findings.wording import place
from netadvise.render.positions.rows import Row, accepted_rows, refused_rows
from netadvise.render.positions.summary import below, heading, headline, last_word, outcome, state
from netadvise.render.positions.view import DropoutView
from netadvise.render.suggestions import wording
from netadvise.render.text import counted

_EXISTING = ("existing dropout", "variant", "rate", "state", "where", "remarks")
_OFFERED = ("#", "candidate place", "where", "variant", "rates", "grade", "why")
_REFUSED = ("refused by", "places", "why")
_ROWS = 15
_SENTENCES = 10
_REMARKS = 2
_WHY = 200


def markdown(report: DropoutReport, view: DropoutView) -> str:
    """A heading with the outcome, the evidence where there is any, then the places."""
    static = report.positions
    offered, refused = accepted_rows(static.accepted), refused_rows(static.refused)
    parts = [
        f"### netadvise: {comment.text(headline(report), comment.TEXT)}",
        _list(heading(static)),
        "" if report.study is None else studied(report.study),
        _list([last_word(report)]),
        _list(outcome(report, view)),
        _table(_EXISTING, [_existing(item) for item in static.existing[:_ROWS]], len(static.existing)),
        _table(_OFFERED, [_offered(number, row) for number, row in enumerate(offered[:_ROWS], 1)], len(offered)),
        _table(_REFUSED, [_refused(row) for row in refused[:_ROWS]], len(refused)),
        _list(below(report, view)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _existing(item: ExistingDropout) -> tuple[str, ...]:
    return (
        comment.text(item.layer, comment.NAME),
        code(cut(item.variant, comment.NAME), in_table=True),
        "?" if item.rate is None else f"{item.rate:g}",
        state(item),
        code(cut(place(item.location, ""), comment.NAME), in_table=True),
        "<br>".join(comment.text(remark, comment.NAME * 2) for remark in item.remarks[:_REMARKS]),
    )


def _offered(number: int, row: Row) -> tuple[str, ...]:
    first = row.first
    return (
        str(number),
        comment.text(wording.layers(row.names), comment.NAME),
        code(cut(wording.where(first), comment.NAME), in_table=True),
        code(cut(first.variant, comment.NAME), in_table=True),
        row.rates,
        first.confidence,
        f"{comment.text(first.reason, _WHY)}<br>{comment.linked(first.rule, first.refs)}",
    )


def _refused(row: Row) -> tuple[str, ...]:
    first = row.first
    return (
        f"{comment.linked(first.rule, first.refs)} {comment.text(first.name, comment.NAME)}",
        f"{len(row.positions):,}: {comment.text(wording.listed(row.names), _WHY)}",
        f"{comment.text(first.reason, _WHY)} (grade {first.confidence})",
    )


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], count: int) -> str:
    if not rows:
        return ""
    more = f"\n\nand {counted(count - len(rows), 'more row')}" if count > len(rows) else ""
    return "\n".join(comment.table(header, rows)) + more


def _list(sentences: Iterable[tuple[str, str]]) -> str:
    return "\n".join(comment.items(sentences, _SENTENCES))
