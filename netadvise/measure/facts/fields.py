"""Receptive fields of operands and results, in input pixels per axis."""

from __future__ import annotations

from fractions import Fraction

from netadvise.facts import Fact
from netadvise.measure.facts.reading import first_data
from netadvise.measure.facts.survey import Survey
from netadvise.profiles import Jumps, ReceptiveField, Sizes
from netadvise.quantity import Unknown

Found = dict[str, Fact]


def receptive(survey: Survey) -> None:
    """The field and the jump of what every op reads and gives; nothing where it carries no positions."""
    if survey.fields is None:
        return
    for entry in survey.entries:
        entry.facts.update(_of(survey.fields.get(entry.op.outputs[0]), ""))
        data = first_data(survey, entry)
        if data is not None:
            entry.facts.update(_of(survey.fields.get(data.id), "input_"))


def _of(field: ReceptiveField | None, prefix: str) -> Found:
    if field is None:
        return {}
    return {
        f"{prefix}receptive_field": _sizes(field.size),
        f"{prefix}receptive_field_min": _sizes(field.narrowest),
        f"{prefix}jump": _jumps(field.jump),
    }


def _sizes(found: Sizes) -> Fact:
    """Nothing for a network whose input has no spatial axes."""
    return found if isinstance(found, Unknown) or found else None


def _jumps(found: Jumps) -> Fact:
    if isinstance(found, Unknown):
        return found
    return tuple(_plain(jump) for jump in found) or None


def _plain(jump: Fraction) -> int | float:
    return jump.numerator if jump.denominator == 1 else float(jump)
