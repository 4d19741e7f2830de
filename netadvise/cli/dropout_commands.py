"""`netadvise suggest-dropout`, as typer sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from netadvise.cli import given, given_probe
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
    data: given_probe.Data = None,
    effort: given_probe.Effort = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="Train refused places that --layer names, too, and models that do not overfit."),
    ] = False,
    together: Annotated[
        bool, typer.Option("--together", help="Train the places that --layer names as one, not one by one.")
    ] = False,
    loss: given_probe.Loss = None,
    metric: given_probe.Metric = None,
    optimizer: given_probe.Optimizer = None,
    learning_rate: given_probe.LearningRate = None,
    weight_decay: given_probe.WeightDecay = None,
    batch_size: given_probe.BatchSize = None,
    max_steps: given_probe.MaxSteps = None,
    train_step: given_probe.TrainStep = None,
    seeds: given_probe.Seeds = None,
    delta: given_probe.Delta = None,
    rates: Annotated[
        list[float] | None,
        typer.Option("--rate", metavar="R", help="Try this rate in place of the usual ones; may be repeated."),
    ] = None,
    time_limit: given_probe.TimeLimit = None,
    resume: Annotated[str | None, typer.Option(metavar="DIR", help="Go on with the study in this folder.")] = None,
    study_dir: given_probe.StudyDir = None,
    workers: given_probe.Workers = None,
    engine: given_probe.Engine = None,
    address: given_probe.Address = None,
    gpu_fraction: given_probe.GpuFraction = None,
    stack: given_probe.Stack = None,
    device: given_probe.Device = None,
    rule_options: given.RuleOptions = None,
    context: given.Context = None,
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", "-f", metavar="FORMAT[:FILE]", help="table, json, markdown or html; may be repeated."),
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

    # fmt: off
    options = Options(
        target=target, inputs=tuple(text.removeprefix("=") for text in inputs or ()),
        arguments=tuple(arguments or ()), layers=tuple(layers or ()), data=data, effort=effort,
        force=force, together=together,
        loss=loss, metric=metric, optimizer=optimizer, learning_rate=learning_rate, weight_decay=weight_decay,
        batch_size=batch_size, max_steps=max_steps, train_step=train_step, seeds=seeds, delta=delta,
        rates=tuple(rates or ()), time_limit=time_limit, resume=resume, study_dir=study_dir, workers=workers,
        engine=engine, address=address, gpu_fraction=gpu_fraction, stack=stack, device=device,
        rule_options=tuple(rule_options or ()), context=tuple(context or ()),
        formats=tuple(formats or ("table",)), verbose=verbose, diff=diff, fix=fix, unsafe_fixes=unsafe_fixes,
        config_file=config_file, isolated=isolated, no_cache=no_cache, timeout=timeout, memory_limit=memory_limit,
        quiet=quiet,
    )
    # fmt: on
    return lambda: run_dropout(options)
