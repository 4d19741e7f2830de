"""From runs to effects: what is paired with what, and the estimates that a report shows.

A quantity is "loss" or the name of the metric. Runs are compared at their own early stops, and at the end of training.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from netadvise.evidence import Curve, Endpoint, Estimate, Stage
from netadvise.probe.spec import Numbers, RunResult
from netadvise.probe.statistics import Effect, Values, crossed, improvement, look_level
from netadvise.quantity import Unknown

Runs = Mapping[int, RunResult]
"""Finished runs of one arm, by seed."""

ENDPOINTS: tuple[Endpoint, ...] = ("early_stop", "end")
_LATE = 0.9
"""A best step in the last tenth of a run counts as its end."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a study asks of every arm."""

    metric: str = "accuracy"
    primary: str = "loss"
    """The quantity that verdicts are about: "loss", or the metric's name where the user wants that."""
    metric_higher_is_better: bool = True
    interest: float = 0.0
    """The smallest effect on the primary quantity that the user calls worth having."""
    share: float = 0.5
    """delta is not less than this share of the baseline's standard deviation over seeds."""

    @property
    def quantities(self) -> tuple[str, str]:
        """The primary quantity, and the other one."""
        return (self.primary, "loss" if self.primary == self.metric else self.metric)

    def lower_is_better(self, quantity: str) -> bool:
        """A loss is; a metric as the user says."""
        return quantity == "loss" or not self.metric_higher_is_better


@dataclass(frozen=True, slots=True)
class Look:
    """At which point of a study an arm is judged."""

    stage: Stage
    number: int = 1
    """From 1."""
    planned: int = 1
    """Looks at the data of this stage, in all."""
    last: bool = True
    """No further look will be taken."""
    arms: int = 1
    """Arms that are confirmed beside this one, itself included: they share the level (Bonferroni)."""
    screened: int = 1
    """Arms among which it was chosen, by other seeds on the same validation examples."""
    at_last: int = 0
    """Seeds of the last look; 0 where there is none to come."""

    @property
    def level(self) -> float:
        """Two-sided level of the interval called 95 %."""
        return look_level(max(self.planned, self.number)) / self.arms


def values(runs: Runs, seeds: Sequence[int], quantity: str, endpoint: Endpoint = "early_stop") -> Values:
    """The per-example values [seeds, examples] of one quantity."""
    return np.stack([_of(runs[seed], quantity, endpoint) for seed in seeds])


def _of(run: RunResult, quantity: str, endpoint: Endpoint) -> Values:
    if quantity == "loss":
        return run.losses if endpoint == "early_stop" else run.losses_end
    return run.metrics if endpoint == "early_stop" else run.metrics_end


def paired(baseline: Runs, arm: Runs) -> list[int]:
    """Seeds of both; a seed whose baseline has no finite loss says nothing of the arm."""
    return sorted(seed for seed in baseline.keys() & arm.keys() if np.isfinite(baseline[seed].losses).all())


def effect_of(
    question: Question, baseline: Runs, arm: Runs, quantity: str, endpoint: Endpoint = "early_stop"
) -> Effect | Unknown:
    """The effect on one quantity; Unknown with fewer than 2 pairs, or values that are not finite."""
    seeds = paired(baseline, arm)
    if len(seeds) < 2:
        return Unknown(f"an interval needs 2 or more pairs of runs, there are {len(seeds)}")
    before, after = (values(runs, seeds, quantity, endpoint) for runs in (baseline, arm))
    if before.shape != after.shape:
        return Unknown(f"baseline and arm were scored on {before.shape[1]} and {after.shape[1]} examples")
    broken = int((~np.isfinite(after).all(axis=1)).sum())
    if broken:
        return Unknown(f"{broken} of {len(seeds)} runs have no finite {quantity}")
    try:
        return crossed(improvement(before, after, question.lower_is_better(quantity)))
    except ValueError as error:
        return Unknown(str(error))


def estimates(question: Question, baseline: Runs, arm: Runs, look: Look) -> tuple[Estimate, ...]:
    """Of both quantities at both end points, the primary one first; what cannot be told is left out."""
    found = (
        _estimate(question, baseline, arm, quantity, endpoint, look)
        for quantity in question.quantities
        for endpoint in ENDPOINTS
    )
    return tuple(each for each in found if each is not None)


def _estimate(
    question: Question, baseline: Runs, arm: Runs, quantity: str, endpoint: Endpoint, look: Look
) -> Estimate | None:
    effect = effect_of(question, baseline, arm, quantity, endpoint)
    if isinstance(effect, Unknown):
        return None
    low, high = effect.interval(look.level, look.screened)
    before, after = (float(values(runs, paired(baseline, arm), quantity, endpoint).mean()) for runs in (baseline, arm))
    return Estimate(
        quantity=quantity,
        endpoint=endpoint,
        effect=effect.mean,
        low=low,
        high=high,
        standard_error=effect.standard_error,
        degrees_of_freedom=effect.degrees_of_freedom,
        p_value=effect.p_value,
        baseline=before,
        arm=after,
    )


def best_at_end(numbers: Numbers) -> bool:
    """Whether more steps might have improved it: out of steps, and the best one among the last."""
    return numbers.ending == "horizon" and numbers.best_step > _LATE * numbers.steps


def curve_of(runs: Runs) -> Curve | None:
    """The learning curve, averaged over seeds at the steps that all of them were looked at."""
    points = [{point.step: point for point in run.numbers.curve} for run in runs.values()]
    shared = sorted(set.intersection(*(set(each) for each in points))) if points else []
    if not shared:
        return None
    at = [[each[step] for each in points] for step in shared]
    return Curve(
        steps=tuple(shared),
        train_loss=tuple(float(np.mean([point.train_loss for point in each])) for each in at),
        validation_loss=tuple(float(np.mean([point.validation_loss for point in each])) for each in at),
        metric=tuple(float(np.mean([point.metric for point in each])) for each in at),
    )
