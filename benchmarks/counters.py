"""One count of multiply-accumulates by each tool: a number, or why there is none."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

import netadvise
from netadvise.profiles import Profile

Args = tuple[Tensor, ...]
Kwargs = Mapping[str, Tensor]
Counter = Callable[[nn.Module, Args, Kwargs], float]


@dataclass(frozen=True, slots=True)
class Failed:
    """A tool that gave no number."""

    reason: str


def by_netadvise(model: nn.Module, args: Args, kwargs: Kwargs) -> Profile:
    """netadvise's own measure."""
    return netadvise.profile(model, kwargs or args)


def by_fvcore(model: nn.Module, args: Args, kwargs: Kwargs) -> float:
    """fvcore's FlopCountAnalysis, which counts a multiply-add as one."""
    from fvcore.nn import FlopCountAnalysis

    if kwargs:
        raise TypeError("takes tensors by position only")
    return float(FlopCountAnalysis(model, args).total())


def by_torchinfo(model: nn.Module, args: Args, kwargs: Kwargs) -> float:
    """torchinfo's total of "mult-adds"."""
    from torchinfo import summary

    given: Any = dict(kwargs) if kwargs else args
    return float(summary(model, input_data=given, verbose=0).total_mult_adds)


def by_flop_counter_mode(model: nn.Module, args: Args, kwargs: Kwargs) -> float:
    """Half of torch's FlopCounterMode, in inference on the CPU as its documentation shows it."""
    from torch.utils.flop_counter import FlopCounterMode

    counter = FlopCounterMode(display=False)
    with counter:
        model(*args, **kwargs)
    return counter.get_total_flops() / 2


OTHERS: dict[str, Counter] = {
    "fvcore": by_fvcore,
    "torchinfo": by_torchinfo,
    "FlopCounterMode": by_flop_counter_mode,
}


def counted(counter: Counter, model: nn.Module, args: Args, kwargs: Kwargs) -> float | Failed:
    """The count, or the error that the tool stopped with."""
    try:
        with torch.no_grad(), _quiet():
            return counter(model, args, kwargs)
    except Exception as error:
        return Failed(f"{type(error).__name__}: {str(error).strip().splitlines()[0]}")


@contextmanager
def _quiet() -> Any:
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(logging.NOTSET)
