"""The effect of an arm with its interval: seeds and validation examples both treated as random.

A difference d[s, e] between two paired runs of seed s on example e is taken as

    d[s, e] = effect + seed[s] + example[e] + rest[s, e]

a two-way random-effects layout, crossed, without replication (Searle, Casella and McCulloch, "Variance Components",
1992, chapter 4). An interval over the seeds alone would be about these validation examples only, and too narrow for new
data. Effects are oriented: positive is better. Everything here is numpy and scipy on plain arrays.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from netadvise.quantity import Unknown

Values = NDArray[np.float64]
"""[seeds, examples]: losses or metric values of paired runs; or [seeds]: their means."""

LOOK_LEVELS: Mapping[int, float] = {1: 0.05, 2: 0.027, 3: 0.018, 4: 0.016, 5: 0.014, 6: 0.0125}
"""Two-sided level of each look that keeps 5 % over all of them; simulated (benchmarks/probe_statistics.py)."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one random factor adds to the variance of the mean, and how well that is known."""

    variance: float
    degrees_of_freedom: int

    def allowance(self, level: float) -> float:
        """Its share of the squared half width of an interval that misses in `level` of the cases."""
        return self.variance * _critical(level, self.degrees_of_freedom) ** 2


@dataclass(frozen=True, slots=True)
class Effect:
    """The mean difference of an arm and its baseline, and what makes it uncertain.

    The squared half width of an interval is the sum of the parts' variances, each times its own squared t quantile
    (Banerjee 1960, Sankhya 22:357). Satterthwaite's single t (1946) takes an examples' part that is known well for
    knowledge of the seeds: with 2, 3 and 4 seeds its nominal 95 % covered 87, 92 and 93 %, this one 95 % or more.
    """

    mean: float
    seeds: int
    examples: int
    seed_variance: float
    """Variance component of the seeds, per seed; not negative."""
    example_variance: float
    """Variance component of the examples, per example; not negative."""
    rest_variance: float
    """What is particular to a seed and an example."""
    by_seeds: Part
    """MS_seeds / (S n): seeds, and the rest."""
    by_examples: Part
    """max(MS_examples - MS_rest, 0) / (S n): what the examples add to it."""

    @property
    def standard_error(self) -> float:
        """Of the mean, over new seeds and new examples."""
        return math.sqrt(self.by_seeds.variance + self.by_examples.variance)

    def half_width(self, level: float, among: int = 1) -> float:
        """Of the interval that misses in `level` of the cases.

        Where the arm was chosen as the best of several by other seeds on the same examples, its luck with the examples
        is the best of `among`: their part is taken at level / among (Bonferroni).
        """
        return math.sqrt(self.by_seeds.allowance(level) + self.by_examples.allowance(level / among))

    def interval(self, level: float, among: int = 1) -> tuple[float, float]:
        """The two-sided interval that misses in `level` of the cases."""
        half = self.half_width(level, among)
        return self.mean - half, self.mean + half

    @property
    def p_value(self) -> float:
        """Two-sided, of no effect: the level at which the interval just reaches 0."""
        if self.standard_error == 0:
            return 1.0 if self.mean == 0 else 0.0
        if self.half_width(_LEAST) <= abs(self.mean):
            return _LEAST
        reach = optimize.brentq(lambda log: self.half_width(math.exp(log)) - abs(self.mean), math.log(_LEAST), 0.0)
        return math.exp(float(reach))

    @property
    def degrees_of_freedom(self) -> float:
        """Of the t distribution with the critical value of this interval at 95 %: between S - 1 and n - 1."""
        few, many = sorted((self.by_seeds.degrees_of_freedom, self.by_examples.degrees_of_freedom))
        if few == many or self.standard_error == 0:
            return float(few)
        critical = self.half_width(0.05) / self.standard_error
        if critical >= _critical(0.05, few):
            return float(few)
        if critical <= _critical(0.05, many):
            return float(many)
        return float(optimize.brentq(lambda df: _critical(0.05, df) - critical, few, many))

    def within(self, delta: float, level: float = 0.10) -> bool:
        """Equivalence by two one-sided tests of half the level each (Schuirmann 1987)."""
        low, high = self.interval(level)
        return -delta < low and high < delta


_LEAST = 1e-12
"""Smaller p values are not told apart."""


@lru_cache(maxsize=4096)
def _critical(level: float, degrees_of_freedom: float) -> float:
    return float(stats.t.isf(level / 2, degrees_of_freedom))


def crossed(differences: Values) -> Effect:
    """The effect of improvements [seeds, examples]; at least 2 of each, all finite.

    Mean squares of the two-way layout: MS_seeds, MS_examples, MS_rest. Var(mean) is estimated by
    (MS_seeds + MS_examples - MS_rest) / (S n), here as MS_seeds + max(MS_examples - MS_rest, 0), which is never less
    than what the seeds alone say. Raises `ValueError` for fewer seeds or examples, or values that are not finite.
    """
    seeds, examples = _shape(differences)
    mean = float(differences.mean())
    rows, columns = differences.mean(axis=1) - mean, differences.mean(axis=0) - mean
    by_seed = examples * float(rows @ rows) / (seeds - 1)
    by_example = seeds * float(columns @ columns) / (examples - 1)
    rest = differences - mean - rows[:, None] - columns[None, :]
    residual = float((rest * rest).sum()) / ((seeds - 1) * (examples - 1))
    total = seeds * examples
    return Effect(
        mean=mean,
        seeds=seeds,
        examples=examples,
        seed_variance=max(by_seed - residual, 0.0) / examples,
        example_variance=max(by_example - residual, 0.0) / seeds,
        rest_variance=residual,
        by_seeds=Part(by_seed / total, seeds - 1),
        by_examples=Part(max(by_example - residual, 0.0) / total, examples - 1),
    )


def _shape(differences: Values) -> tuple[int, int]:
    if differences.ndim != 2 or min(differences.shape) < 2:
        raise ValueError(f"an interval needs 2 or more seeds and examples, not an array of shape {differences.shape}")
    if not np.isfinite(differences).all():
        raise ValueError("an effect needs finite values in every run")
    seeds, examples = differences.shape
    return seeds, examples


def improvement(baseline: Values, arm: Values, lower_is_better: bool) -> Values:
    """Paired differences, positive where the arm is better."""
    difference: Values = (baseline - arm) if lower_is_better else (arm - baseline)
    return difference


def look_level(looks: int) -> float:
    """Two-sided level of each of several looks at growing data, 5 % in all.

    Equally spaced looks at 3 or more further seeds each; seven or more by Bonferroni. An interval at one minus this
    level is a repeated confidence interval (Jennison and Turnbull 1989): 95 % at all looks together.
    """
    if looks < 1:
        raise ValueError(f"{looks} looks")
    return LOOK_LEVELS.get(looks, 0.05 / looks)


def smallest_of_interest(seed_sd: float, share: float, given: float | None = None) -> float:
    """delta: what the user calls worth having, and not less than a share of the baseline's spread over seeds."""
    return max(given or 0.0, share * seed_sd)


def benefit(effect: Effect, prior_sd: float) -> float:
    """Posterior probability that the effect is positive.

    Likelihood: t around the mean with the standard error and degrees of freedom; prior: N(0, prior_sd^2), which is
    2 seed standard deviations here; flat where prior_sd is 0. Integrated by the trapezoid rule.
    """
    error = effect.standard_error
    if error == 0:
        return 0.5 + 0.5 * float(np.sign(effect.mean))
    if prior_sd <= 0:
        return float(stats.t.cdf(effect.mean / error, effect.degrees_of_freedom))
    grid = _grid(effect.mean, error, prior_sd)
    log = stats.t.logpdf((effect.mean - grid) / error, effect.degrees_of_freedom) - 0.5 * (grid / prior_sd) ** 2
    density = np.exp(log - log.max())
    positive = grid >= 0
    return float(np.trapezoid(density[positive], grid[positive]) / np.trapezoid(density, grid))


def _grid(mean: float, error: float, prior_sd: float) -> Values:
    """Points dense around 0 and around the mean, on the smaller of the two scales, as far as both reach."""
    scale = min(error, prior_sd)
    far = math.asinh((12 * prior_sd + 12 * error + abs(mean)) / scale)
    around = scale * np.sinh(np.linspace(-far, far, 4001))
    return np.unique(np.concatenate([around, mean + around]))


def pairing(baseline: Values, arm: Values) -> float | Unknown:
    """Correlation of the per-run means [seeds] over paired seeds."""
    if len(baseline) < 3:
        return Unknown(f"a correlation needs 3 or more seeds, not {len(baseline)}")
    if not (np.isfinite(baseline).all() and np.isfinite(arm).all()):
        return Unknown("a run has no finite result")
    if np.ptp(baseline) == 0 or np.ptp(arm) == 0:
        return Unknown("all seeds have the same result")
    return float(np.corrcoef(baseline, arm)[0, 1])
