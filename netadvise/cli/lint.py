"""`netadvise lint`: options to a request, the report to every format that was asked for, its verdict to the shell."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from netadvise.api.linting import LintRequest, lint_targets, project_of, rule_sources
from netadvise.check.judge import exit_code
from netadvise.cli.ending import say
from netadvise.cli.output import destinations, stdout_width, write_reports, write_stderr, write_stdout
from netadvise.cli.sizes import size_in_bytes
from netadvise.cli.status import StatusLine
from netadvise.cli.words import words
from netadvise.config import FAIL_ON, Config, Selection, declarations, from_environment, option_settings
from netadvise.errors import ExitCode, NetadviseError, UsageError
from netadvise.finding import LintReport
from netadvise.render.lint import LINT_FORMATS, LintView, Replacement, needed_files
from netadvise.rule import SEVERITIES, Severity
from netadvise.source import lines_of

W = TypeVar("W", bound=str)


_Fixes = Mapping[tuple[str, str], tuple[Replacement, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The command line of `netadvise lint`, as given."""

    targets: tuple[str, ...]
    inputs: tuple[str, ...]
    arguments: tuple[str, ...]
    saved: str | None
    rules: tuple[str, ...]
    select: tuple[str, ...]
    extend_select: tuple[str, ...]
    ignore: tuple[str, ...]
    rule_options: tuple[str, ...]
    context: tuple[str, ...]
    severity: tuple[str, ...]
    fail_on: str | None
    shown: str | None
    baseline: str | None
    no_suppress: bool
    formats: tuple[str, ...]
    statistics: bool
    timings: bool
    verbose: bool
    config_file: str | None
    isolated: bool
    no_cache: bool
    timeout: float
    memory_limit: str | None
    in_process: bool
    quiet: bool
    diff: bool
    fix: bool
    unsafe_fixes: bool


def run_lint(options: Options) -> ExitCode:
    """Lint and write every report; what to tell the shell."""
    places = destinations(options.formats or from_environment(os.environ).formats or ("text",), LINT_FORMATS)
    view = _view(options)
    request = _request(options)
    if options.verbose:
        _tell(f"configuration: {project_of(request).path or 'none'}")
    placed = any(place.renderer is LINT_FORMATS.get("sarif") for place in places)
    report, fixes = _linted(request, options, placed=placed)
    seen = replace(view, sources=_sources(report), fixes=fixes)
    on_screen = seen if options.diff else replace(seen, width=stdout_width(), color=_colors())
    reports = [(place.file, place.renderer(report, on_screen if place.file is None else seen)) for place in places]
    write_reports(reports, write_stderr if options.diff else write_stdout)
    return exit_code(report)


def _linted(request: LintRequest, options: Options, *, placed: bool) -> tuple[LintReport, _Fixes]:
    """The report, after the fixes that were asked for; with `placed`, also where each fix changes the source."""
    status = StatusLine(quiet=options.quiet)

    def tell(model: str, error: NetadviseError) -> None:
        status.clear()
        say(error, model)
        if "--debug" in sys.argv:
            sys.stderr.write("".join(getattr(error, "__notes__", ())))

    try:
        if not (placed or options.diff or options.fix or options.unsafe_fixes):
            return lint_targets(request, watch=status, tell=tell), {}
        # reading and writing source takes modules that a plain lint does without
        from netadvise.cli.fix import Fixing, lint_and_fix

        fixing = Fixing(options.diff, options.fix, options.unsafe_fixes, placed, options.saved, options.quiet)
        return lint_and_fix(request, fixing, status, tell)
    finally:
        status.clear()


def _request(options: Options) -> LintRequest:
    if options.saved is not None and (options.targets or options.inputs or options.arguments):
        raise UsageError("--from takes a saved profile in place of TARGET, -i and --arg")
    return LintRequest(
        targets=options.targets,
        inputs=options.inputs,
        arguments=options.arguments,
        saved=None if options.saved is None else Path(options.saved),
        command=_command(options),
        config_file=options.config_file,
        isolated=options.isolated,
        suppressing=not options.no_suppress,
        cache=not options.no_cache,
        timed=options.timings,
        timeout=options.timeout,
        memory=None if options.memory_limit is None else size_in_bytes(options.memory_limit, "--memory-limit"),
        in_process=options.in_process,
        quiet=options.quiet,
    )


def _command(options: Options) -> Config:
    own = Selection(words(options.select), words(options.extend_select), words(options.ignore), "on the command line")
    return Config(
        rules=rule_sources(words(options.rules), "--rules"),
        selections=(own,),
        fail_on=_word(options.fail_on, FAIL_ON, "--fail-on"),
        baseline=None if options.baseline is None else Path(options.baseline),
        severity=dict(_severity(text) for text in options.severity),
        options=option_settings(options.rule_options),
        context=declarations(options.context),
    )


def _view(options: Options) -> LintView:
    lowest = _word(options.shown, SEVERITIES, "--show") or SEVERITIES[-1]
    return LintView(
        verbose=options.verbose,
        show=frozenset(SEVERITIES[: SEVERITIES.index(lowest) + 1]),
        statistics=options.statistics,
        timings=options.timings,
        base=_base(Path.cwd()),
    )


def _severity(text: str) -> tuple[str, Severity]:
    rule, _, word = text.partition("=")
    severity = _word(word, SEVERITIES, f"--severity {rule}")
    if not rule or severity is None:
        raise UsageError(f"--severity {text!r} does not have the form RULE=WORD", hint="--severity NRM001=error")
    return rule, severity


def _word(text: str | None, choices: Sequence[W], flag: str) -> W | None:
    if text is None:
        return None
    found = next((choice for choice in choices if choice == text), None)
    if found is None:
        raise UsageError(f"{flag} {text!r} is none of {', '.join(choices)}")
    return found


def _sources(report: LintReport) -> dict[str, tuple[str, ...]]:
    """The lines of the files that findings point into, as far as they can be read."""
    found = {}
    for file in needed_files(report):
        path = Path(file)
        if path.is_file():
            found[file] = lines_of(path.read_text(encoding="utf-8", errors="replace"))
    return found


def _base(folder: Path) -> str:
    """The working folder as the top of the repository sees it."""
    tops = [os.environ.get("GITHUB_WORKSPACE", "")]
    tops += [str(above) for above in (folder, *folder.parents) if (above / ".git").exists()]
    for top in filter(None, tops):
        if folder.is_relative_to(top):
            return "" if folder == Path(top) else folder.relative_to(top).as_posix()
    return ""


def _colors() -> bool:
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout is not None and sys.stdout.isatty())


def _tell(line: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(line + "\n")
