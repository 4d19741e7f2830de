"""The optimizer of all runs: by name, made by the user's function, or a LightningModule's own.

The default is Adam with a learning rate of 1e-3 and no weight decay. Adam, because its step hardly depends on the scale
of the gradients, so that one rate trains most small nets. No decay, and so not AdamW, because decay regularises, too:
a dropout that helps a net without it may do nothing for a net with it, and which of the two the user trains, only he
can say. A learning rate of the user's own recipe is always better than a default.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from netadvise.errors import UsageError
from netadvise.probe.data_errors import user_code
from netadvise.probe.task_lightning import is_lightning, lightning_optimizer

DEFAULT = "Adam"
_RATES = {"SGD": 1e-2}
"""Learning rates without `--lr`, where it is not 1e-3."""
_MOMENTUM = {"SGD": {"momentum": 0.9}}
_FUSED = frozenset(("Adam", "AdamW", "SGD"))
"""Those that torch can do in one pass over all weights: a step of a small net takes two thirds of the time."""
_REFUSED = {
    "LBFGS": "calls the model several times in a step",
    "SparseAdam": "takes sparse gradients only",
}
_OPTIMIZERS: dict[str, type[Optimizer]] = {
    name: kind
    for name, kind in vars(torch.optim).items()
    if isinstance(kind, type) and issubclass(kind, Optimizer) and kind is not Optimizer
}


@dataclass(frozen=True, slots=True)
class OptimizerPlan:
    """How an optimizer is made for a fresh model."""

    name: str
    learning_rate: float
    weight_decay: float
    build: Callable[[nn.Module], Optimizer]
    notes: tuple[str, ...] = ()


def plan_optimizer(
    text: str | None, model: nn.Module, lr: float | None, weight_decay: float | None, resolve: Callable[[str], Any]
) -> OptimizerPlan:
    """The optimizer that `text` names ("SGD", "module:function"); without it a LightningModule's own, or Adam.

    It is built once, for `model`, to see that it can be, and what its rates are. Raises `UsageError`.
    """
    if text is None and lr is None and weight_decay is None and is_lightning(model):
        optimizer, notes = lightning_optimizer(model)
        said = (f"optimizer: {type(model).__name__}.configure_optimizers", *notes)
        return _plan(optimizer, lambda net: lightning_optimizer(net)[0], said)

    def build(net: nn.Module) -> Optimizer:
        return make_optimizer(text, net.parameters(), lr, weight_decay, resolve)

    optimizer = build(model)
    momentum = optimizer.defaults.get("momentum")
    notes = (f"{type(optimizer).__name__} with momentum {momentum:g}",) if momentum else ()
    default = text is None and lr is None
    said = (*notes, *(("optimizer: Adam, the default; give --optimizer and --lr as you train",) if default else ()))
    return _plan(optimizer, build, said)


def _plan(optimizer: Optimizer, build: Callable[[nn.Module], Optimizer], notes: tuple[str, ...]) -> OptimizerPlan:
    group = optimizer.param_groups[0]
    rate, decay = float(group["lr"]), float(group.get("weight_decay") or 0.0)
    return OptimizerPlan(type(optimizer).__name__, rate, decay, build, notes)


def make_optimizer(
    text: str | None,
    params: Iterable[nn.Parameter],
    lr: float | None,
    weight_decay: float | None,
    resolve: Callable[[str], Any],
) -> Optimizer:
    """An optimizer of torch.optim by name, whatever its case, or what "module:function"(params, lr=...) returns.

    SGD has momentum 0.9 and a rate of 0.01, others 0.001; weight decay is the optimizer's own default. Raises
    `UsageError` for an unknown name, no trainable parameters, or arguments that the optimizer refuses.
    """
    trained = [parameter for parameter in params if parameter.requires_grad]
    if not trained:
        raise UsageError("the model has no trainable parameters", hint="Set requires_grad on what is to be trained.")
    given = {} if weight_decay is None else {"weight_decay": weight_decay}
    if text is not None and ":" in text:
        return _made(text, trained, given if lr is None else {"lr": lr, **given}, resolve)
    kind = _kind(text or DEFAULT)
    rate = _RATES.get(kind.__name__, 1e-3) if lr is None else lr
    try:
        make: Callable[..., Optimizer] = kind
        fused = {"fused": True} if kind.__name__ in _FUSED and all(map(torch.is_floating_point, trained)) else {}
        return make(trained, lr=rate, **_MOMENTUM.get(kind.__name__, {}), **fused, **given)
    except (TypeError, ValueError) as error:
        raise UsageError(f"the optimizer {kind.__name__} cannot be made: {error}") from None


def _made(text: str, params: list[nn.Parameter], given: dict[str, float], resolve: Callable[[str], Any]) -> Optimizer:
    with user_code(f"importing {text}"):
        function = resolve(text)
    with user_code(f"calling {text} for an optimizer", hint="It is called with the parameters, and lr= if given."):
        found = function(params, **given)
    if not isinstance(found, Optimizer):
        raise UsageError(f"{text} returned a {type(found).__name__}, not an optimizer of torch")
    return found


def _kind(text: str) -> type[Optimizer]:
    by_key = {name.lower(): kind for name, kind in _OPTIMIZERS.items()}
    kind = by_key.get(text.rpartition(".")[2].lower())
    if kind is None:
        close = [by_key[name].__name__ for name in get_close_matches(text.lower(), by_key, n=3)]
        known = f"Nearly so: {', '.join(close)}." if close else f"Known are {', '.join(sorted(_OPTIMIZERS))}."
        raise UsageError(f"torch.optim has no {text}", hint=f"{known} One of your own: --optimizer module:function.")
    if kind.__name__ in _REFUSED:
        raise UsageError(f"the optimizer {kind.__name__} {_REFUSED[kind.__name__]}: a probe cannot use it")
    return kind
