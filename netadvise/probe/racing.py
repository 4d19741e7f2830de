"""Which arms of a race can still be the best: what more seeds might change, and what they will not.

The arms of a race are trained on the same seeds and scored on the same examples, so they are compared with each other,
and not each with the baseline alone: what a seed, or an example, does to all of them cancels. An arm is out when it is
95 % sure that it is not better than the best so far by an effect of interest. The network as it is takes part.

Only the spread over seeds counts here: how an arm would do on other examples is a question that no seed answers. It
is asked in the confirmation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from netadvise.probe.estimates import Question, Runs, paired, values
from netadvise.probe.statistics import Values

RUNGS = (1, 2, 3, 4)
"""Seeds after which the arms of a race are compared."""
RUNGS_TO_SHOW = (2, 3, 4)
"""The same where the race is all there is: an arm that is out has two runs, or there is no interval to show."""
OUT = 0.05
"""How unsure it may be that an arm is out. In simulated studies of 4, 9 and 15 arms the chosen one was behind the best
by 0.04 to 0.22 delta in the mean; with four seeds of every arm by 0.02 to 0.23 (benchmarks/probe_races.py)."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Of each arm of a race, after some seeds."""

    known: list[bool]
    """Whether every run of it came to a number."""
    out: list[bool]
    """Whether it gets no more seeds."""
    leader: int | None
    """The best so far; None where no arm is known."""


def standing(
    question: Question, baseline: Runs, arms: Sequence[Runs], margin: float, spread: float, freedom: int
) -> Standing:
    """Where the arms stand, over the seeds of the baseline's sound runs.

    `margin`: what would matter. `spread`: the baseline's standard deviation over seeds, and its degrees of freedom.
    """
    found = scores(question, [baseline, *arms], paired(baseline, baseline))
    known = [bool(np.isfinite(row).all()) for row in found[1:]]
    if not found.shape[1] or not any(known):
        return Standing([False] * len(arms), [False] * len(arms), None)
    leader = best(found[1:])
    out = is_out(found, margin, spread, freedom)[1:]
    return Standing(known, [behind and arm != leader for arm, behind in enumerate(out)], leader)


def scores(question: Question, arms: Sequence[Runs], seeds: Sequence[int]) -> Values:
    """The mean of the primary quantity [arms, seeds], higher is better; no number where a run has none."""
    sign = -1.0 if question.lower_is_better(question.primary) else 1.0
    return np.array([[sign * _mean(runs, seed, question.primary) for seed in seeds] for runs in arms])


def _mean(runs: Runs, seed: int, quantity: str) -> float:
    return float(values(runs, [seed], quantity).mean()) if seed in runs else math.nan


def best(found: Values) -> int:
    """The row with the highest mean over seeds; rows that lack a number are not best."""
    means = np.where(np.isfinite(found).all(axis=1), found.mean(axis=1), -np.inf)
    return int(means.argmax())


def is_out(found: Values, margin: float, spread: float, freedom: int) -> list[bool]:
    """Of each row of scores [arms, seeds], whether it is 95 % sure not to be better than the best one by `margin`.

    Two-way layout of arms and seeds without replication: the difference of two arms has the variance 2 MS_rest / S,
    with (A - 1)(S - 1) degrees of freedom (Searle, Casella and McCulloch, "Variance Components", 1992, chapter 4).
    With one seed there is no rest to see: then two runs are taken to differ as the baseline's do over seeds, by
    `spread`, as if pairing gained nothing. The best row is in; one that lacks a number is out, unless all do.
    """
    sound = np.isfinite(found).all(axis=1)
    if not sound.any():
        return [False] * len(found)
    among = found[sound]
    error, degrees = _error(among) if found.shape[1] > 1 and len(among) > 1 else (math.sqrt(2) * spread, freedom)
    ahead = float(among.mean(axis=1).max())
    reach = found.mean(axis=1) - ahead + float(stats.t.isf(OUT, degrees)) * error
    leader = best(found)
    return [row != leader and not bound >= margin for row, bound in enumerate(reach)]


def _error(among: Values) -> tuple[float, int]:
    """Standard error of the difference of two rows, and its degrees of freedom."""
    arms, seeds = among.shape
    rest = among - among.mean(axis=1, keepdims=True) - among.mean(axis=0) + among.mean()
    degrees = (arms - 1) * (seeds - 1)
    return math.sqrt(2 * float((rest * rest).sum()) / degrees / seeds), degrees
