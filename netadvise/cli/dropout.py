"""`netadvise suggest-dropout`: options to a request, the report to every format, and what was found into the source."""

from __future__ import annotations

import shlex
import time
from dataclasses import dataclass

from netadvise.api.dropout import DropoutRequest, dropout_report, plan_dropouts, write_dropouts
from netadvise.cli.dropout_options import Options, check
from netadvise.cli.fix import tell, tell_outcome, tell_refused, write_diff
from netadvise.cli.output import destinations, stdout_width, write_reports, write_stderr, write_stdout
from netadvise.cli.probe_options import probe_request
from netadvise.cli.probe_status import ProbeStatus
from netadvise.cli.sizes import size_in_bytes
from netadvise.cli.status import StatusLine
from netadvise.cli.words import words
from netadvise.config import Config, declarations, option_settings
from netadvise.dropout import DropoutReport
from netadvise.errors import ExitCode
from netadvise.render.dropout import DROPOUT_FORMATS, DropoutView
from netadvise.render.text import counted

__all__ = ["Options", "run_dropout"]


@dataclass(frozen=True, slots=True)
class _Run:
    """One run of the command."""

    options: Options
    request: DropoutRequest
    report: DropoutReport
    since_ns: int


def run_dropout(options: Options) -> ExitCode:
    """Find out and write every report; what to tell the shell."""
    check(options)
    places = destinations(options.formats, DROPOUT_FORMATS)
    request, started = _request(options), time.time_ns()
    status = StatusLine(quiet=options.quiet)
    try:
        report = dropout_report(request, watch=status, told=ProbeStatus(status, quiet=options.quiet))
    finally:
        status.clear()
    view = DropoutView(verbose=options.verbose)
    on_screen = DropoutView(stdout_width(), options.verbose)
    reports = [(place.file, place.renderer(report, view if place.file else on_screen)) for place in places]
    write_reports(reports, write_stderr if options.diff else write_stdout)
    if options.diff or options.fix:
        _fixed(_Run(options, request, report, started))
    return _ending(report, quiet=options.quiet)


def _ending(report: DropoutReport, *, quiet: bool) -> ExitCode:
    """Say on stderr how to go on with a study that did not come to its end."""
    study = report.study
    if study is None:
        return ExitCode.OK
    if (study.stopped or study.interrupted) and study.ledger and not quiet:
        tell([f"to go on: netadvise suggest-dropout --resume {shlex.quote(study.ledger)}"])
    return ExitCode.INTERRUPTED if study.interrupted else ExitCode.OK


def _fixed(run: _Run) -> None:
    """Print or write the edits, and say on stderr what became of them."""
    options, choices = run.options, run.report.choices
    if not choices:
        tell([f"nothing is written: {_none(run.report)}"])
        return
    # a diff writes nothing, so it may show what changes the results of training
    if options.fix and not options.unsafe_fixes:
        changes = "dropout changes what the model computes in training; --unsafe-fixes takes it in"
        tell([f"nothing is written: {counted(len(choices), 'edit')} left out: {changes}"])
        return
    groups = [choice.edits for choice in choices]
    plan = plan_dropouts(run.request, groups, since_ns=run.since_ns)
    if options.diff:
        write_diff(plan)
    else:
        tell_outcome(write_dropouts(run.request, groups, plan))
    if not options.quiet:
        names = [choice.name for choice in choices]
        tell_refused(plan, names)
        tell(f"{names[number]}: a checkpoint of the model as it is no longer loads" for number in plan.renaming)


def _none(report: DropoutReport) -> str:
    if report.study is not None:
        return "no place was found to help"
    return "no accepted place can be edited; the report says what to do by hand"


def _request(options: Options) -> DropoutRequest:
    return DropoutRequest(
        target=options.target or "",
        inputs=options.inputs,
        arguments=options.arguments,
        layers=words(options.layers),
        command=Config(options=option_settings(options.rule_options), context=declarations(options.context)),
        config_file=options.config_file,
        isolated=options.isolated,
        cache=not options.no_cache,
        timeout=options.timeout,
        memory=None if options.memory_limit is None else size_in_bytes(options.memory_limit, "--memory-limit"),
        quiet=options.quiet,
        force=options.force,
        together=options.together,
        # of a study that goes on only the limits count
        probe=probe_request(options) if options.probing else None,
        rates=options.rates,
        resume=options.resume,
    )
