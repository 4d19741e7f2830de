"""A study of training probes, as a page shows it: intervals with verdicts, learning curves, and what the gates said."""

from __future__ import annotations

from dataclasses import dataclass

from netadvise.evidence import Evidence, Study
from netadvise.render.evidence import words
from netadvise.render.evidence.study import crashed, details, gated, setting, unfinished, verdicts
from netadvise.render.evidence.subject import Subject
from netadvise.render.html.curves import curves
from netadvise.render.html.intervals import intervals
from netadvise.render.html.parts import Figure, Told, told


@dataclass(frozen=True, slots=True)
class ArmTold:
    """What is to be said of one arm."""

    name: str
    verdict: str
    sentences: Told


@dataclass(frozen=True, slots=True)
class Studied:
    """Everything about one study."""

    gates: Told
    setting: Told
    plots: tuple[Figure, ...]
    curves: Figure | None
    arms: tuple[ArmTold, ...]
    outcome: Told
    last_word: str


def studied(study: Study, subject: Subject) -> Studied:
    """What a study found; `subject` says what it was about."""
    quantities = dict.fromkeys(arm.primary for arm in study.evidence if arm.estimate(arm.primary) is not None)
    plots = (intervals(quantity, study, subject) for quantity in quantities)
    return Studied(
        told(("ends the study" if gate.ends else "limits it", gated(gate)) for gate in study.gates),
        told(setting(study)),
        tuple(plot for plot in plots if plot is not None),
        curves(study),
        tuple(_arm(number, arm, study) for number, arm in enumerate(study.evidence, 1)),
        told(verdicts(study, subject), crashed(study, verbose=True), unfinished(study, subject)),
        words.may_claim(study, subject),
    )


def _arm(number: int, arm: Evidence, study: Study) -> ArmTold:
    return ArmTold(f"{number}  {words.arm(arm)}", words.VERDICTS[arm.verdict], told(details(arm, study.recipe)))
