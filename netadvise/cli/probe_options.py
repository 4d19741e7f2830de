"""The probe options of a command line: those of every command that trains, and what they may be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import get_args

from netadvise.api.studies import ProbeRequest
from netadvise.errors import UsageError
from netadvise.evidence import Effort
from netadvise.study import Stacking

ENGINES = ("local", "inline", "ray")
_EFFORTS: dict[str | None, Effort] = {None: "confirm", "quick": "quick", "screen": "screen", "confirm": "confirm"}
_STACKING: dict[str | None, Stacking | None] = {None: None, "auto": "auto", "always": "always", "never": "never"}
_DEVICE = re.compile(r"cpu|mps|cuda(:\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeOptions:
    """On what to train, and how, as given."""

    data: str | None = None
    effort: str | None = None
    loss: str | None = None
    metric: str | None = None
    optimizer: str | None = None
    learning_rate: float | None = None
    weight_decay: float | None = None
    batch_size: int | None = None
    max_steps: int | None = None
    train_step: str | None = None
    seeds: int | None = None
    delta: float | None = None
    time_limit: float | None = None
    study_dir: str | None = None
    workers: int | None = None
    engine: str | None = None
    address: str | None = None
    gpu_fraction: float | None = None
    stack: str | None = None
    device: str | None = None


LIMITS = {
    "time_limit": "--time-limit",
    "workers": "--workers",
    "engine": "--engine",
    "address": "--address",
    "gpu_fraction": "--gpu-fraction",
    "stack": "--stack",
}
"""How long it may take, and where it is done: not what is found."""
RAY = {"address": "--address", "gpu_fraction": "--gpu-fraction"}
"""Which only one engine has."""
PROBE = {
    "effort": "--effort",
    "loss": "--loss",
    "metric": "--metric",
    "optimizer": "--optimizer",
    "learning_rate": "--lr",
    "weight_decay": "--weight-decay",
    "batch_size": "--batch-size",
    "max_steps": "--max-steps",
    "train_step": "--train-step",
    "seeds": "--seeds",
    "delta": "--delta",
    "study_dir": "--study-dir",
    "device": "--device",
}
"""What is trained, and how; `--data` and the limits left out."""

_RANGES: dict[str, tuple[str, Callable[[float], bool], str]] = {
    "learning_rate": ("--lr", lambda value: 0 < value < float("inf"), "a number above 0"),
    "weight_decay": ("--weight-decay", lambda value: 0 <= value < float("inf"), "a number from 0 on"),
    "batch_size": ("--batch-size", lambda value: value >= 1, "a whole number of examples from 1 on"),
    "max_steps": ("--max-steps", lambda value: value >= 1, "a whole number of steps from 1 on"),
    "seeds": ("--seeds", lambda value: value >= 2, "at least 2: one pair of runs has no spread"),
    "delta": ("--delta", lambda value: 0 < value < float("inf"), "a number above 0"),
    "time_limit": ("--time-limit", lambda value: 0 < value < float("inf"), "a number of seconds above 0"),
    "workers": ("--workers", lambda value: value >= 1, "a whole number of processes from 1 on"),
    "gpu_fraction": ("--gpu-fraction", lambda value: 0 < value <= 1, "a share of a GPU: above 0, and 1 at most"),
}
"""The numbers, and what each may be; a number that is not one is in no range."""


def check_probe(options: ProbeOptions) -> None:
    """Raises `UsageError` for a number or a word that an option cannot be."""
    for name, (flag, holds, wanted) in _RANGES.items():
        value = getattr(options, name)
        if value is not None and not holds(value):
            raise UsageError(f"{flag} {value} is not {wanted}")
    _check_words(options)


def check_needs_data(options: ProbeOptions, flags: Mapping[str, str]) -> None:
    """Raises `UsageError` for options, of those named in `flags`, that say how to train where nothing is trained."""
    if options.data is None and (unused := list(given(options, flags))):
        raise UsageError(
            f"without --data nothing is trained, which leaves no use for {', '.join(unused)}",
            hint="--data data.py:load, --data digits.npz, --data table.csv or --data images/",
        )


def given(options: ProbeOptions, flags: Mapping[str, str]) -> Iterator[str]:
    """The flags of options that are set."""
    for name, flag in flags.items():
        value = getattr(options, name)
        if not (value is None or value is False or value == ()):  # 0.0 is given, and equals False
            yield flag


def probe_request(options: ProbeOptions) -> ProbeRequest:
    """What to train, from options that are checked."""
    return ProbeRequest(
        data=options.data or "",
        effort=_EFFORTS[options.effort],
        loss=options.loss,
        metric=options.metric,
        optimizer=options.optimizer,
        learning_rate=options.learning_rate,
        weight_decay=options.weight_decay,
        batch_size=options.batch_size,
        max_steps=options.max_steps,
        train_step=options.train_step,
        seeds=options.seeds,
        delta=options.delta,
        time_limit=options.time_limit,
        study_dir=options.study_dir,
        workers=options.workers,
        engine=options.engine,
        address=options.address,
        gpu_fraction=options.gpu_fraction,
        stack=_STACKING[options.stack],
        device=options.device or "cpu",
    )


def _check_words(options: ProbeOptions) -> None:
    _check_word(options.effort, get_args(Effort), "--effort")
    _check_word(options.engine, ENGINES, "--engine")
    _check_word(options.stack, get_args(Stacking), "--stack")
    if options.device is not None and _DEVICE.fullmatch(options.device) is None:
        raise UsageError(f"--device {options.device!r} is none of cpu, cuda, cuda:N, mps")
    _check_ray(options)
    step = options.train_step
    if step is not None and re.fullmatch(r"[^:]+:[A-Za-z_]\w*", step) is None:
        raise UsageError(
            f"--train-step {step!r} does not have the form module:function", hint="--train-step training.py:step"
        )


def _check_ray(options: ProbeOptions) -> None:
    flags = list(given(options, RAY))
    if options.engine == "ray" or (options.engine is None and options.address is not None):
        if options.device not in (None, "cpu", "cuda"):
            raise UsageError(f"--engine ray chooses the device of each run: not {options.device}", hint="--device cuda")
    elif flags and (options.engine is not None or options.data is not None):
        raise UsageError(f"{', '.join(flags)} is for --engine ray, not for --engine {options.engine or 'local'}")


def _check_word(word: str | None, choices: tuple[str, ...], flag: str) -> None:
    if word is not None and word not in choices:
        raise UsageError(f"{flag} {word!r} is none of {', '.join(choices)}")
