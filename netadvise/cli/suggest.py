"""`netadvise suggest-kernels`: options to a request, the report to every format that was asked for, and its edits."""

from __future__ import annotations

import time
from dataclasses import dataclass

from netadvise.api.advising import Suggested
from netadvise.api.attempts import WorkerBench
from netadvise.api.linting import rule_sources
from netadvise.api.suggest_fixes import SuggestedFixes, fixes_of, written
from netadvise.api.suggesting import SuggestRequest, bench_of, suggested
from netadvise.cli.fix import check_choice, tell, tell_outcome, tell_refused, write_diff
from netadvise.cli.output import destinations, stdout_width, write_reports, write_stderr, write_stdout
from netadvise.cli.probe_options import LIMITS, PROBE, ProbeOptions, check_needs_data, check_probe, probe_request
from netadvise.cli.probe_status import ProbeStatus
from netadvise.cli.sizes import size_in_bytes
from netadvise.cli.status import StatusLine
from netadvise.cli.words import words
from netadvise.config import Config, Selection, declarations, option_settings
from netadvise.errors import ExitCode, UsageError
from netadvise.render.suggest import SUGGEST_FORMATS, SuggestView
from netadvise.render.text import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(ProbeOptions):
    """The command line of `netadvise suggest-kernels`, as given."""

    target: str
    inputs: tuple[str, ...]
    arguments: tuple[str, ...]
    layers: tuple[str, ...]
    budget: tuple[str, ...]
    everything: bool
    rules: tuple[str, ...]
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    rule_options: tuple[str, ...]
    context: tuple[str, ...]
    formats: tuple[str, ...]
    top: int | None
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


def run_suggest(options: Options) -> ExitCode:
    """Suggest and write every report; what to tell the shell."""
    _check(options)
    places = destinations(options.formats, SUGGEST_FORMATS)
    request = _request(options)
    started = time.time_ns()
    status = StatusLine(quiet=options.quiet)
    bench = bench_of(request, status)
    try:
        training = ProbeStatus(status, quiet=options.quiet, going_on="the same command goes on")
        found = suggested(request, bench, status.step, training)
    finally:
        status.clear()
    view = SuggestView(verbose=options.verbose, top=options.top)
    on_screen = SuggestView(stdout_width(), options.verbose, options.top)
    reports = [(place.file, place.renderer(found.report, view if place.file else on_screen)) for place in places]
    write_reports(reports, write_stderr if options.diff else write_stdout)
    if options.diff or options.fix:
        _fixed(found, bench, options, started)
    study = found.report.study
    stopped = found.report.interrupted or (study is not None and study.interrupted)
    return ExitCode.INTERRUPTED if stopped else ExitCode.OK


def _check(options: Options) -> None:
    check_choice(diff=options.diff, fix=options.fix, unsafe=options.unsafe_fixes, saved=None)
    if options.target.endswith(".json"):
        raise UsageError(f"{options.target}: a saved profile holds no model to try edits on", hint="Give the .py file.")
    check_probe(options)
    check_needs_data(options, PROBE | LIMITS)


def _fixed(found: Suggested, bench: WorkerBench, options: Options, since_ns: int) -> None:
    """Print or write the edits, and say on stderr what became of them."""
    if found.report.incomplete:
        tell(["nothing is written: the report is incomplete"])
        return
    if found.report.plan is not None and not found.report.plan.met:
        tell(["nothing is written: the budget is not met"])
        return
    # a diff writes nothing, so it may show what a checkpoint does not survive: nearly every other kernel
    fixes = fixes_of(found, unsafe=options.unsafe_fixes or options.diff, since_ns=since_ns)
    if options.diff:
        write_diff(fixes.plan)
    else:
        tell_outcome(written(found, fixes, bench))
    _tell(fixes, quiet=options.quiet)


def _tell(fixes: SuggestedFixes, *, quiet: bool) -> None:
    if quiet:
        return
    tell_refused(fixes.plan, [f"{item.rule} {item.layer}" for item in fixes.chosen])
    if fixes.unsafe:
        tell(
            [f"{counted(fixes.unsafe, 'edit')} left out: weights or results would change; --unsafe-fixes takes them in"]
        )
    if fixes.hurting:
        tell([f"{counted(fixes.hurting, 'edit')} left out: training shows that it HURTS"])


def _request(options: Options) -> SuggestRequest:
    own = Selection(words(options.select), (), words(options.ignore), "on the command line")
    return SuggestRequest(
        target=options.target,
        inputs=options.inputs,
        arguments=options.arguments,
        layers=words(options.layers),
        budget=words(options.budget),
        everything=options.everything,
        command=Config(
            rules=rule_sources(words(options.rules), "--rules"),
            selections=(own,),
            options=option_settings(options.rule_options),
            context=declarations(options.context),
        ),
        config_file=options.config_file,
        isolated=options.isolated,
        cache=not options.no_cache,
        timeout=options.timeout,
        memory=None if options.memory_limit is None else size_in_bytes(options.memory_limit, "--memory-limit"),
        in_process=options.in_process,
        quiet=options.quiet,
        probe=None if options.data is None else probe_request(options),
    )
