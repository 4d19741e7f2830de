"""What training found about suggestions: beside each one that was trained, and about all of them."""

from __future__ import annotations

from collections.abc import Iterator

from netadvise.evidence import Study
from netadvise.render.evidence import effects, words
from netadvise.render.evidence import study as told
from netadvise.render.evidence.subject import KERNELS
from netadvise.render.paragraphs import Statement
from netadvise.render.suggestions import wording
from netadvise.render.suggestions.view import SuggestView
from netadvise.render.text import plain
from netadvise.suggestion import Suggestion, SuggestionReport


def beside(item: Suggestion, study: Study | None) -> Iterator[Statement]:
    """What came of training this suggestion, where it was trained."""
    arm = (
        None
        if study is None or not item.best
        else next((arm for arm in study.evidence if arm.edits == item.edits), None)
    )
    if study is None or arm is None or arm.verdict == "NOT_RUN":
        return
    primary = arm.estimate(arm.primary)
    effect = "" if primary is None else f": {plain(arm.primary)} {effects.in_words(primary, study.recipe)}"
    yield "trained", f"{words.VERDICTS[arm.verdict]}{effect}"


def outcome(study: Study, view: SuggestView) -> Iterator[Statement]:
    """The verdicts, and what was not done."""
    yield from told.crashed(study, verbose=view.verbose)
    yield from told.verdicts(study, KERNELS)
    yield from told.unfinished(study, KERNELS)


def accuracy(report: SuggestionReport) -> Iterator[Statement]:
    """What is known of how well the edited networks learn."""
    if report.study is not None:
        yield "accuracy", f"{words.may_claim(report.study, KERNELS)} {wording.APART}"
        return
    if report.untrained:
        yield "untrained", plain(report.untrained)
    yield "accuracy", wording.NOT_MEASURED
