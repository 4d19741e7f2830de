"""`netadvise lint`, `netadvise baseline ...` and `netadvise config show`, as typer sees them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from netadvise.cli import given
from netadvise.errors import ExitCode

Job = Callable[[], ExitCode]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(lint)
    baseline = typer.Typer(help="Accept the findings that are there now, and see only new ones.")
    baseline.callback(invoke_without_command=True)(_group)
    baseline.command()(create)
    baseline.command()(update)
    baseline.command()(prune)
    app.add_typer(baseline, name="baseline")
    config = typer.Typer(help="The settings that count here.")
    config.callback(invoke_without_command=True)(_group)
    config.command()(show)
    app.add_typer(config, name="config")


def lint(
    targets: given.Targets = None,
    inputs: given.Inputs = None,
    arguments: given.Arguments = None,
    saved: Annotated[
        str | None,
        typer.Option("--from", metavar="PROFILE.json", help="Check a saved profile; needs neither model nor torch."),
    ] = None,
    rules: given.Rules = None,
    select: given.Select = None,
    extend_select: given.ExtendSelect = None,
    ignore: given.Ignore = None,
    rule_options: given.RuleOptions = None,
    context: given.Context = None,
    severity: Annotated[
        list[str] | None,
        typer.Option("--severity", metavar="RULE=WORD", help="Count a rule as error, warning or advice."),
    ] = None,
    fail_on: Annotated[
        str | None,
        typer.Option(metavar="SEVERITY", help="Exit with 1 from here: error, warning (default), advice or never."),
    ] = None,
    shown: Annotated[
        str | None,
        typer.Option("--show", metavar="SEVERITY", help="Show findings from here; default: advice, that is all."),
    ] = None,
    baseline: given.BaselineFile = None,
    no_suppress: Annotated[
        bool, typer.Option("--no-suppress", help="Let findings count that comments, layer-ignores or a baseline hide.")
    ] = False,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT[:FILE]",
            help="text, concise, json, sarif, github, gitlab, junit, markdown or html; may be repeated.",
        ),
    ] = None,
    diff: given.Diff = False,
    fix: given.Fix = False,
    unsafe_fixes: given.UnsafeFixes = False,
    statistics: Annotated[bool, typer.Option("--statistics", help="Count findings per rule.")] = False,
    timings: Annotated[bool, typer.Option("--timings", help="Show the time that each rule took.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Also say what could not be evaluated, and why.")
    ] = False,
    config_file: given.ConfigFile = None,
    isolated: given.Isolated = False,
    no_cache: given.NoCache = False,
    timeout: given.Timeout = 300.0,
    memory_limit: given.MemoryLimit = None,
    in_process: given.InProcess = False,
    quiet: given.Quiet = False,
    debug: given.Debug = False,
) -> Job:
    """Check models against rules: mistakes in the architecture, found without training it."""
    from netadvise.cli.lint import Options, run_lint

    options = Options(
        targets=tuple(targets or ()),
        inputs=tuple(text.removeprefix("=") for text in inputs or ()),
        arguments=tuple(arguments or ()),
        saved=saved,
        rules=tuple(rules or ()),
        select=tuple(select or ()),
        extend_select=tuple(extend_select or ()),
        ignore=tuple(ignore or ()),
        rule_options=tuple(rule_options or ()),
        context=tuple(context or ()),
        severity=tuple(severity or ()),
        fail_on=fail_on,
        shown=shown,
        baseline=baseline,
        no_suppress=no_suppress,
        formats=tuple(formats or ()),
        statistics=statistics,
        timings=timings,
        verbose=verbose,
        config_file=config_file,
        isolated=isolated,
        no_cache=no_cache,
        timeout=timeout,
        memory_limit=memory_limit,
        in_process=in_process,
        quiet=quiet,
        diff=diff,
        fix=fix,
        unsafe_fixes=unsafe_fixes,
    )
    return lambda: run_lint(options)


def create(
    targets: given.Targets = None,
    inputs: given.Inputs = None,
    arguments: given.Arguments = None,
    file: given.BaselineFile = None,
    config_file: given.ConfigFile = None,
    debug: given.Debug = False,
) -> Job:
    """Write the findings that are there now into a new baseline."""
    return _baseline("create", targets, inputs, arguments, file, config_file)


def update(
    targets: given.Targets = None,
    inputs: given.Inputs = None,
    arguments: given.Arguments = None,
    file: given.BaselineFile = None,
    config_file: given.ConfigFile = None,
    debug: given.Debug = False,
) -> Job:
    """Make the baseline hold what is there now: new findings come in, gone ones go out."""
    return _baseline("update", targets, inputs, arguments, file, config_file)


def prune(
    targets: given.Targets = None,
    inputs: given.Inputs = None,
    arguments: given.Arguments = None,
    file: given.BaselineFile = None,
    config_file: given.ConfigFile = None,
    debug: given.Debug = False,
) -> Job:
    """Take out of the baseline what is gone; nothing comes in."""
    return _baseline("prune", targets, inputs, arguments, file, config_file)


def show(
    targets: given.Targets = None,
    config_file: given.ConfigFile = None,
    isolated: given.Isolated = False,
    debug: given.Debug = False,
) -> Job:
    """Print the settings that count for TARGET, or for the working folder, and the file they come from."""
    from netadvise.cli.config import run_show

    return lambda: run_show(tuple(targets or ()), config_file, isolated=isolated)


def _baseline(
    change: str,
    targets: list[str] | None,
    inputs: list[str] | None,
    arguments: list[str] | None,
    file: str | None,
    config_file: str | None,
) -> Job:
    from netadvise.cli.baseline import run_baseline

    given_models = tuple(targets or ()), tuple(inputs or ()), tuple(arguments or ())
    return lambda: run_baseline(change, *given_models, file, config_file)


def _group(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(ExitCode.USAGE)
