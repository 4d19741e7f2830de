"""What a LightningModule says about its own training. The library is not imported: the methods are what counts."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from torch import nn
from torch.optim import Optimizer

from netadvise.errors import UsageError
from netadvise.probe.data_errors import user_code

_LIBRARIES = frozenset({"lightning", "pytorch_lightning", "lightning_fabric"})


def is_lightning(model: nn.Module) -> bool:
    """Whether the model has a `training_step` and a `configure_optimizers` of its own, not only the library's."""
    return all(_is_own(model, name) for name in ("training_step", "configure_optimizers"))


def _is_own(model: nn.Module, name: str) -> bool:
    owner = next((each for each in type(model).__mro__ if name in vars(each)), None)
    return owner is not None and owner.__module__.partition(".")[0] not in _LIBRARIES


def lightning_step(model: nn.Module, raw: Any, index: int) -> Any:
    """The model's own `training_step`; raises `UsageError` for one that runs its optimizers itself."""
    if not getattr(model, "automatic_optimization", True):
        raise UsageError(
            f"{type(model).__name__} optimises by hand (automatic_optimization is False)",
            hint="Give --train-step module:function, a function of model and batch that returns a loss.",
        )
    step: Any = model.training_step
    with warnings.catch_warnings():
        # without a Trainer, every self.log() warns that nothing is logged
        warnings.filterwarnings("ignore", message=".*self\\.log")
        return step(raw, index) if _takes_index(step) else step(raw)


def _takes_index(step: Any) -> bool:
    code = getattr(getattr(step, "__func__", step), "__code__", None)
    return code is None or code.co_argcount > 2 or bool(code.co_flags & 0x04)


def lightning_optimizer(model: nn.Module) -> tuple[Optimizer, tuple[str, ...]]:
    """The one optimizer of `configure_optimizers`, and notes on what is not used.

    It may return an optimizer, a list of one, `([optimizer], [schedulers])`, or a dict with "optimizer". Raises
    `UsageError` for several optimizers, or none.
    """
    name = f"{type(model).__name__}.configure_optimizers"
    with user_code(f"calling {name}"):
        configure: Any = model.configure_optimizers
        found = configure()
    optimizers, scheduled = _parts(found)
    if len(optimizers) != 1 or not isinstance(optimizers[0], Optimizer):
        what = f"{len(optimizers)} optimizers" if len(optimizers) != 1 else f"a {type(optimizers[0]).__name__}"
        raise UsageError(f"{name} returned {what}; a probe trains with one", hint="Give --optimizer and --lr.")
    unused = (f"the learning-rate schedule of {name} is not used: runs have no fixed length",) * scheduled
    return optimizers[0], unused


def _parts(found: Any) -> tuple[list[Any], bool]:
    """The optimizers, and whether there are schedulers."""
    if found is None:
        return [], False
    if isinstance(found, Mapping):
        return [found.get("optimizer")], "lr_scheduler" in found
    if not isinstance(found, (list, tuple)):
        return [found], False
    if len(found) == 2 and isinstance(found[0], (list, tuple)):
        return list(found[0]), bool(found[1])
    parts = [_parts(each) for each in found]
    return [optimizer for each, _ in parts for optimizer in each], any(scheduled for _, scheduled in parts)
