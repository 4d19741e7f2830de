"""`netadvise report`, as typer sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from netadvise.cli import given
from netadvise.errors import ExitCode

Job = Callable[[], ExitCode]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(report)


def report(
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET",
            help="model.py, model.py:Name, 'model.py:Name(depth=18)', package.module:Name, a configured model, or a "
            "saved profile.json.",
            show_default=False,
        ),
    ],
    output: Annotated[
        str,
        typer.Option("--output", "-o", metavar="FILE", help="The page to write: report.html; - for stdout."),
    ],
    inputs: given.Inputs = None,
    arguments: given.Arguments = None,
    no_suggest: Annotated[
        bool, typer.Option("--no-suggest", help="Try no other kernels: that takes longer than all the rest.")
    ] = False,
    rules: given.Rules = None,
    select: given.Select = None,
    extend_select: given.ExtendSelect = None,
    ignore: given.Ignore = None,
    rule_options: given.RuleOptions = None,
    context: given.Context = None,
    config_file: given.ConfigFile = None,
    isolated: given.Isolated = False,
    no_cache: given.NoCache = False,
    timeout: given.Timeout = 300.0,
    memory_limit: given.MemoryLimit = None,
    in_process: given.InProcess = False,
    quiet: given.Quiet = False,
    debug: given.Debug = False,
) -> Job:
    """Write one HTML page about a model: costs, receptive fields, findings, suggestions, places for dropout."""
    from netadvise.cli.report import Options, run_report

    options = Options(
        target=target,
        output=output,
        inputs=tuple(text.removeprefix("=") for text in inputs or ()),
        arguments=tuple(arguments or ()),
        no_suggest=no_suggest,
        rules=tuple(rules or ()),
        select=tuple(select or ()),
        extend_select=tuple(extend_select or ()),
        ignore=tuple(ignore or ()),
        rule_options=tuple(rule_options or ()),
        context=tuple(context or ()),
        config_file=config_file,
        isolated=isolated,
        no_cache=no_cache,
        timeout=timeout,
        memory_limit=memory_limit,
        in_process=in_process,
        quiet=quiet,
    )
    return lambda: run_report(options)
