"""Diffs and fixes on the command line: the diff alone on stdout, everything that is said about it on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from netadvise.api.fixing import Fixed, Restored
from netadvise.api.lint_fixes import FixedLint, LintFix, LintFixes, first_changes, lint_with_fixes
from netadvise.api.linting import LintRequest, Told
from netadvise.cli.status import StatusLine
from netadvise.errors import UsageError
from netadvise.finding import LintReport
from netadvise.render.lint import Replacement
from netadvise.render.text import plain
from netadvise.rewrite import CannotWrite, Change, Plan, Source, common_base, unified_diff


@dataclass(frozen=True, slots=True)
class Fixing:
    """What the command line of `lint` says about fixes."""

    diff: bool
    fix: bool
    unsafe: bool
    placed: bool
    """Whether a report shows where each fix changes the source."""
    saved: str | None
    quiet: bool


def lint_and_fix(
    request: LintRequest, asked: Fixing, status: StatusLine, tell: Told
) -> tuple[LintReport, Mapping[tuple[str, str], tuple[Replacement, ...]]]:
    """Lint, and show or write the fixes; the report, and by model and rule where a fix changes the source."""
    check_choice(diff=asked.diff, fix=asked.fix, unsafe=asked.unsafe, saved=asked.saved)
    since = recorded_at(asked.saved)
    done = lint_with_fixes(request, unsafe=asked.unsafe, write=asked.fix, since_ns=since, watch=status, tell=tell)
    status.clear()
    if asked.diff:
        write_diff(done.fixes.plan)
    if asked.diff or asked.fix:
        tell_fixes(done, quiet=asked.quiet)
    changes = first_changes(done.verdict, since_ns=None if asked.fix else since) if asked.placed else {}
    return done.report, {key: replacements(each) for key, each in changes.items()}


def check_choice(*, diff: bool, fix: bool, unsafe: bool, saved: str | None) -> None:
    """Raises `UsageError` where the options for fixes contradict each other."""
    if diff and fix:
        raise UsageError("--diff shows what --fix would write: give one of the two")
    if unsafe and not (diff or fix):
        raise UsageError("--unsafe-fixes says which fixes --diff shows or --fix writes: give it with one of the two")
    if fix and saved is not None:
        raise UsageError("--fix runs the model again to check itself: it needs TARGET in place of --from")


def recorded_at(saved: str | None) -> int:
    """When what is known of the model was found out, at the earliest: now, or when the profile was saved."""
    if saved is None:
        return time.time_ns()
    try:
        return Path(saved).stat().st_mtime_ns
    except OSError:
        return time.time_ns()


def write_diff(plan: Plan) -> None:
    """The plan as a diff on stdout, byte for byte; where it does not apply in the working folder, stderr says where."""
    if not plan.changes:
        return
    base = common_base(plan.changes)
    if base != Path.cwd():
        tell([f"the diff applies in {base}"])
    if sys.stdout is None:
        raise UsageError("stdout is closed")
    sys.stdout.flush()
    sys.stdout.buffer.write(unified_diff(plan.changes, base))


def replacements(changes: Iterable[Change]) -> tuple[Replacement, ...]:
    """The stretches that changes exchange, as a report shows them."""
    found = []
    for change in changes:
        source = Source.of(change.file, change.before)
        for splice in change.splices:
            start, end = source.position(splice.start), source.position(splice.end)
            found.append(Replacement(change.file, start, end, splice.text))
    return tuple(found)


def tell_refused(plan: Plan, names: Sequence[str]) -> None:
    """Say which groups of edits cannot be written, and why; `names` has one name for each group."""
    tell(_refusal(names[number], reason) for number, reason in plan.refused.items())


def tell_outcome(outcome: Fixed | Restored | None) -> None:
    """Say what was written, or that nothing was, and why."""
    if isinstance(outcome, Restored):
        tell([f"nothing was changed: {outcome.reason}"])
    elif outcome is not None:
        tell(f"wrote {file}" for file in outcome.files)


def tell_fixes(done: FixedLint, *, quiet: bool) -> None:
    """Say what became of each fix of a lint report; with `quiet`, only that they had to be taken back."""
    if not quiet:
        if isinstance(done.outcome, Fixed):
            tell(f"fixed {_said(item)}: {_what(item)}" for item in done.fixes.written)
        tell(_refusal(_said(item), reason) for item, reason in done.fixes.refused)
        tell(_held_back(done.fixes))
    if isinstance(done.outcome, Restored):
        tell([f"nothing was changed: {done.outcome.reason}"])


def tell(lines: Iterable[str]) -> None:
    """Lines on stderr."""
    if sys.stderr is not None:
        for line in lines:
            sys.stderr.write(plain(line) + "\n")


def _held_back(fixes: LintFixes) -> Iterable[str]:
    if fixes.unsafe:
        count = "1 more fix changes" if fixes.unsafe == 1 else f"{fixes.unsafe} more fixes change"
        yield f"{count} the weights or what the model computes: --unsafe-fixes takes them in"


def _refusal(name: str, reason: CannotWrite) -> str:
    return f"not fixed {name}: {reason.reason}{f' (change {reason.location})' if reason.location else ''}"


def _said(item: LintFix) -> str:
    layers = [hit.layer for _, hit in item.hits]
    more = f" (+{len(layers) - 1} more)" if len(layers) > 1 else ""
    place = f"{item.location} " if item.location is not None else ""
    return f"{place}{item.finding.rule} {item.finding.name} {layers[0]}{more}"


def _what(item: LintFix) -> str:
    return "" if item.finding.fix is None else item.finding.fix.text
