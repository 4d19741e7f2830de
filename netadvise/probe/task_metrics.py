"""What a user counts: accuracy or an error, one value for each example."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from torch import Tensor

from netadvise.errors import UsageError
from netadvise.probe.data_errors import user_code
from netadvise.probe.task_kinds import IGNORED, Family, Kind
from netadvise.probe.task_losses import Scores, mean_of_counted
from netadvise.probe.task_outputs import per_example

_LOWER_IS_BETTER = ("error", "loss", "mae", "mse")
"""How the names of functions begin whose values are better when they are lower."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric, in its own orientation: an error is positive, and better when lower."""

    name: str
    higher_is_better: bool
    scores: Scores
    own: bool = False
    """Whether it is a function of the user's, which gets outputs and targets as they are."""
    notes: tuple[str, ...] = ()


def named_metric(text: str | None, kind: Kind, threshold: float) -> Metric:
    """accuracy or error of classes, mae or mse of amounts; by default accuracy and mae.

    `threshold` is the output above which a label counts as given. Raises `UsageError` for other names, and for a
    metric of another kind of task.
    """
    name = text or ("mae" if kind.family == "values" else "accuracy")
    row = _TABLE.get(name)
    if row is None:
        close = get_close_matches(name, _TABLE, n=2)
        hint = f"Nearly so: {', '.join(close)}. " if close else f"Known are {', '.join(_TABLE)}. "
        own = (
            "A metric has one value for each example, so F1 or AUC is none; one of your own: --metric module:function."
        )
        raise UsageError(f"there is no metric {name}", hint=hint + own)
    if kind.family not in row.families:
        fitting = [each for each, other in _TABLE.items() if kind.family in other.families]
        raise UsageError(f"the metric {name} does not suit {kind.name}", hint=f"Take {' or '.join(fitting)}.")
    notes = ("rmse has no value for a single example: mse is taken, which orders results alike",) * (name == "rmse")
    shown = kind.accuracy if name == "accuracy" else "mse" if name == "rmse" else name
    return Metric(shown, row.higher_is_better, row.scores(kind.family, threshold), notes=notes)


def own_metric(text: str, function: Callable[..., Any]) -> Metric:
    """A metric of the user's own: higher is better unless its name begins with error, loss, mae or mse."""

    def scores(outputs: Tensor, target: Tensor) -> Tensor:
        with user_code(f"computing the metric {text}"):
            values = function(outputs, target)
        return per_example(values, len(outputs), f"the metric {text}")

    name = text.rpartition(":")[2]
    higher = not name.rpartition(".")[2].lower().startswith(_LOWER_IS_BETTER)
    said = f"{name}: {'higher' if higher else 'lower'} is taken to be better, by its name"
    return Metric(name, higher, scores, own=True, notes=(said,))


@dataclass(frozen=True, slots=True)
class _Row:
    families: frozenset[Family]
    higher_is_better: bool
    scores: Callable[[Family, float], Scores]


def _accuracy(family: Family, threshold: float) -> Scores:
    if family == "classes":
        return lambda o, t: mean_of_counted((o.argmax(dim=1) == t).float(), t != IGNORED)
    return lambda o, t: mean_of_counted(((o > threshold) == (t > 0.5)).float(), None)


def _error(family: Family, threshold: float) -> Scores:
    if family == "classes":
        return lambda o, t: mean_of_counted((o.argmax(dim=1) != t).float(), t != IGNORED)
    return lambda o, t: mean_of_counted(((o > threshold) != (t > 0.5)).float(), None)


def _absolute(_: Family, __: float) -> Scores:
    return lambda o, t: mean_of_counted((o - t).abs(), None)


def _squared(_: Family, __: float) -> Scores:
    return lambda o, t: mean_of_counted((o - t).square(), None)


_LABELS: frozenset[Family] = frozenset({"classes", "binary"})
_VALUES: frozenset[Family] = frozenset({"values"})
_TABLE = {
    "accuracy": _Row(_LABELS, True, _accuracy),
    "error": _Row(_LABELS, False, _error),
    "mae": _Row(_VALUES, False, _absolute),
    "mse": _Row(_VALUES, False, _squared),
    "rmse": _Row(_VALUES, False, _squared),
}
