"""The fixes of a lint report: what they come to as changes of the source; written, with another lint as the proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from netadvise.api.checking import Verdict
from netadvise.api.fixing import Fixed, Network, Restored, fix, named, plan_of
from netadvise.api.linting import LintRequest, Told, accepted_findings, judged, project_of
from netadvise.api.running import Watch
from netadvise.edit import Edit, Insert, Replace, SetArgs
from netadvise.finding import Finding, Hit, LintReport
from netadvise.graph import Location
from netadvise.rewrite import CannotWrite, Change, Plan


@dataclass(frozen=True, slots=True)
class LintFix:
    """What one rule wants at one place of the source: one call, which may build many layers of several models."""

    finding: Finding
    """Of the first model."""
    hits: tuple[tuple[str, Hit], ...]
    """Each with the name of its model."""
    edits: tuple[Edit, ...]

    @property
    def location(self) -> Location | None:
        return self.hits[0][1].location


@dataclass(frozen=True, slots=True)
class LintFixes:
    """The fixes of a report that may be written, in order of the findings, and what writing them comes to."""

    fixes: tuple[LintFix, ...] = ()
    plan: Plan = field(default_factory=Plan)
    unsafe: int = 0
    """How many more there are that change weights or function, and were not asked for."""

    @property
    def written(self) -> tuple[LintFix, ...]:
        return tuple(self.fixes[number] for number in self.plan.written)

    @property
    def refused(self) -> tuple[tuple[LintFix, CannotWrite], ...]:
        """Fixes that cannot be written, each with the reason and the place to change by hand."""
        found = ((self.fixes[number], reason) for number, reason in self.plan.refused.items())
        return tuple(
            (item, reason if reason.location else replace(reason, location=item.location)) for item, reason in found
        )


@dataclass(frozen=True, slots=True)
class FixedLint:
    """A lint with its fixes: of `verdict`, what they are; after writing, the verdict on the files as they are then."""

    verdict: Verdict
    fixes: LintFixes
    outcome: Fixed | Restored | None = None
    """None when nothing was to be written."""

    @property
    def report(self) -> LintReport:
        return self.verdict.report


def lint_with_fixes(
    request: LintRequest, *, unsafe: bool, write: bool, since_ns: int, watch: Watch, tell: Told
) -> FixedLint:
    """Lint, plan the fixes and, with `write`, write them and lint again.

    The files go back when a finding is still there, a new error comes or a model fails. `since_ns`: when the request
    was made, or its saved profile.
    """
    project = project_of(request)
    before = judged(request, project, accepted_findings(request, project), watch, tell)
    fixes = fixes_of(before, unsafe=unsafe, since_ns=since_ns)
    if not write or not fixes.plan.changes:
        return FixedLint(before, fixes)
    # the files have been imported in this process, if at all: only another one sees them anew
    again = replace(request, in_process=False)
    checked: list[Verdict] = []

    def verify() -> str:
        checked.append(judged(again, project, accepted_findings(again, project), watch, tell))
        return _broken(before.report, checked[0].report, fixes.written)

    outcome = fix(fixes.plan.changes, verify)
    return FixedLint(checked[0] if isinstance(outcome, Fixed) else before, fixes, outcome)


def fixes_of(verdict: Verdict, *, unsafe: bool, since_ns: int | None) -> LintFixes:
    """The fixes of a report, to be written together; those that are not `safe` only where they are asked for."""
    every = _fixes(verdict)
    chosen = [item for item in every if unsafe or (item.finding.fix and item.finding.fix.safety == "safe")]
    return LintFixes(tuple(chosen), _planned(verdict, chosen, since_ns), len(every) - len(chosen))


def first_changes(verdict: Verdict, *, since_ns: int | None) -> Mapping[tuple[str, str], tuple[Change, ...]]:
    """Model and rule -> what the fix of that finding would change at its first place, were it the only one."""
    first = {(model.model, item.rule): item.location for model in verdict.report.models for item in model.findings}
    found: dict[tuple[str, str], tuple[Change, ...]] = {}
    for item in _fixes(verdict):
        keys = {(model, item.finding.rule) for model, _ in item.hits}
        if shown := {key for key in keys if first.get(key) == item.location}:
            found |= dict.fromkeys(shown, _planned(verdict, [item], since_ns).changes)
    return found


def _planned(verdict: Verdict, fixes: Sequence[LintFix], since_ns: int | None) -> Plan:
    networks: list[Network] = [
        (_prefix(verdict, name), answer.profile, answer.facts) for name, answer in verdict.answers.items()
    ]
    return plan_of([item.edits for item in fixes], networks, since_ns)


def _prefix(verdict: Verdict, model: str) -> str:
    """What tells the modules of one model from those of the others."""
    return "" if len(verdict.answers) == 1 else model


def _fixes(verdict: Verdict) -> list[LintFix]:
    """Every fix, in order of the findings. A call that two models share has one fix: it is changed for both or none."""
    places: dict[tuple[str, Location | None], list[tuple[str, Finding, Hit]]] = {}
    for model in verdict.report.models:
        for finding in model.findings:
            for hit in finding.hits:
                places.setdefault((finding.rule, hit.location), []).append((model.model, finding, hit))
    found = []
    for entries in places.values():
        edits = tuple(
            _renamed(edit, _prefix(verdict, model)) for model, finding, hit in entries for edit in _edits(finding, hit)
        )
        if edits:
            found.append(LintFix(entries[0][1], tuple((model, hit) for model, _, hit in entries), edits))
    return found


def _edits(finding: Finding, hit: Hit) -> Sequence[Edit]:
    if hit.edits:
        return hit.edits
    return () if finding.fix is None or not finding.fix.set_args else (SetArgs(hit.layer, finding.fix.set_args),)


def _renamed(edit: Edit, network: str) -> Edit:
    """The edit of a module that goes by its network's name, too."""
    if isinstance(edit, SetArgs):
        return replace(edit, module=named(network, edit.module))
    chain = tuple(
        replace(part, type=f"like:{named(network, part.type.removeprefix('like:'))}")
        if part.type.startswith("like:")
        else part
        for part in edit.chain
    )
    if isinstance(edit, Replace):
        return Replace(named(network, edit.module), chain)
    return Insert(replace(edit.place, module=named(network, edit.place.module)), chain)


def _broken(before: LintReport, after: LintReport, written: Sequence[LintFix]) -> str:
    """Why the second lint is not what the fixes promise; empty when it is."""
    for model, message in after.failed.items():
        if model not in before.failed:
            return f"{model} fails then: {message}"
    found = dict(_found(after))
    for item in written:
        for model, hit in item.hits:
            if (model, item.finding.rule, hit.layer) in found:
                return f"{item.finding.rule} is still found at {hit.layer}"
    known = dict(_found(before))
    for key, hit in found.items():
        if hit.severity == "error" and key not in known:
            return f"{hit.rule} would be found at {hit.layer or 'the model'}: {hit.message}"
    return ""


def _found(report: LintReport) -> Iterator[tuple[tuple[str, str, str], Hit]]:
    for model in report.models:
        for finding in (*model.findings, *model.suppressed):
            for hit in finding.hits:
                yield (model.model, finding.rule, hit.layer), hit
