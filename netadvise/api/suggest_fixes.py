"""Suggestions written into the source, with another recording of the model as the proof."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from netadvise.api.advising import Suggested
from netadvise.api.attempts import WorkerBench
from netadvise.api.fixing import Fixed, Restored, fix, planned
from netadvise.api.running import respond
from netadvise.document import profile_from_document
from netadvise.edit import Dropped, Effect, Tried
from netadvise.errors import InternalError
from netadvise.measure.difference import difference
from netadvise.profiles import Profile
from netadvise.rewrite import Plan
from netadvise.suggest.ranking import going_together
from netadvise.suggestion import Suggestion, SuggestionReport


@dataclass(frozen=True, slots=True)
class SuggestedFixes:
    """The suggestions that may be written, and what writing them comes to."""

    chosen: tuple[Suggestion, ...]
    plan: Plan
    unsafe: int = 0
    """How many more there are that change weights or function, and were not asked for."""
    hurting: int = 0
    """How many first choices are left out because training showed that they hurt."""


def fixes_of(suggested: Suggested, *, unsafe: bool, since_ns: int) -> SuggestedFixes:
    """The set that goes together, or the one that meets the budget, as changes of the source.

    Of the set that goes together what was found to hurt in training is left out; a budget is met all the same.

    `since_ns`: when the run began; a file that changed since is not touched.
    """
    hurting = [] if suggested.report.plan is not None else _hurting(suggested.report)
    every = _chosen(suggested.report, hurting)
    allowed = tuple(item for item in every if unsafe or item.safety == "safe")
    answer = suggested.answer
    plan = planned([item.edits for item in allowed], answer.profile, answer.facts, since_ns=since_ns)
    return SuggestedFixes(allowed, plan, len(every) - len(allowed), len(hurting))


def _chosen(report: SuggestionReport, hurting: Sequence[Suggestion]) -> tuple[Suggestion, ...]:
    """What is written: what the budget takes where it is met, else every first choice that is shown."""
    if report.plan is not None:
        return report.plan.chosen if report.plan.met else ()
    return going_together([item for item in report.suggestions if item not in hurting], ("A", "B", "C"))[0]


def _hurting(report: SuggestionReport) -> list[Suggestion]:
    """First choices that training on the user's data speaks against."""
    arms = () if report.study is None else report.study.evidence
    found = [arm.edits for arm in arms if arm.verdict == "HURTS"]
    return [item for item in report.suggestions if item.best and item.edits in found]


def written(suggested: Suggested, fixes: SuggestedFixes, bench: WorkerBench) -> Fixed | Restored | None:
    """Write the changes; the files go back unless the model that they make costs what the tried edits promised."""
    if not fixes.plan.changes:
        return None
    edits = tuple(edit for number in fixes.plan.written for edit in fixes.chosen[number].edits)
    attempts = bench.attempt([edits], lambda *_: None)
    result = attempts.results[0] if attempts.results else Dropped(edits, attempts.stopped)
    if isinstance(result, Dropped):
        return Restored(f"the chosen edits do not run together: {result.reason}")
    return fix(fixes.plan.changes, lambda: _broken(suggested.answer.profile, result, bench))


def _broken(before: Profile, promised: Tried, bench: WorkerBench) -> str:
    """Why the written network is not what was promised; empty when it is."""
    # files that this process has imported would not be read again
    response = respond(
        replace(bench.request, facts=False), in_process=False, watch=bench.runner.watch, quiet=bench.runner.quiet
    )
    if response.profile is None:
        raise InternalError("the worker answered with neither a profile nor an error")
    found, _ = difference(before, profile_from_document(response.profile), ())
    told = [
        f"{name.replace('_', ' ')} {has} in place of {wanted}"
        for name, has, wanted in zip(_COMPARED, _values(found), _values(promised.effect), strict=True)
        if has != wanted
    ]
    return f"the written model differs from the tried one: {', '.join(told)}" if told else ""


_COMPARED = ("params", "macs", "activation_bytes", "receptive_field")


def _values(effect: Effect) -> tuple[object, ...]:
    return effect.params, effect.macs, effect.activation_bytes, effect.receptive_field
