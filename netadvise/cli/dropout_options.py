"""The command line of `netadvise suggest-dropout`: its options, and what they may be together.

static   ::= TARGET option*                         nothing is trained
probing  ::= TARGET --data D option* probe-option*  the places are trained against the network as it is
resuming ::= --resume DIR --time-limit? --workers?  a study goes on as it was begun
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import get_args

from netadvise.cli.fix import check_choice
from netadvise.errors import UsageError
from netadvise.evidence import Effort

ENGINES = ("local", "inline")
_DEVICE = re.compile(r"cpu|mps|cuda(:\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The command line, as given."""

    target: str | None
    inputs: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    data: str | None = None
    effort: str | None = None
    force: bool = False
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
    rates: tuple[float, ...] = ()
    time_limit: float | None = None
    resume: str | None = None
    study_dir: str | None = None
    workers: int | None = None
    engine: str | None = None
    device: str | None = None
    rule_options: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    formats: tuple[str, ...] = ("table",)
    verbose: bool = False
    diff: bool = False
    fix: bool = False
    unsafe_fixes: bool = False
    config_file: str | None = None
    isolated: bool = False
    no_cache: bool = False
    timeout: float = 300.0
    memory_limit: str | None = None
    quiet: bool = False

    @property
    def probing(self) -> bool:
        """Whether anything is trained."""
        return self.data is not None or self.resume is not None


_GOING_ON = {"time_limit": "--time-limit", "workers": "--workers"}
"""What may change when a study goes on: how long it may take, not what it finds."""
_PROBE = {
    "effort": "--effort",
    "force": "--force",
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
    "rates": "--rate",
    "study_dir": "--study-dir",
    "engine": "--engine",
    "device": "--device",
}
_STUDY = {
    "target": "TARGET",
    "inputs": "-i",
    "arguments": "--arg",
    "layers": "--layer",
    "data": "--data",
    "rule_options": "--option",
    "context": "--context",
} | _PROBE

_RANGES: dict[str, tuple[str, Callable[[float], bool], str]] = {
    "learning_rate": ("--lr", lambda value: 0 < value < float("inf"), "a number above 0"),
    "weight_decay": ("--weight-decay", lambda value: 0 <= value < float("inf"), "a number from 0 on"),
    "batch_size": ("--batch-size", lambda value: value >= 1, "a whole number of examples from 1 on"),
    "max_steps": ("--max-steps", lambda value: value >= 1, "a whole number of steps from 1 on"),
    "seeds": ("--seeds", lambda value: value >= 2, "at least 2: one pair of runs has no spread"),
    "delta": ("--delta", lambda value: 0 < value < float("inf"), "a number above 0"),
    "time_limit": ("--time-limit", lambda value: 0 < value < float("inf"), "a number of seconds above 0"),
    "workers": ("--workers", lambda value: value >= 1, "a whole number of processes from 1 on"),
}
"""The numbers, and what each may be; a number that is not one is in no range."""


def check(options: Options) -> None:
    """Raises `UsageError` for options that make no sense, alone or together."""
    _check_source(options)
    _check_numbers(options)
    _check_words(options)
    check_choice(diff=options.diff, fix=options.fix, unsafe=options.unsafe_fixes, saved=None)
    if (options.diff or options.fix) and not (options.probing or options.layers):
        raise UsageError(
            f"{'--diff' if options.diff else '--fix'} without --data has nothing that won: it takes what is usual at "
            "the places that --layer names",
            hint="Add --data to find out what helps, or --layer to choose.",
        )


def _check_source(options: Options) -> None:
    if options.resume is not None:
        if given := list(_given(options, _STUDY)):
            raise UsageError(
                f"--resume goes on with a study as it was begun: it takes no {', '.join(given)}",
                hint=f"--resume goes with {', '.join(_GOING_ON.values())}, -f, -v, --diff and --fix.",
            )
        return
    if options.target is None:
        raise UsageError(
            "there is no TARGET to suggest dropout for, and no --resume",
            hint="netadvise suggest-dropout model.py, or netadvise suggest-dropout --resume DIR",
        )
    if options.target.endswith(".json"):
        raise UsageError(f"{options.target}: a saved profile holds no model to edit", hint="Give the .py file.")
    if options.data is None and (given := list(_given(options, _PROBE | _GOING_ON))):
        raise UsageError(
            f"without --data nothing is trained, which leaves no use for {', '.join(given)}",
            hint="--data data.py:load, --data digits.npz, --data table.csv or --data images/",
        )


def _check_numbers(options: Options) -> None:
    for name, (flag, holds, wanted) in _RANGES.items():
        value = getattr(options, name)
        if value is not None and not holds(value):
            raise UsageError(f"{flag} {value} is not {wanted}")
    for rate in options.rates:
        if not 0 < rate < 1:
            raise UsageError(
                f"--rate {rate} is not between 0 and 1",
                hint="A rate is the share of values that is dropped; the network as it is (0) is always trained.",
            )


def _check_words(options: Options) -> None:
    _check_word(options.effort, get_args(Effort), "--effort")
    if options.engine == "ray":
        raise UsageError(
            "--engine ray comes with a later version", hint="--engine local uses the cores of this machine."
        )
    _check_word(options.engine, ENGINES, "--engine")
    if options.device is not None and _DEVICE.fullmatch(options.device) is None:
        raise UsageError(f"--device {options.device!r} is none of cpu, cuda, cuda:N, mps")
    step = options.train_step
    if step is not None and re.fullmatch(r"[^:]+:[A-Za-z_]\w*", step) is None:
        raise UsageError(
            f"--train-step {step!r} does not have the form module:function", hint="--train-step training.py:step"
        )


def _check_word(word: str | None, choices: tuple[str, ...], flag: str) -> None:
    if word is not None and word not in choices:
        raise UsageError(f"{flag} {word!r} is none of {', '.join(choices)}")


def _given(options: Options, flags: dict[str, str]) -> Iterator[str]:
    """The flags of options that are set."""
    for name, flag in flags.items():
        value = getattr(options, name)
        if not (value is None or value is False or value == ()):  # 0.0 is given, and equals False
            yield flag
