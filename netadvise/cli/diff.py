"""`netadvise diff`: options to a request, the comparison to every format asked for, its verdict to the shell."""

from __future__ import annotations

from dataclasses import dataclass

from netadvise.api.comparing import DiffRequest, diff_targets
from netadvise.api.linting import rule_sources
from netadvise.cli.output import destinations, stdout_width, write_reports, write_stderr
from netadvise.cli.sizes import size_in_bytes
from netadvise.cli.status import StatusLine
from netadvise.cli.words import words
from netadvise.comparison import Comparison
from netadvise.config import Config, Selection, declarations, option_settings
from netadvise.errors import ExitCode, UsageError
from netadvise.quantity import Unknown
from netadvise.render.diff import DIFF_FORMATS, DiffView
from netadvise.render.text import plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The command line of `netadvise diff`, as given."""

    targets: tuple[str, ...]
    base: str | None
    inputs: tuple[str, ...]
    arguments: tuple[str, ...]
    fail_if: tuple[str, ...]
    rules: tuple[str, ...]
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    rule_options: tuple[str, ...]
    context: tuple[str, ...]
    formats: tuple[str, ...]
    verbose: bool
    config_file: str | None
    isolated: bool
    no_cache: bool
    timeout: float
    memory_limit: str | None
    quiet: bool


def run_diff(options: Options) -> ExitCode:
    """Compare and write every report; what to tell the shell."""
    places = destinations(options.formats, DIFF_FORMATS)
    request = _request(options)
    status = StatusLine(quiet=options.quiet)
    try:
        found = diff_targets(request, watch=status)
    finally:
        status.clear()
    view = DiffView(verbose=options.verbose)
    on_screen = DiffView(stdout_width(), options.verbose)
    write_reports([(place.file, place.renderer(found, view if place.file else on_screen)) for place in places])
    return _outcome(found)


def _outcome(found: Comparison) -> ExitCode:
    """2 when a condition cannot be told, since no budget is met by a guess; else 1 when one holds."""
    untold = [item for item in found.conditions if isinstance(item.holds, Unknown)]
    held = [item for item in found.conditions if item.holds is True]
    for item in held:
        write_stderr(plain(f"failed: {item.condition.text}: {item.found}") + "\n")
    for item in untold:
        write_stderr(plain(f"error: --fail-if {item.condition.text!r} cannot be told: {item.found}") + "\n")
    return ExitCode.USAGE if untold else ExitCode.FINDINGS if held else ExitCode.OK


def _request(options: Options) -> DiffRequest:
    old, new = _sides(options)
    own = Selection(words(options.select), (), words(options.ignore), "on the command line")
    return DiffRequest(
        old=old,
        new=new,
        base=options.base,
        inputs=options.inputs,
        arguments=options.arguments,
        fail_if=options.fail_if,
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
        quiet=options.quiet,
    )


def _sides(options: Options) -> tuple[str | None, str]:
    """OLD and NEW; with --base there is only NEW."""
    form = "netadvise diff OLD NEW, or netadvise diff model.py:Net --base origin/main"
    match options.targets:
        case (new,):
            return None, new
        case (old, new):
            return old, new
        case _:
            raise UsageError(
                f"diff takes two targets, or one with --base; {len(options.targets)} were given", hint=form
            )
