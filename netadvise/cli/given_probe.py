"""Options of the commands that train: on what, how, and for how long."""

from __future__ import annotations

from typing import Annotated

import typer

Data = Annotated[
    str | None,
    typer.Option("--data", metavar="DATA", help="Train on data.py:load, digits.npz, table.csv or a folder of images."),
]
Effort = Annotated[
    str | None,
    typer.Option(
        "--effort", metavar="WORD", help="quick, screen or confirm (default): only confirm says HELPS or HURTS."
    ),
]
Loss = Annotated[
    str | None, typer.Option("--loss", metavar="NAME", help="cross_entropy, mse_loss, or module:function.")
]
Metric = Annotated[
    str | None,
    typer.Option("--metric", metavar="NAME", help="Judge by this, not by the validation loss: accuracy."),
]
Optimizer = Annotated[str | None, typer.Option("--optimizer", metavar="NAME", help="A class of torch.optim: AdamW.")]
LearningRate = Annotated[float | None, typer.Option("--lr", metavar="X", help="Learning rate.")]
WeightDecay = Annotated[float | None, typer.Option("--weight-decay", metavar="X", help="Weight decay.")]
BatchSize = Annotated[int | None, typer.Option("--batch-size", metavar="N", help="Examples in a batch.")]
MaxSteps = Annotated[int | None, typer.Option("--max-steps", metavar="N", help="The most steps of one run.")]
TrainStep = Annotated[
    str | None,
    typer.Option("--train-step", metavar="MODULE:FN", help="A function that gives the loss of one batch."),
]
Seeds = Annotated[
    int | None,
    typer.Option("--seeds", metavar="N", help="Fresh seeds added at each look of a confirmation; default: 4."),
]
Delta = Annotated[
    float | None,
    typer.Option("--delta", metavar="X", help="The smallest effect that matters: 0.01 is a point of accuracy."),
]
TimeLimit = Annotated[
    float | None,
    typer.Option("--time-limit", metavar="S", help="Stop training after so many seconds, with what is known."),
]
StudyDir = Annotated[
    str | None,
    typer.Option("--study-dir", metavar="DIR", help="Keep the runs here; default: studies/ in the cache folder."),
]
Workers = Annotated[
    int | None,
    typer.Option("--workers", metavar="N", help="Processes that train; default: one for each core."),
]
Engine = Annotated[
    str | None,
    typer.Option("--engine", metavar="NAME", help="local (default): processes; ray: a cluster; inline: one by one."),
]
Address = Annotated[
    str | None,
    typer.Option(
        "--address", metavar="A", help="Of the cluster: auto, host:port or ray://host:port; default: a Ray of its own."
    ),
]
GpuFraction = Annotated[
    float | None,
    typer.Option("--gpu-fraction", metavar="X", help="Of a GPU of the cluster, for one run; default: 0.25."),
]
Stack = Annotated[
    str | None,
    typer.Option(
        "--stack",
        metavar="WHEN",
        help="Train runs that differ in dropouts and seeds alone together: auto (default; where that is faster), "
        "always or never.",
    ),
]
Device = Annotated[str | None, typer.Option("--device", metavar="NAME", help="cpu (default), cuda, cuda:1 or mps.")]
