"""The `netadvise` command: arguments to api, text to stdout, trouble to stderr, an exit code to the shell.

A command only describes what is to be done and returns it as a function; `main` runs it outside typer, so that every
ending (an error, Ctrl-C, a closed pipe, a full disk) is met in one place.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from netadvise.cli import (
    diff_commands,
    dropout_commands,
    given,
    lint_commands,
    report_commands,
    rules_commands,
    suggest_commands,
)
from netadvise.cli.ending import finished
from netadvise.cli.shortcut import commands_of, shortcut, spelled_out
from netadvise.errors import ExitCode
from netadvise.version import __version__

Job = Callable[[], ExitCode]

app = typer.Typer(
    name="netadvise",
    help="Measures PyTorch models from their source, and checks them against rules.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def _netadvise(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", "-V", help="Print the version and stop.")] = False,
) -> None:
    if version:
        typer.echo(f"netadvise {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(ExitCode.USAGE)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(f"netadvise {__version__}")


@app.command()
def profile(
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET",
            help="model.py, model.py:Name, 'model.py:Name(depth=18)', package.module:Name, or a saved profile.json.",
            show_default=False,
        ),
    ],
    inputs: given.Inputs = None,
    arguments: given.Arguments = None,
    mode: Annotated[str, typer.Option(help="eval or train: the mode the model is recorded in.")] = "eval",
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format", "-f", metavar="FORMAT[:FILE]", help="table, json, csv, markdown or html; may be repeated."
        ),
    ] = None,
    sort: Annotated[
        str | None,
        typer.Option(help="params, macs, flops, other_ops, activation, receptive_field or name."),
    ] = None,
    top: Annotated[int | None, typer.Option(min=1, help="Show only the first rows.")] = None,
    kinds: Annotated[
        list[str] | None, typer.Option("--kind", metavar="GLOB", help="Show only layers of this kind: 'conv*'.")
    ] = None,
    names: Annotated[
        list[str] | None, typer.Option("--name", metavar="GLOB", help="Show only layers of this name: 'layer1.*'.")
    ] = None,
    depth: Annotated[int | None, typer.Option(min=1, help="Sum up the layers below this depth of the tree.")] = None,
    width: Annotated[int | None, typer.Option(min=40, help="Columns of the table; default: the terminal's.")] = None,
    timeout: given.Timeout = 300.0,
    memory_limit: given.MemoryLimit = None,
    in_process: given.InProcess = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 when a total leaves anything out.")] = False,
    second_opinion: Annotated[
        bool, typer.Option("--second-opinion", help="Let fvcore count, too, and explain each difference.")
    ] = False,
    graph: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the recorded graph, as JSON, to FILE.")
    ] = None,
    quiet: given.Quiet = False,
    debug: given.Debug = False,
) -> Job:
    """Record one forward pass of a model and measure it: every layer, nothing trained, no weights needed."""
    from netadvise.cli.profile import Options, run_profile

    options = Options(
        target=target,
        inputs=tuple(text.removeprefix("=") for text in inputs or ()),
        arguments=tuple(arguments or ()),
        mode=mode,
        formats=tuple(formats or ("table",)),
        sort=sort,
        top=top,
        kinds=tuple(kinds or ()),
        names=tuple(names or ()),
        depth=depth,
        width=width,
        timeout=timeout,
        memory_limit=memory_limit,
        in_process=in_process,
        strict=strict,
        second_opinion=second_opinion,
        graph=graph,
        quiet=quiet,
    )
    return lambda: run_profile(options)


lint_commands.register(app)
suggest_commands.register(app)
dropout_commands.register(app)
diff_commands.register(app)
report_commands.register(app)
rules_commands.register(app)


def main() -> None:
    """Run the command line of this process and exit with one of the documented codes."""
    raise SystemExit(finished(_run, debug="--debug" in sys.argv))


def _run() -> int:
    words = spelled_out(sys.argv[1:])
    command = shortcut(commands_of(app), words)
    if command is None:
        job: object = typer.main.get_command(app).main(words, prog_name="netadvise", standalone_mode=False)
    else:
        job = command()
    done = job() if callable(job) else job
    return done if isinstance(done, int) else ExitCode.OK
