"""The sentences below the suggestions: all of them together, the budget, the rule of thumb, and what is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from netadvise.edit import Dropped
from netadvise.render.paragraphs import Statement
from netadvise.render.statements import subject
from netadvise.render.suggestions import thumb, training, wording
from netadvise.render.suggestions.view import SuggestView, numbered
from netadvise.render.text import counted, human, plain
from netadvise.suggestion import BudgetPlan, Combined, Suggestion, SuggestionReport


def heading(report: SuggestionReport) -> Iterator[Statement]:
    """What was looked at, and what it costs now."""
    profile, totals = report.profile, report.profile.totals
    yield from subject(report.target, profile)
    sees = wording.field(totals.receptive_field, () if totals.receptive_field == () else _zeros(report))
    yield "now", f"{human(totals.params)} parameters, {human(totals.macs)} MACs, receptive field {sees}"
    roles = Counter(name for role in report.roles for name in role.roles)
    told = ", ".join(f"{name.replace('_', ' ')} ({count})" for name, count in roles.most_common())
    yield "layers", f"{counted(len(report.roles), 'convolution')}{': ' + told if told else ''}"


def summary(report: SuggestionReport, view: SuggestView) -> Iterator[Statement]:
    """Everything below the suggestions."""
    if report.combined is not None:
        yield from _combined(report.combined, report)
    if report.plan is not None:
        yield from _plan(report.plan, report)
    for index, sentence in enumerate(thumb.judged(report.thumb)):
        yield ("thumb" if index == 0 else ""), sentence
    yield from _left_out(report, view)
    yield from _changes(report)
    yield from training.accuracy(report)


def _combined(combined: Combined, report: SuggestionReport) -> Iterator[Statement]:
    many = f"{counted(len(combined.chosen), 'suggestion')} of grade A or B ({_numbers(combined.chosen, report)})"
    if isinstance(combined.tried, Dropped):
        yield "together", f"{many} do not run together: {plain(combined.tried.reason)}"
    else:
        how = ", made at once and measured" if len(combined.chosen) > 1 else ""
        yield "together", f"{many}{how}: {wording.effect(combined.tried.effect, report.profile)}"
    for item in combined.excluded:
        yield "apart", plain(item.reason)


def _plan(plan: BudgetPlan, report: SuggestionReport) -> Iterator[Statement]:
    reached = dict(plan.reached)
    for limit in plan.limits:
        kept = "met" if reached[limit.key] <= limit.most else "NOT met"
        now = report.profile.totals.params if limit.key == "params" else report.profile.totals.macs
        amounts = f"{human(reached[limit.key])} of at most {human(limit.most)} (now {human(now)})"
        yield "budget", f"{plain(limit.text)}: {kept}, {amounts}"
    if isinstance(plan.tried, Dropped):
        yield "by", f"the chosen set does not run: {plain(plan.tried.reason)}"
        return
    if plan.tried is None:
        yield "by", "no change at all" if plan.met else "there is no alternative that saves any of it"
        return
    for item in plan.chosen:
        number = _numbers((item,), report)
        lead = f"{number}: " if number else ""
        by_rule = f"({plain(item.rule)}, grade {item.confidence})"
        yield "by", f"{lead}{wording.layers(item.layers)}: {plain(item.change)} {by_rule}"
    yield "", f"together: {wording.effect(plan.tried.effect, report.profile)}"
    yield "", _how(plan)


def _how(plan: BudgetPlan) -> str:
    if not plan.met:
        return "this is as far as the alternatives go" + (", grade C included" if plan.with_grade_c else "")
    among = "" if plan.with_grade_c else " of grade A and B"
    weighed = (
        f"of all sets{among} that meet it, the one that loses the least receptive field"
        if plan.exact
        else f"the best set{among} found; there are too many to weigh them all"
    )
    drawn = "; grade A and B alone do not meet it" if plan.with_grade_c else ""
    return f"{weighed} (losses and savings added up to choose, then measured){drawn}"


def _left_out(report: SuggestionReport, view: SuggestView) -> Iterator[Statement]:
    if report.incomplete:
        yield "INCOMPLETE", plain(report.incomplete)
    yield from _hidden(report)
    if report.rejected:
        more = "" if view.verbose else " (-v says why)"
        yield "rejected", f"{counted(len(report.rejected), 'alternative')} did not work on this network{more}"
    if report.suppressed:
        yield "silenced", f"{counted(report.suppressed, 'alternative')} by a comment or the configuration"
    if report.notes:
        more = "" if view.verbose else " (-v says why)"
        yield "unsure", f"{counted(len(report.notes), 'rule')} could not be evaluated{more}"
    if view.verbose:
        for item in report.rejected:
            yield "", f"{wording.layers(item.layers)}: {plain(item.change)} ({plain(item.rule)}): {plain(item.reason)}"
        yield from (("", plain(note)) for note in report.notes)


def _changes(report: SuggestionReport) -> Iterator[Statement]:
    """What the words of the last column mean, where they occur."""
    found = {item.safety for item in report.suggestions}
    told = [wording.CHANGES_TOLD[safety] for safety in wording.CHANGES if safety in found]
    if told:
        yield "changes", "; ".join(told)


def _hidden(report: SuggestionReport) -> Iterator[Statement]:
    """What was not shown, and what was not even tried."""
    thumbs = sum(item.confidence == "C" for item in report.hidden)
    costly = len(report.hidden) - thumbs
    if costly:
        yield "hidden", f"{counted(costly, 'alternative')} without a gain; --all shows them"
    if thumbs:
        yield "hidden", f"{counted(thumbs, 'alternative')} of grade C, rules of thumb; --all shows them"
    if report.untried:
        yield "untried", f"{counted(report.untried, 'alternative')} of grade C, rules of thumb; --all tries them"


def _numbers(items: Sequence[Suggestion], report: SuggestionReport) -> str:
    """The numbers that suggestions have in the list above; none for one that is not in it."""
    labels = {(item.suggestion.rule, item.suggestion.layers): item.label for item in numbered(report)}
    found = [labels.get((item.rule, item.layers), "-") for item in items]
    return ", ".join(label for label in found if label not in ("-", "or"))


def _zeros(report: SuggestionReport) -> tuple[int, ...]:
    field = report.profile.totals.receptive_field
    return tuple(0 for _ in field) if isinstance(field, tuple) else ()
