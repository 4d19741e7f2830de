"""`netadvise diff`, as typer sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from netadvise.cli import given
from netadvise.errors import ExitCode

Job = Callable[[], ExitCode]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(diff)


def diff(
    targets: Annotated[
        list[str],
        typer.Argument(
            metavar="OLD NEW",
            help="Each a target (model.py:Net), a configured model, or a saved profile.json; with --base one target.",
            show_default=False,
        ),
    ],
    base: Annotated[
        str | None, typer.Option("--base", metavar="REV", help="OLD is the target at this git revision: origin/main.")
    ] = None,
    inputs: given.Inputs = None,
    arguments: given.Arguments = None,
    fail_if: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-if",
            metavar="CONDITION",
            help="Exit with 1 when it holds: 'params > +5%', 'macs > 5G', 'new_errors > 0'; may be repeated.",
        ),
    ] = None,
    rules: given.Rules = None,
    select: given.Select = None,
    ignore: given.Ignore = None,
    rule_options: given.RuleOptions = None,
    context: given.Context = None,
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", "-f", metavar="FORMAT[:FILE]", help="table, json, markdown or html; may be repeated."),
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Every layer on a line of its own, and those that follow, too.")
    ] = False,
    config_file: given.ConfigFile = None,
    isolated: given.Isolated = False,
    no_cache: given.NoCache = False,
    timeout: given.Timeout = 300.0,
    memory_limit: given.MemoryLimit = None,
    quiet: given.Quiet = False,
    debug: given.Debug = False,
) -> Job:
    """Compare two models layer by layer: what was edited, what that changes, and which findings are new."""
    from netadvise.cli.diff import Options, run_diff

    options = Options(
        targets=tuple(targets),
        base=base,
        inputs=tuple(text.removeprefix("=") for text in inputs or ()),
        arguments=tuple(arguments or ()),
        fail_if=tuple(fail_if or ()),
        rules=tuple(rules or ()),
        select=tuple(select or ()),
        ignore=tuple(ignore or ()),
        rule_options=tuple(rule_options or ()),
        context=tuple(context or ()),
        formats=tuple(formats or ("table",)),
        verbose=verbose,
        config_file=config_file,
        isolated=isolated,
        no_cache=no_cache,
        timeout=timeout,
        memory_limit=memory_limit,
        quiet=quiet,
    )
    return lambda: run_diff(options)
