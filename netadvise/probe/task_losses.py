"""Losses by name, each giving one value for every example."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import torch
from torch import Tensor, nn

from netadvise.errors import UsageError
from netadvise.probe.data_errors import user_code
from netadvise.probe.task_kinds import IGNORED, Family
from netadvise.probe.task_outputs import per_example

Scores = Callable[[Tensor, Tensor], Tensor]
"""Outputs and targets, in the layout of their kind, to a value for each example: [N]."""

FAMILIES: dict[str, Family] = {
    "CrossEntropyLoss": "classes",
    "NLLLoss": "classes",
    "MultiMarginLoss": "classes",
    "BCEWithLogitsLoss": "binary",
    "BCELoss": "binary",
    "SoftMarginLoss": "binary",
    "MultiLabelSoftMarginLoss": "binary",
    "MSELoss": "values",
    "L1Loss": "values",
    "SmoothL1Loss": "values",
    "HuberLoss": "values",
    "PoissonNLLLoss": "values",
}
"""Losses of torch.nn that compare outputs with targets and nothing else, and what kind of targets they compare."""

_ALIASES = {
    "ce": "CrossEntropyLoss",
    "bcelogits": "BCEWithLogitsLoss",
    "binarycrossentropywithlogits": "BCEWithLogitsLoss",
    "binarycrossentropy": "BCELoss",
    "mae": "L1Loss",
}
_BY_KEY = {name.lower().removesuffix("loss"): name for name in FAMILIES} | _ALIASES


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss that was asked for, or chosen."""

    name: str
    family: Family | None
    """None for a function of the user's own, which may compare anything."""
    scores: Scores


def named_loss(text: str) -> Loss:
    """A loss of torch.nn: "CrossEntropyLoss", "cross_entropy", "CrossEntropyLoss(label_smoothing=0.1)".

    Raises `UsageError` for other names, and for arguments that the loss does not take.
    """
    name, arguments = _call(text)
    key = name.rpartition(".")[2].lower().replace("_", "").removesuffix("loss")
    known = _BY_KEY.get(key)
    if known is None:
        raise _unknown(name, key)
    return Loss(text if arguments else known, FAMILIES[known], _averaged(known, arguments, text))


def own_loss(text: str, function: Callable[..., Any]) -> Loss:
    """A loss of the user's own: called with outputs and targets, it returns a value for each example."""
    if isinstance(function, type):
        with user_code(f"making the loss {text}"):
            function = function()

    def scores(outputs: Tensor, target: Tensor) -> Tensor:
        with user_code(f"computing the loss {text}"):
            values = function(outputs, target)
        return per_example(values, len(outputs), f"the loss {text}")

    return Loss(text, None, scores)


def nll_of_probabilities() -> Loss:
    """The loss of a model that ends in a softmax: the logarithm of the probability that the right class was given."""
    nll = _averaged("NLLLoss", {}, "NLLLoss")
    smallest = torch.finfo(torch.float32).tiny
    return Loss("NLLLoss of the logarithm", "classes", lambda o, t: nll(o.clamp_min(smallest).log(), t))


def _call(text: str) -> tuple[str, dict[str, Any]]:
    """Name and literal arguments of "name" or "name(argument=literal)"."""
    if "(" not in text:
        return text.strip(), {}
    try:
        call = ast.parse(text.strip(), mode="eval").body
        if isinstance(call, ast.Call) and not call.args:
            return ast.unparse(call.func), {str(each.arg): ast.literal_eval(each.value) for each in call.keywords}
    except (SyntaxError, ValueError):
        pass
    raise UsageError(f"the loss {text} cannot be read", hint="Write it as CrossEntropyLoss(label_smoothing=0.1).")


def _unknown(name: str, key: str) -> UsageError:
    whole = f"{name} is a loss of torch.nn that needs more than outputs and targets"
    there = hasattr(nn, name) and name.endswith("Loss")
    close = [_BY_KEY[each] for each in get_close_matches(key, _BY_KEY, n=3)]
    known = f"Nearly so: {', '.join(dict.fromkeys(close))}." if close else f"Known are {', '.join(FAMILIES)}."
    own = "A loss of your own: --loss module:function; anything else: --train-step module:function."
    return UsageError(whole if there else f"there is no loss {name}", hint=own if there else f"{known} {own}")


def _averaged(name: str, arguments: dict[str, Any], text: str) -> Scores:
    """A loss of torch.nn without its own reduction, averaged over the positions of an example that count."""
    given = {key: torch.tensor(value) if isinstance(value, list) else value for key, value in arguments.items()}
    try:
        function = getattr(nn, name)(**{**given, "reduction": "none"})
    except (TypeError, ValueError) as error:
        raise UsageError(f"the loss {text} cannot be made: {error}") from None
    ignored = given.get("ignore_index", IGNORED) if FAMILIES[name] == "classes" else None

    def scores(outputs: Tensor, target: Tensor) -> Tensor:
        values: Tensor = function(outputs, target)
        return mean_of_counted(values, None if ignored is None else target != ignored)

    return scores


def mean_of_counted(values: Tensor, counted: Tensor | None) -> Tensor:
    """Means [N] of values [N, ...] over the positions that count; 0 for an example in which none does."""
    if values.dim() == 1:
        return values
    if counted is None:
        return values.flatten(1).mean(dim=1)
    mask = counted.flatten(1)
    return (values.flatten(1) * mask).sum(dim=1) / mask.sum(dim=1).clamp_min(1)
