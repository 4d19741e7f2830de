"""The table of arms: one row for each, with its effect on the quantity that the verdict is about."""

from __future__ import annotations

from collections.abc import Sequence

from netadvise.evidence import Evidence, Study
from netadvise.render.evidence import effects, words
from netadvise.render.evidence.subject import DROPOUT, Subject
from netadvise.render.text import plain

_RATE = 3
_NUMBERS = ("#", "rate", "P(benefit)", "seeds")


def right(header: Sequence[str]) -> tuple[int, ...]:
    """Columns of numbers."""
    return tuple(index for index, name in enumerate(header) if name in _NUMBERS)


def header(study: Study, subject: Subject = DROPOUT) -> tuple[str, ...]:
    """The heads of the columns; the quantity stands there as long as there is only one."""
    quantities = _quantities(study.evidence)
    effect = effects.in_unit(quantities[0], study.recipe) if len(quantities) == 1 else "effect"
    measured = ("verdict", f"{effect} [95 %]", "at the end", "P(benefit)", "seeds")
    return _kept(("#", subject.place, subject.variant, "rate", *measured), subject)


def cells(number: int, arm: Evidence, study: Study, subject: Subject = DROPOUT) -> tuple[str, ...]:
    """One row of the table."""
    recipe = study.recipe
    lead = f"{effects.in_unit(arm.primary, recipe)} " if len(_quantities(study.evidence)) > 1 else ""
    stopped = effects.with_interval(arm.estimate(arm.primary), recipe)
    row = (
        str(number),
        plain(arm.place),
        plain(arm.variant),
        "" if arm.rate is None else f"{arm.rate:g}",
        words.VERDICTS[arm.verdict],
        f"{lead}{stopped}" if stopped else "",
        effects.with_interval(arm.estimate(arm.primary, "end"), recipe),
        "" if arm.p_benefit is None else probability(arm.p_benefit),
        str(arm.seeds) if arm.seeds else "",
    )
    return _kept(row, subject)


def _kept(row: tuple[str, ...], subject: Subject) -> tuple[str, ...]:
    return row if subject.rated else (*row[:_RATE], *row[_RATE + 1 :])


def probability(value: float) -> str:
    """ "0.97"; what is as good as certain is not said to be certain."""
    if not 0 <= value <= 1:
        return "?"
    return ">0.99" if value > 0.995 else "<0.01" if value < 0.005 else f"{value:.2f}"


def _quantities(evidence: Sequence[Evidence]) -> list[str]:
    return list(dict.fromkeys(arm.primary for arm in evidence))
