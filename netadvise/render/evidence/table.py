"""The arms of a study for a terminal: a row for each, and below it what the row has no room for."""

from __future__ import annotations

from collections.abc import Iterator

from netadvise.evidence import Study
from netadvise.render.evidence import arms
from netadvise.render.evidence.study import details
from netadvise.render.evidence.subject import DROPOUT, Subject
from netadvise.render.paragraphs import GAP, line, said, widths_of


def table(study: Study, width: int | None, subject: Subject = DROPOUT) -> Iterator[str]:
    """The lines; none where there is no arm."""
    if not study.evidence:
        return
    header = arms.header(study, subject)
    cells = [arms.cells(number, arm, study, subject) for number, arm in enumerate(study.evidence, 1)]
    widths, right = widths_of((header, *cells)), arms.right(header)
    yield line(header, widths, right)
    for arm, texts in zip(study.evidence, cells, strict=True):
        yield ""
        yield line(texts, widths, right)
        yield from said(details(arm, study.recipe), width, widths[0] + GAP)
