"""What more data would tell: the effect that so many seeds can see, and how many seeds or examples would settle it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from netadvise.probe.statistics import Effect, Values

Counts = NDArray[np.int64]

POWER = 0.80
MOST_SEEDS = 1000
"""More are not worth asking for."""
_MIDDLES = (np.arange(40) + 0.5) / 40
"""Of forty equally likely parts of a distribution."""
EQUIVALENCE_LEVEL = 0.10
"""Two-sided: two one-sided tests of 5 % each."""


@dataclass(frozen=True, slots=True)
class Needed:
    """What would settle an effect, were it and its variance as they seem now."""

    seeds: int | None
    """Smallest number of seeds; None where it is settled, or no number would do with these examples."""
    examples: int | None = None
    """Where no number of seeds would do: validation examples that leave half of the variance to the seeds."""


def smallest_detectable(effect: Effect, seeds: int, level: float, among: int = 1) -> float:
    """The effect found in 80 of 100 studies of so many seeds, at a two-sided level: (t_level + t_power) x error."""
    error, half = _precision(effect, np.array([seeds]), level, among)
    return float(half[0] + stats.t.ppf(POWER, max(seeds - 1, 1)) * error[0])


def needed(effect: Effect, delta: float, level: float, among: int = 1) -> Needed:
    """How much would put 0 outside the interval of a level or, for an effect below delta, all of it within delta."""
    margin, at = _question(effect, delta, level)
    if margin <= 0 or effect.half_width(at, among) < margin:
        return Needed(None)
    seeds = np.arange(2, MOST_SEEDS + 1)
    enough = seeds[_precision(effect, seeds, at, among)[1] < margin]
    return Needed(int(enough[0])) if len(enough) else Needed(None, _examples(effect, margin, at / among))


def chance(effect: Effect, delta: float, seeds: int, level: float, among: int = 1) -> float | None:
    """The probability that the effect is settled once there are so many seeds; None where there are no fewer now.

    Settled is what excludes 0 and exceeds delta, or lies within delta. Given a variance of the seeds, the mean of all
    of them is normal around the present one, with variance / S - variance / S_then (Spiegelhalter, Freedman and
    Blackburn 1986, Controlled Clinical Trials 7:8, with a flat prior); this is averaged over what the variance may be:
    what it seems, times its degrees of freedom, over chi squared. What the examples add is taken to stay.
    """
    known, more = effect.by_seeds.degrees_of_freedom, seeds - effect.seeds
    seems = effect.by_seeds.variance * effect.seeds
    if more <= 0:
        return None
    if seems == 0:
        wide, narrow = (effect.half_width(at, among) for at in _levels(level))
        return float(abs(effect.mean) > max(wide, delta) or abs(effect.mean) + narrow < delta)
    variance = seems * known / stats.chi2.ppf(_MIDDLES, known)
    spread = np.sqrt(variance * more / (effect.seeds * seeds))
    then = (known * seems + more * variance) / (known + more) / seeds
    wide_then, narrow_then = (
        np.sqrt(then * stats.t.isf(at / 2, seeds - 1) ** 2 + effect.by_examples.allowance(at / among))
        for at in _levels(level)
    )
    beyond, within = np.maximum(wide_then, delta), np.maximum(delta - narrow_then, 0.0)
    outside = stats.norm.sf(beyond, effect.mean, spread) + stats.norm.cdf(-beyond, effect.mean, spread)
    inside = stats.norm.cdf(within, effect.mean, spread) - stats.norm.cdf(-within, effect.mean, spread)
    return float(np.mean(outside + inside))


def _levels(level: float) -> tuple[float, float]:
    return level, EQUIVALENCE_LEVEL


def _question(effect: Effect, delta: float, level: float) -> tuple[float, float]:
    """How wide half the interval may be, and at what level."""
    if abs(effect.mean) > delta:
        return abs(effect.mean), level
    return delta - abs(effect.mean), EQUIVALENCE_LEVEL


def _precision(effect: Effect, seeds: Counts, level: float, among: int) -> tuple[Values, Values]:
    """Standard errors and half widths of intervals with other numbers of seeds."""
    by_seeds = (effect.seed_variance + effect.rest_variance / effect.examples) / seeds
    by_examples = effect.example_variance / effect.examples
    quantiles = stats.t.isf(level / 2, seeds - 1), stats.t.isf(level / among / 2, effect.examples - 1)
    half = np.sqrt(by_seeds * quantiles[0] ** 2 + by_examples * quantiles[1] ** 2)
    return np.sqrt(by_seeds + by_examples), half


def _examples(effect: Effect, margin: float, level: float) -> int | None:
    """At which the examples' part of the squared half width is half of what is allowed."""
    if effect.example_variance == 0:
        return None
    quantile = float(stats.norm.isf(level / 2))
    return math.ceil(effect.example_variance * quantile**2 / (0.5 * margin**2))
