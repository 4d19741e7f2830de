"""The sentences around a table of arms: how they were trained, what the baseline does, what is settled, what is not."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

from netadvise.evidence import Baseline, Evidence, Gate, Recipe, Study
from netadvise.render.evidence import effects, words
from netadvise.render.evidence.subject import DROPOUT, Subject
from netadvise.render.paragraphs import Statement
from netadvise.render.text import counted, duration, plain

_FAILURES = 5


def setting(study: Study) -> Iterator[Statement]:
    """The recipe, the cost, the baseline, and the gates that it met."""
    yield "study", f"{study.effort}, {plain(study.recipe.data)}"
    yield "recipe", _recipe(study.recipe)
    for note in (*study.recipe.notes, *study.notes):
        yield "", plain(note)
    if study.predicted is not None:
        yield "predicted", words.price(study.predicted)
    if study.spent is not None:
        yield "spent", words.spent(study.spent)
    if study.baseline is not None:
        yield from _baseline(study.baseline, study.recipe)
    for gate in study.gates:
        yield ("GATE" if gate.ends else "gate"), gated(gate)


def verdicts(study: Study, subject: Subject = DROPOUT) -> Iterator[Statement]:
    """A sentence for each confirmed arm, what screening may not say, and what was not done."""
    confirmed = [arm for arm in study.evidence if arm.verdict in words.CONFIRMED]
    for arm in confirmed:
        yield "verdict", verdict(arm, study.recipe)
    if any(arm.verdict in words.SUGGESTIVE for arm in study.evidence):
        yield "screened", words.screened(subject)
    if any(arm.estimates for arm in study.evidence):
        yield "effects", f"arm against {subject.baseline}: positive is better, whatever the quantity"


def crashed(study: Study, *, verbose: bool) -> Iterator[Statement]:
    """Runs that failed; the first few unless `verbose`."""
    told = study.failures if verbose else study.failures[:_FAILURES]
    for failure in told:
        yield "failed", plain(failure)
    if len(told) < len(study.failures):
        yield "failed", f"and {counted(len(study.failures) - len(told), 'run')} more (-v lists them)"


def unfinished(study: Study, subject: Subject = DROPOUT) -> Iterator[Statement]:
    """Why not all was done and how to go on, or where the runs are kept."""
    if study.stopped or study.interrupted:
        yield ("INTERRUPTED" if study.interrupted else "STOPPED"), plain(study.stopped) or "by the user"
        if study.ledger:
            yield "resume", subject.going_on(study.ledger)
    elif study.ledger:
        yield "ledger", plain(study.ledger)


def verdict(arm: Evidence, recipe: Recipe) -> str:
    """The outcome of a confirmed arm, in a sentence."""
    parts = [f"{words.arm(arm)}: {words.VERDICTS[arm.verdict]}"]
    primary = arm.estimate(arm.primary)
    if primary is not None:
        found = f"{plain(arm.primary)} {effects.in_words(primary, recipe)}"
        parts.append(f"{found} over {counted(arm.seeds, 'fresh seed')}")
    parts += [text for text in (_wanted(arm, recipe), _needed(arm)) if text]
    return "; ".join(parts)


def _wanted(arm: Evidence, recipe: Recipe) -> str:
    """The smallest effect of interest, where the verdict is measured by it."""
    smallest = effects.size(arm.delta, effects.unit(arm.primary, recipe))
    if not smallest or arm.verdict != "NO_MEASURABLE_DIFFERENCE":
        return ""
    return f"smaller than {smallest}, the smallest effect of interest"


def _needed(arm: Evidence) -> str:
    if arm.verdict != "INCONCLUSIVE":
        return ""
    if arm.seeds_needed is None:
        return "more seeds would not settle it"
    more = max(arm.seeds_needed - arm.seeds, 1)
    return f"about {arm.seeds_needed:,} seeds would settle it, {more:,} more than there are"


def details(arm: Evidence, recipe: Recipe) -> Iterator[Statement]:
    """What stands below an arm's row: the other quantity, the end of training, precision, cost, and limits."""
    primary = arm.estimate(arm.primary)
    if primary is not None:
        yield plain(arm.primary), f"{effects.levels(primary, recipe)}, each at its own early stop"
    for quantity in effects.others(arm):
        if (estimate := arm.estimate(quantity)) is not None:
            yield plain(quantity), f"{effects.in_words(estimate, recipe)}, {effects.levels(estimate, recipe)}"
        if (estimate := arm.estimate(quantity, "end")) is not None:
            yield "", f"{effects.in_words(estimate, recipe)} at the end of training"
    if seen := ", ".join(_seen(arm, recipe)):
        yield "precision", seen
    if cost := ", ".join(_cost(arm)):
        yield "cost", cost
    yield "why", f"{plain(arm.reason)}{_basis(arm)}"
    for gate in arm.gates:
        yield "gate", gated(gate)


def gated(gate: Gate) -> str:
    """ "UNDERFIT_BASELINE: the training loss ... (PRB003)"."""
    return f"{gate.name}: {plain(gate.message)} ({plain(gate.rule)})"


def _seen(arm: Evidence, recipe: Recipe) -> Iterator[str]:
    of = effects.unit(arm.primary, recipe)
    if smallest := effects.size(arm.smallest_detectable, of):
        yield f"would find {smallest} in 80 of 100 studies"
    if interest := effects.size(arm.delta, of):
        yield f"smallest effect of interest {interest}"
    if arm.pairing is not None and isfinite(arm.pairing):
        yield f"pairing {arm.pairing:.2f}"


def _cost(arm: Evidence) -> Iterator[str]:
    if arm.cost_ratio is not None and isfinite(arm.cost_ratio):
        yield f"{arm.cost_ratio:.1f} times the steps of the baseline to its best"
    if arm.seconds:
        yield f"{duration(arm.seconds)} of training"


def _basis(arm: Evidence) -> str:
    """How it was trained, and the rule that gave the verdict, in brackets."""
    parts = [words.STAGES[arm.stage] if arm.verdict != "NOT_RUN" else "", plain(arm.rule)]
    told = ", ".join(part for part in parts if part)
    return f" ({told})" if told else ""


def _recipe(recipe: Recipe) -> str:
    return ", ".join(
        (
            plain(recipe.task),
            f"loss {plain(recipe.loss)}",
            f"metric {plain(recipe.metric)}",
            f"{plain(recipe.optimizer)} with learning rate {recipe.learning_rate:g} and weight decay "
            f"{recipe.weight_decay:g}",
            f"batches of {recipe.batch_size:,}",
            f"at most {counted(recipe.max_steps, 'step')}",
        )
    )


def _baseline(of: Baseline, recipe: Recipe) -> Iterator[Statement]:
    loss, metric = effects.unit("loss", recipe), effects.unit(recipe.metric, recipe)
    yield (
        "baseline",
        f"lowest validation loss at step {of.best_step:,} of {of.steps:,} (median of {counted(of.seeds, 'seed')}), "
        f"{duration(of.seconds_per_run)} a run",
    )
    measured = "" if recipe.metric == "loss" else f", {plain(recipe.metric)} {effects.level(of.metric, metric)}"
    yield (
        "",
        f"there, in evaluation mode: training loss {effects.level(of.train_loss, loss)}, validation loss "
        f"{effects.level(of.validation_loss, loss)} (best constant prediction {effects.level(of.trivial_loss, loss)})"
        f"{measured}",
    )
    yield (
        "",
        f"gap of validation to training {_signed(of.gap)}, rise by the end of training {_signed(of.rise)}, "
        f"standard deviation over seeds {effects.level(of.seed_sd, loss)}",
    )


def _signed(value: float | None) -> str:
    return "?" if value is None or not isfinite(value) else f"{value:+.4g}"
