"""Effects with their intervals, in the unit of their quantity: points of accuracy, nats of loss.

Every effect is oriented: positive is better. A share such as accuracy is given in percentage points.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, isfinite, log10

from netadvise.evidence import Estimate, Evidence, Recipe
from netadvise.render.text import plain

_SHARES = ("accuracy", "error")
"""What the names of metrics between 0 and 1 end with: "pixel accuracy"."""
_NATS = ("cross_entropy", "crossentropy", "nll", "bce", "kldiv")
"""What the name of a loss has in it that is a logarithm of a probability."""
_DIGITS = 2
_MOST_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Unit:
    """How numbers of one quantity are written."""

    name: str
    """Behind a difference: "points", "nats"; empty for a quantity without a unit."""
    share: bool = False

    @property
    def scale(self) -> float:
        return 100.0 if self.share else 1.0


def unit(quantity: str, recipe: Recipe) -> Unit:
    """The unit of "loss", or of a metric."""
    if quantity != "loss":
        return Unit("points", share=True) if quantity.endswith(_SHARES) else Unit("")
    loss = recipe.loss.lower()
    return Unit("nats" if any(part in loss for part in _NATS) else f"of {plain(recipe.loss)}")


def difference(value: float | None, of: Unit, decimals: int) -> str:
    """ "+1.20", "-0.031"; "?" for what was not measured."""
    return "?" if value is None or not isfinite(value) else f"{value * of.scale:+.{decimals}f}"


def decimals(estimate: Estimate, of: Unit) -> int:
    """As many as show two digits of half the interval."""
    half = (estimate.high - estimate.low) / 2 * of.scale
    if not isfinite(half) or half <= 0:
        return _DIGITS
    return min(_MOST_DECIMALS, max(0, _DIGITS - 1 - floor(log10(half))))


def with_interval(estimate: Estimate | None, recipe: Recipe) -> str:
    """ "+1.20 [+0.40, +2.00]"; empty where there is none."""
    if estimate is None:
        return ""
    of = unit(estimate.quantity, recipe)
    places = decimals(estimate, of)
    ends = f"{difference(estimate.low, of, places)}, {difference(estimate.high, of, places)}"
    return f"{difference(estimate.effect, of, places)} [{ends}]"


def in_words(estimate: Estimate, recipe: Recipe) -> str:
    """ "+1.20 points (95 % interval +0.40 to +2.00)"."""
    of = unit(estimate.quantity, recipe)
    places = decimals(estimate, of)
    low, high = (difference(end, of, places) for end in (estimate.low, estimate.high))
    name = f" {of.name}" if of.name else ""
    effect = difference(estimate.effect, of, places)
    return f"{effect}{name} (95 % interval {low} to {high})"


def levels(estimate: Estimate, recipe: Recipe) -> str:
    """The quantity itself, of the baseline and the arm: "91.2 % -> 92.4 %"."""
    of = unit(estimate.quantity, recipe)
    return f"{level(estimate.baseline, of)} -> {level(estimate.arm, of)}"


def level(value: float | None, of: Unit) -> str:
    """A quantity as it is: "91.2 %", "0.4531"; "?" for one that is not known or not finite."""
    if value is None or not isfinite(value):
        return "?"
    return f"{100 * value:.1f} %" if of.share else f"{value:.4g}"


def size(value: float | None, of: Unit) -> str:
    """The size of an effect, without a sign: "0.80 points"; empty for none."""
    if value is None or not isfinite(value):
        return ""
    name = f" {of.name}" if of.name else ""
    return f"{abs(value) * of.scale:.2g}{name}"


def in_unit(quantity: str, recipe: Recipe) -> str:
    """The head of a column of effects: "accuracy (points)"."""
    of = unit(quantity, recipe)
    return f"{plain(quantity)} ({of.name})" if of.name else plain(quantity)


def others(arm: Evidence) -> tuple[str, ...]:
    """The quantities that the verdict is not about."""
    return tuple(dict.fromkeys(each.quantity for each in arm.estimates if each.quantity != arm.primary))
