"""`netadvise suggest-kernels`, as typer sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from netadvise.cli import given, given_probe
from netadvise.errors import ExitCode

Job = Callable[[], ExitCode]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(suggest_kernels)


def suggest_kernels(
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET",
            help="model.py, model.py:Name, 'model.py:Name(depth=18)', package.module:Name, or a configured model.",
            show_default=False,
        ),
    ],
    inputs: given.Inputs = None,
    arguments: given.Arguments = None,
    layers: Annotated[
        list[str] | None,
        typer.Option("--layer", metavar="GLOB", help="Suggest only for layers of this name: 'layer3.*'."),
    ] = None,
    budget: Annotated[
        list[str] | None,
        typer.Option(
            "--budget",
            metavar="KEY=VALUE",
            help="macs=-30%, params=5M: choose a set that meets it and loses the least receptive field.",
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also alternatives of grade C, and those without a gain.")
    ] = False,
    rules: given.Rules = None,
    select: given.Select = None,
    ignore: given.Ignore = None,
    rule_options: given.RuleOptions = None,
    context: given.Context = None,
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", "-f", metavar="FORMAT[:FILE]", help="table, json, markdown or html; may be repeated."),
    ] = None,
    top: Annotated[int | None, typer.Option(min=1, help="Show only the first suggestions.")] = None,
    verbose: Annotated[
        bool,
        typer.Option("--verbose", "-v", help="Also every layer's role, and what was rejected, and why."),
    ] = False,
    diff: given.Diff = False,
    fix: given.Fix = False,
    unsafe_fixes: given.UnsafeFixes = False,
    data: given_probe.Data = None,
    effort: given_probe.Effort = None,
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
    time_limit: given_probe.TimeLimit = None,
    study_dir: given_probe.StudyDir = None,
    workers: given_probe.Workers = None,
    engine: given_probe.Engine = None,
    address: given_probe.Address = None,
    gpu_fraction: given_probe.GpuFraction = None,
    stack: given_probe.Stack = None,
    device: given_probe.Device = None,
    config_file: given.ConfigFile = None,
    isolated: given.Isolated = False,
    no_cache: given.NoCache = False,
    timeout: given.Timeout = 300.0,
    memory_limit: given.MemoryLimit = None,
    in_process: given.InProcess = False,
    quiet: given.Quiet = False,
    debug: given.Debug = False,
) -> Job:
    """Try other kernels in a model's convolutions, and say what each would change; with --data, train them as well."""
    from netadvise.cli.suggest import Options, run_suggest

    # fmt: off
    options = Options(
        target=target, inputs=tuple(text.removeprefix("=") for text in inputs or ()),
        arguments=tuple(arguments or ()), layers=tuple(layers or ()), budget=tuple(budget or ()),
        everything=everything, rules=tuple(rules or ()), select=tuple(select or ()), ignore=tuple(ignore or ()),
        rule_options=tuple(rule_options or ()), context=tuple(context or ()), formats=tuple(formats or ("table",)),
        top=top, verbose=verbose, config_file=config_file, isolated=isolated, no_cache=no_cache, timeout=timeout,
        memory_limit=memory_limit, in_process=in_process, quiet=quiet, diff=diff, fix=fix,
        unsafe_fixes=unsafe_fixes, data=data, effort=effort, loss=loss, metric=metric, optimizer=optimizer,
        learning_rate=learning_rate, weight_decay=weight_decay, batch_size=batch_size, max_steps=max_steps,
        train_step=train_step, seeds=seeds, delta=delta, time_limit=time_limit, study_dir=study_dir,
        workers=workers, engine=engine, address=address, gpu_fraction=gpu_fraction, stack=stack, device=device,
    )
    # fmt: on
    return lambda: run_suggest(options)
