"""`netadvise suggest-dropout`, as typer sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from netadvise.cli import given
from netadvise.errors import ExitCode

Job = Callable[[], ExitCode]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(suggest_dropout)


def suggest_dropout(
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="TARGET",
            help="model.py, model.py:Name, 'model.py:Name(depth=18)', package.module:Name, or a configured model.",
            show_default=False,
        ),
    ] = None,
    inputs: given.Inputs = None,
    arguments: given.Arguments = None,
    layers: Annotated[
        list[str] | None,
        typer.Option("--layer", metavar="GLOB", help="Look only at places in layers of this name: 'features.*'."),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(metavar="DATA", help="Train on data.py:load, digits.npz, table.csv or a folder of images."),
    ] = None,
    effort: Annotated[
        str | None,
        typer.Option(metavar="WORD", help="quick, screen or confirm (default): only confirm says HELPS or HURTS."),
    ] = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="Train refused places that --layer names, too, and models that do not overfit."),
    ] = False,
    loss: Annotated[
        str | None, typer.Option(metavar="NAME", help="cross_entropy, mse_loss, or module:function.")
    ] = None,
    metric: Annotated[
        str | None, typer.Option(metavar="NAME", help="Judge by this, not by the validation loss: accuracy.")
    ] = None,
    optimizer: Annotated[str | None, typer.Option(metavar="NAME", help="A class of torch.optim: AdamW.")] = None,
    learning_rate: Annotated[float | None, typer.Option("--lr", metavar="X", help="Learning rate.")] = None,
    weight_decay: Annotated[float | None, typer.Option(metavar="X", help="Weight decay.")] = None,
    batch_size: Annotated[int | None, typer.Option(metavar="N", help="Examples in a batch.")] = None,
    max_steps: Annotated[int | None, typer.Option(metavar="N", help="The most steps of one run.")] = None,
    train_step: Annotated[
        str | None, typer.Option(metavar="MODULE:FN", help="A function that gives the loss of one batch.")
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(metavar="N", help="Fresh seeds added at each look of a confirmation; default: 4.")
    ] = None,
    delta: Annotated[
        float | None, typer.Option(metavar="X", help="The smallest effect that matters: 0.01 is a point of accuracy.")
    ] = None,
    rates: Annotated[
        list[float] | None,
        typer.Option("--rate", metavar="R", help="Try this rate in place of the usual ones; may be repeated."),
    ] = None,
    time_limit: Annotated[
        float | None, typer.Option(metavar="S", help="Stop training after so many seconds, with what is known.")
    ] = None,
    resume: Annotated[str | None, typer.Option(metavar="DIR", help="Go on with the study in this folder.")] = None,
    study_dir: Annotated[
        str | None, typer.Option(metavar="DIR", help="Keep the runs here; default: studies/ in the cache folder.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(metavar="N", help="Processes that train; default: one for each core.")
    ] = None,
    engine: Annotated[
        str | None, typer.Option(metavar="NAME", help="local (default): processes; inline: one after the other.")
    ] = None,
    device: Annotated[str | None, typer.Option(metavar="NAME", help="cpu (default), cuda, cuda:1 or mps.")] = None,
    rule_options: given.RuleOptions = None,
    context: given.Context = None,
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", "-f", metavar="FORMAT[:FILE]", help="table, json or markdown; may be repeated."),
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Also every refused place, and what could not be evaluated.")
    ] = False,
    diff: given.Diff = False,
    fix: given.Fix = False,
    unsafe_fixes: given.UnsafeFixes = False,
    config_file: given.ConfigFile = None,
    isolated: given.Isolated = False,
    no_cache: given.NoCache = False,
    timeout: given.Timeout = 300.0,
    memory_limit: given.MemoryLimit = None,
    quiet: given.Quiet = False,
    debug: given.Debug = False,
) -> Job:
    """Say where dropout is usual in a model and where it is not; with --data, train it there and say what it did."""
    from netadvise.cli.dropout import Options, run_dropout

    options = Options(
        target=target,
        inputs=tuple(text.removeprefix("=") for text in inputs or ()),
        arguments=tuple(arguments or ()),
        layers=tuple(layers or ()),
        data=data,
        effort=effort,
        force=force,
        loss=loss,
        metric=metric,
        optimizer=optimizer,
        learning_rate=learning_rate,
        weight_decay=weight_decay,
        batch_size=batch_size,
        max_steps=max_steps,
        train_step=train_step,
        seeds=seeds,
        delta=delta,
        rates=tuple(rates or ()),
        time_limit=time_limit,
        resume=resume,
        study_dir=study_dir,
        workers=workers,
        engine=engine,
        device=device,
        rule_options=tuple(rule_options or ()),
        context=tuple(context or ()),
        formats=tuple(formats or ("table",)),
        verbose=verbose,
        diff=diff,
        fix=fix,
        unsafe_fixes=unsafe_fixes,
        config_file=config_file,
        isolated=isolated,
        no_cache=no_cache,
        timeout=timeout,
        memory_limit=memory_limit,
        quiet=quiet,
    )
    return lambda: run_dropout(options)
