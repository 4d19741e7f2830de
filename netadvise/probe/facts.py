"""What rules may ask about probes: the facts of one arm against the baseline, and of the study as a whole.

The names are those of `vocabulary/probe.py`. What was not measured, or has no finite value, is Unknown.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from netadvise.evidence import Effort
from netadvise.facts import Fact
from netadvise.probe.estimates import Look, Question, Runs, best_at_end, effect_of, paired, values
from netadvise.probe.horizon import steps_needed
from netadvise.probe.planning import chance, needed, smallest_detectable
from netadvise.probe.spec import Checks, Numbers, RunResult
from netadvise.probe.statistics import Effect, Values, benefit, crossed, pairing, smallest_of_interest
from netadvise.quantity import Unknown

Number = float | Unknown
_NOT_MEASURED = Unknown("not measured")


@dataclass(frozen=True, slots=True)
class DataNumbers:
    """What is known of the data of a study without training."""

    train_examples: int
    validation_examples: int
    trivial_loss: Number = _NOT_MEASURED
    """Of the best constant prediction."""
    duplicate_share: Number = _NOT_MEASURED
    """Of the validation examples that are training examples as well."""


@dataclass(frozen=True, slots=True)
class ArmNumbers:
    """What is known of an arm beside its finished runs."""

    place: str
    variant: str
    rate: float | None = None
    crashed: int = 0
    """Runs that ended in an error."""
    upstream_of_batchnorm: bool | Unknown = _NOT_MEASURED


def seed_sd(question: Question, runs: Runs) -> Number:
    """Standard deviation over seeds of the primary quantity at the own early stop."""
    means = [float(_primary(question, run).mean()) for run in runs.values()]
    finite = [mean for mean in means if math.isfinite(mean)]
    if len(finite) < 2:
        return Unknown(f"a spread over seeds needs 2 or more finite runs, there are {len(finite)}")
    return float(np.std(finite, ddof=1))


def delta_of(question: Question, runs: Runs) -> Number:
    """The smallest effect of interest, from the baseline's runs."""
    spread = seed_sd(question, runs)
    if isinstance(spread, Unknown):
        return spread
    return smallest_of_interest(spread, question.share, question.interest)


def arm_facts(
    question: Question,
    look: Look,
    effort: Effort,
    baseline: Runs,
    arm: Runs,
    about: ArmNumbers,
    reference: Runs | None = None,
) -> dict[str, Fact]:
    """The facts of one arm; pairs are runs of one seed.

    `reference` are the baseline's runs that delta and the prior are taken from, by default those of the pairs.
    """
    known = baseline if reference is None else reference
    effect = effect_of(question, baseline, arm, question.quantities[0])
    return {
        "about": "arm",
        "stage": look.stage,
        "effort": effort,
        "primary": question.primary,
        "place": about.place,
        "variant": about.variant,
        "rate": about.rate,
        "seeds": len(paired(baseline, arm)),
        "look": look.number,
        "looks": look.planned,
        "last_look": look.last,
        "level": look.level,
        **_effect_facts(effect, delta_of(question, known), seed_sd(question, known), look),
        **_other_facts(effect_of(question, baseline, arm, question.quantities[1]), look),
        **_pair_facts(question, baseline, arm),
        **_run_facts(list(arm.values()), about.crashed),
        "upstream_of_batchnorm": about.upstream_of_batchnorm,
        "bn_shift": _bn_shift(list(arm.values())),
    }


def _effect_facts(effect: Effect | Unknown, delta: Number, spread: Number, look: Look) -> dict[str, Fact]:
    """What the primary quantity says."""
    if isinstance(effect, Unknown):
        return {**dict.fromkeys(_EFFECT, effect), "delta": delta, "seed_sd": spread}
    wanted = delta if isinstance(delta, Unknown) else needed(effect, delta, look.level, look.screened)
    coming = delta if isinstance(delta, Unknown) else chance(effect, delta, look.at_last, look.level, look.screened)
    probability = spread if isinstance(spread, Unknown) else benefit(effect, 2 * spread)
    (low, high), (low_90, high_90) = (effect.interval(level, look.screened) for level in (look.level, 0.10))
    low_80, high_80 = effect.interval(0.40)
    return {
        "effect": effect.mean,
        "low": low,
        "high": high,
        "low_90": low_90,
        "high_90": high_90,
        "low_80": low_80,
        "high_80": high_80,
        "p_value": effect.p_value,
        "standard_error": effect.standard_error,
        "delta": delta,
        "seed_sd": spread,
        "p_benefit": probability,
        "example_se": math.sqrt(effect.example_variance / effect.examples),
        "smallest_detectable": smallest_detectable(effect, effect.seeds, look.level, look.screened),
        "seeds_needed": wanted if isinstance(wanted, Unknown) else wanted.seeds,
        "examples_needed": wanted if isinstance(wanted, Unknown) else wanted.examples,
        "chance_to_settle": coming,
    }


_EFFECT = (
    ("effect", "low", "high", "low_90", "high_90", "low_80", "high_80", "p_value", "standard_error")
    + ("p_benefit", "example_se", "smallest_detectable", "seeds_needed", "examples_needed", "chance_to_settle")
)  # fmt: skip


def _other_facts(effect: Effect | Unknown, look: Look) -> dict[str, Fact]:
    """What the quantity that is not the primary one says."""
    if isinstance(effect, Unknown):
        return dict.fromkeys(("other_effect", "other_low", "other_high", "other_p_value"), effect)
    low, high = effect.interval(look.level, look.screened)
    return {"other_effect": effect.mean, "other_low": low, "other_high": high, "other_p_value": effect.p_value}


def _pair_facts(question: Question, baseline: Runs, arm: Runs) -> dict[str, Fact]:
    seeds = paired(baseline, arm)
    if not seeds:
        return dict.fromkeys(("pairing", "cost_ratio"), Unknown("there is no pair of runs"))
    means = [values(runs, seeds, question.primary).mean(axis=1) for runs in (baseline, arm)]
    ratios = [arm[seed].numbers.best_step / max(baseline[seed].numbers.best_step, 1) for seed in seeds]
    return {"pairing": pairing(*means), "cost_ratio": median(ratios)}


def _run_facts(runs: Sequence[RunResult], crashed: int) -> dict[str, Fact]:
    """Shares of runs that did not end as they should."""
    numbers = [run.numbers for run in runs]
    tried = len(runs) + crashed
    return {
        "capped_share": _share(numbers, best_at_end),
        "diverged_share": _share(numbers, lambda each: each.ending == "diverged"),
        "crashed_share": crashed / tried if tried else Unknown("there is no run"),
    }


def _share(numbers: Sequence[Numbers], holds: Callable[[Numbers], bool]) -> Number:
    return sum(map(holds, numbers)) / len(numbers) if numbers else Unknown("there is no finished run")


def _bn_shift(runs: Sequence[RunResult]) -> float | None:
    """Median over the seeds of the largest ratio in each run; None where there is no batch norm."""
    found = [run.numbers.bn_shift for run in runs if run.numbers.bn_shift is not None]
    return median(found) if found else None


def study_facts(
    question: Question,
    look: Look,
    effort: Effort,
    baseline: Runs,
    data: DataNumbers,
    checks: Checks | Unknown,
    budget_steps: int,
    crashed: int = 0,
    replicate: float | None = None,
) -> dict[str, Fact]:
    """The facts of a study: its baseline and its data.

    `replicate` is the standard deviation of the validation loss between full runs of one seed, where such were made.
    """
    runs = list(baseline.values())
    return {
        "about": "study",
        "stage": look.stage,
        "effort": effort,
        "primary": question.primary,
        "seeds": len(runs),
        "budget_steps": budget_steps,
        "seed_sd": seed_sd(question, baseline),
        "delta": delta_of(question, baseline),
        "train_examples": data.train_examples,
        "validation_examples": data.validation_examples,
        "trivial_loss": data.trivial_loss,
        "duplicate_share": data.duplicate_share,
        **_check_facts(checks, replicate),
        **_run_facts(runs, crashed),
        **_horizon_facts(runs),
        **_loss_facts(baseline, data),
        "example_se": _comparison_se(question, baseline),
    }


def _check_facts(checks: Checks | Unknown, replicate: float | None) -> dict[str, Fact]:
    if isinstance(checks, Unknown):
        names = ("one_batch_ratio", "one_batch_finite", "one_batch_falling", "eval_leak")
        return {**dict.fromkeys(names, checks), "replicate_sd": checks if replicate is None else replicate}
    return {
        "one_batch_ratio": _share_left(checks.one_batch_ratio),
        "one_batch_finite": not math.isinf(checks.one_batch_ratio),
        "one_batch_falling": checks.one_batch_falling,
        "eval_leak": checks.eval_leak,
        "replicate_sd": checks.replicate if replicate is None else replicate,
    }


def _share_left(ratio: float) -> Number:
    return Unknown("the loss before was not positive: no share of it can be left") if math.isnan(ratio) else ratio


def _horizon_facts(runs: Sequence[RunResult]) -> dict[str, Fact]:
    """Whether, and where, the baseline has its best step."""
    numbers = [run.numbers for run in runs]
    if not numbers:
        names = ("best_step", "best_inside_share", "still_falling", "steps_needed")
        return dict.fromkeys(names, Unknown("there is no finished run"))
    outside = _share(numbers, best_at_end)
    late = sum(map(best_at_end, numbers))
    return {
        "best_step": median(each.best_step for each in numbers),
        "best_inside_share": outside if isinstance(outside, Unknown) else 1 - outside,
        "still_falling": 2 * late >= len(numbers),
        "steps_needed": steps_needed([each.curve for each in numbers]),
    }


def _loss_facts(baseline: Runs, data: DataNumbers) -> dict[str, Fact]:
    """Losses at the best step, the gap between them, and the rise of the validation loss behind it."""
    seeds = paired(baseline, baseline)
    if not seeds:
        names = ("train_loss", "validation_loss", "train_loss_ratio", "gap", "gap_se", "rise", "rise_se")
        return dict.fromkeys(names, Unknown("there is no finished run"))
    train = np.array([[baseline[seed].numbers.train_loss] for seed in seeds])
    best, end = (values(baseline, seeds, "loss", endpoint) for endpoint in ("early_stop", "end"))
    train_loss = float(train.mean())
    (gap, gap_se), (rise, rise_se) = _mean_and_error(best - train), _mean_and_error(end - best)
    return {
        "train_loss": train_loss,
        "validation_loss": float(best.mean()),
        "train_loss_ratio": _ratio(train_loss, data.trivial_loss),
        "gap": gap,
        "gap_se": gap_se,
        "rise": rise,
        "rise_se": rise_se,
    }


def _ratio(value: float, whole: Number) -> Number:
    if isinstance(whole, Unknown):
        return whole
    return value / whole if whole > 0 else Unknown("a constant prediction has no loss")


def _mean_and_error(differences: Values) -> tuple[float, Number]:
    try:
        effect = crossed(differences)
    except ValueError as error:
        return float(differences.mean()), Unknown(str(error))
    return effect.mean, effect.standard_error


def _comparison_se(question: Question, baseline: Runs) -> Number:
    """Of the difference of two arms that differ in nothing, with so many seeds each, from the choice of examples."""
    seeds = paired(baseline, baseline)
    if len(seeds) < 2:
        return Unknown("it needs 2 or more finished runs")
    try:
        effect = crossed(values(baseline, seeds, question.primary))
    except ValueError as error:
        return Unknown(str(error))
    return math.sqrt(2 * effect.rest_variance / (effect.seeds * effect.examples))


def _primary(question: Question, run: RunResult) -> Values:
    return run.losses if question.primary == "loss" else run.metrics
