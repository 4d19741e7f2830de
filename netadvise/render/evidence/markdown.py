"""A study in a comment on a pull request: how it was trained, and a table of its arms."""

from __future__ import annotations

from netadvise.evidence import Study
from netadvise.render import comment
from netadvise.render.evidence import arms
from netadvise.render.evidence.study import setting
from netadvise.render.evidence.subject import DROPOUT, Subject
from netadvise.render.text import counted

_ROWS = 15
_SENTENCES = 10
_WHY = 200


def markdown(study: Study, subject: Subject = DROPOUT) -> str:
    """A list and a table, as much of both as fits."""
    told = "\n".join(comment.items(setting(study), _SENTENCES))
    return "\n\n".join(part for part in (told, _table(study, subject)) if part)


def _table(study: Study, subject: Subject) -> str:
    shown = study.evidence[:_ROWS]
    if not shown:
        return ""
    header = [comment.text(name, comment.NAME) for name in (*arms.header(study, subject), "why")]
    rows = [
        (
            *(comment.text(cell, comment.NAME) for cell in arms.cells(number, arm, study, subject)),
            comment.text(arm.reason, _WHY),
        )
        for number, arm in enumerate(shown, 1)
    ]
    rest = len(study.evidence) - len(shown)
    more = f"\n\nand {counted(rest, 'more row')}" if rest else ""
    return "\n".join(comment.table(header, rows)) + more
