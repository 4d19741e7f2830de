"""A study's course as the evidence that it comes to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite
from statistics import mean, median

import numpy as np

from netadvise.evidence import Baseline, Evidence, Gate, Price, Study, Verdict
from netadvise.facts import Fact
from netadvise.probe.candidate import Candidate
from netadvise.probe.director import Director
from netadvise.probe.estimates import Runs, curve_of, estimates
from netadvise.probe.fleet import FIRST_SEEDS
from netadvise.probe.spec import Failure

_ORDER: Mapping[str, int] = {"confirm": 0, "rate": 1, "screen": 2, "baseline": 3}


def study_of(director: Director) -> Study:
    """Everything that was found so far."""
    setting = director.setting
    found = [_evidence(director, candidate) for candidate in director.candidates]
    return Study(
        effort=setting.request.effort,
        recipe=setting.recipe,
        baseline=_baseline(director),
        gates=director.gates,
        evidence=tuple(sorted(found, key=lambda each: (_ORDER[each.stage], -_effect(each)))),
        predicted=director.prices.refined or director.prices.first,
        spent=_spent(director),
        ledger=str(director.fleet.ledger.folder),
        stopped=director.stopped,
        failures=tuple(_failures(director)),
        notes=tuple(_notes(director)),
    )


def _effect(evidence: Evidence) -> float:
    estimate = evidence.estimate(evidence.primary)
    return float("-inf") if estimate is None else estimate.effect


def _evidence(director: Director, candidate: Candidate) -> Evidence:
    question, facts = director.setting.question, candidate.facts
    arm = candidate.arm
    judged = candidate.judgement
    verdict, reason, rule, gates = _verdict(director, candidate)
    runs = director.fleet.arm_runs(candidate.dose.edits, candidate.seeds)
    baseline = director.fleet.baseline_runs(candidate.seeds)
    return Evidence(
        place=arm.place,
        places=arm.places,
        variant=arm.variant,
        rate=candidate.dose.rate,
        edits=candidate.dose.edits,
        stage=candidate.stage,
        verdict=verdict,
        reason=reason,
        rule=rule,
        primary=question.primary,
        estimates=estimates(question, baseline, runs, candidate.look) if judged is not None else (),
        p_benefit=_number(facts, "p_benefit"),
        delta=_number(facts, "delta"),
        smallest_detectable=_number(facts, "smallest_detectable"),
        seeds=int(_number(facts, "seeds") or 0),
        seeds_needed=_whole(facts, "seeds_needed") if verdict == "INCONCLUSIVE" else None,
        pairing=_number(facts, "pairing"),
        cost_ratio=_number(facts, "cost_ratio"),
        seconds=sum(run.numbers.seconds for run in runs.values()),
        gates=gates,
        curve=curve_of(runs),
    )


def _verdict(director: Director, candidate: Candidate) -> tuple[Verdict, str, str, tuple[Gate, ...]]:
    judged = candidate.judgement
    if judged is None:
        return "NOT_RUN", director.stopped or "it was not trained", "", ()
    if candidate.cut_short:
        reason = f"{director.stopped} in the middle of a look at the data"
        return "INCONCLUSIVE", reason, judged.rule, judged.gates
    reason = f"{judged.reason}{_dropped(candidate)}"
    return judged.verdict, reason, judged.rule, judged.gates


def _dropped(candidate: Candidate) -> str:
    count = len(candidate.seeds)
    return f"; dropped after {count} seed{'s' * (count > 1)}: {candidate.dropped}" if candidate.dropped else ""


def _baseline(director: Director) -> Baseline | None:
    runs = director.fleet.baseline_runs(FIRST_SEEDS)
    sound = {seed: run for seed, run in runs.items() if np.isfinite(run.losses).all()}
    facts = director.facts
    if not sound:
        return None
    numbers = [run.numbers for run in sound.values()]
    return Baseline(
        seeds=len(sound),
        best_step=round(median(each.best_step for each in numbers)),
        steps=round(median(each.steps for each in numbers)),
        train_loss=mean(each.train_loss for each in numbers),
        validation_loss=_mean(sound, "losses"),
        metric=_mean(sound, "metrics"),
        trivial_loss=_number(facts, "trivial_loss"),
        gap=_number(facts, "gap"),
        rise=_number(facts, "rise"),
        seed_sd=_number(facts, "seed_sd"),
        seconds_per_run=mean(each.seconds for each in numbers),
        curve=curve_of(sound),
    )


def _mean(runs: Runs, name: str) -> float:
    return float(np.mean([getattr(run, name).mean() for run in runs.values()]))


def _spent(director: Director) -> Price:
    """What was trained for this study, now or before."""
    finished = [run for spec in director.fleet.asked.values() if (run := director.fleet.result(spec)) is not None]
    base = [run.numbers.seconds for run in director.fleet.baseline_runs(FIRST_SEEDS).values()]
    seconds = sum(run.numbers.seconds for run in finished)
    units = seconds / mean(base) if base and mean(base) > 0 else 0.0
    return Price(len(finished), units, director.fleet.seconds, director.setting.workers)


def _failures(director: Director) -> list[str]:
    found: dict[str, int] = {}
    for failure in director.fleet.failures(director.fleet.asked.values()):
        found[_told(failure)] = found.get(_told(failure), 0) + 1
    return [f"{message} ({count} runs)" if count > 1 else message for message, count in found.items()]


def _notes(director: Director) -> Iterator[str]:
    runs, seconds = director.fleet.wasted
    if runs:
        told = "1 run was" if runs == 1 else f"{runs} runs were"
        yield f"{told} begun ahead, where a process had nothing to do, and not needed: {seconds:.0f} s of training"
    if director.grouping is not None and director.grouping.note:
        yield director.grouping.note


def _told(failure: Failure) -> str:
    return f"{failure.where}: {failure.message}" if failure.where else failure.message


def _number(facts: Mapping[str, Fact], name: str) -> float | None:
    value = facts.get(name)
    return float(value) if isinstance(value, int | float) and isfinite(value) else None


def _whole(facts: Mapping[str, Fact], name: str) -> int | None:
    value = _number(facts, name)
    return None if value is None else round(value)
