"""`baseline create|update|prune`: a file of the findings that are there now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from netadvise.api.checking import Verdict
from netadvise.api.linting import LintRequest, Told, judged, open_baseline, project_of
from netadvise.api.running import Watch
from netadvise.check.baseline import Baseline
from netadvise.errors import UsageError

DEFAULT = ".netadvise-baseline.json"
_Change = Callable[[Baseline, Verdict], Baseline]

_CHANGES: Mapping[str, _Change] = {
    "create": lambda old, verdict: verdict.now,
    "update": lambda old, verdict: old.updated(verdict.now, verdict.can_judge),
    "prune": lambda old, verdict: old.pruned(verdict.now, verdict.can_judge),
}


@dataclass(frozen=True, slots=True)
class Changed:
    """A baseline before and after."""

    path: Path
    before: Baseline
    after: Baseline
    failed: bool
    """Whether a model could not be run; what the baseline holds of it stays."""


def changed_baseline(change: str, request: LintRequest, watch: Watch, tell: Told) -> Changed:
    """The baseline as `change` would have it; nothing is written.

    Raises `UsageError` when `create` finds a baseline, or the others find none.
    """
    project = project_of(request)
    path = request.command.baseline or project.baseline or project.folder / DEFAULT
    if change == "create" and path.exists():
        raise UsageError(f"there is a baseline already: {path}", hint="netadvise baseline update, or prune")
    before = Baseline() if change == "create" else open_baseline(path)
    verdict = judged(request, project, None, watch, tell)
    return Changed(path, before, _CHANGES[change](before, verdict), bool(verdict.report.failed))
