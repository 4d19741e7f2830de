"""`netadvise report`: options to a request, everything that is known of the network to one page."""

from __future__ import annotations

from dataclasses import dataclass

from netadvise.api.linting import rule_sources
from netadvise.api.reporting import ReportRequest, reported
from netadvise.cli.fix import tell
from netadvise.cli.output import writable, write_file, write_stdout
from netadvise.cli.sizes import size_in_bytes
from netadvise.cli.status import StatusLine
from netadvise.cli.words import words
from netadvise.config import Config, Selection, declarations, option_settings
from netadvise.errors import ExitCode
from netadvise.render.html import page
from netadvise.render.html.drawing import can_draw
from netadvise.render.text import human_bytes

_UNDRAWN = "the plots are left out, their tables stand in their place: pip install 'netadvise[report]' draws them"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The command line of `netadvise report`, as given."""

    target: str
    output: str
    inputs: tuple[str, ...]
    arguments: tuple[str, ...]
    no_suggest: bool
    rules: tuple[str, ...]
    select: tuple[str, ...]
    extend_select: tuple[str, ...]
    ignore: tuple[str, ...]
    rule_options: tuple[str, ...]
    context: tuple[str, ...]
    config_file: str | None
    isolated: bool
    no_cache: bool
    timeout: float
    memory_limit: str | None
    in_process: bool
    quiet: bool


def run_report(options: Options) -> ExitCode:
    """Find out and write the page; what to tell the shell."""
    file = None if options.output == "-" else writable(options.output)
    status = StatusLine(quiet=options.quiet)
    try:
        dossier = reported(_request(options), watch=status, told=status.step)
    finally:
        status.clear()
    text = page(dossier)
    if file is None:
        write_stdout(text)
    else:
        write_file(file, text)
    if not options.quiet:
        tell([_UNDRAWN] if not can_draw() else [])
        tell([] if file is None else [f"wrote {file} ({human_bytes(len(text.encode()))})"])
    interrupted = dossier.kernels is not None and dossier.kernels.interrupted
    return ExitCode.INTERRUPTED if interrupted else ExitCode.OK


def _request(options: Options) -> ReportRequest:
    own = Selection(words(options.select), words(options.extend_select), words(options.ignore), "on the command line")
    return ReportRequest(
        target=options.target,
        inputs=options.inputs,
        arguments=options.arguments,
        kernels=not options.no_suggest,
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
    )
