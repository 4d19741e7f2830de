"""The words for verdicts, stages and costs of a study."""

from __future__ import annotations

from collections.abc import Mapping

from netadvise.evidence import Evidence, Price, Stage, Study, Verdict
from netadvise.render.evidence.subject import DROPOUT, Subject
from netadvise.render.text import counted, duration, plain

VERDICTS: Mapping[Verdict, str] = {
    "HELPS": "HELPS",
    "HURTS": "HURTS",
    "NO_MEASURABLE_DIFFERENCE": "NO MEASURABLE DIFFERENCE",
    "INCONCLUSIVE": "INCONCLUSIVE",
    "LOOKS_BETTER": "looks better (suggestive)",
    "LOOKS_WORSE": "looks worse (suggestive)",
    "UNCLEAR": "unclear",
    "NOT_RUN": "not run",
}
CONFIRMED: frozenset[Verdict] = frozenset({"HELPS", "HURTS", "NO_MEASURABLE_DIFFERENCE", "INCONCLUSIVE"})
"""Verdicts that only the confirm stage gives."""
SUGGESTIVE: frozenset[Verdict] = frozenset({"LOOKS_BETTER", "LOOKS_WORSE", "UNCLEAR"})
STAGES: Mapping[Stage, str] = {
    "baseline": "trained as it is",
    "screen": "screened",
    "rate": "screened at other rates",
    "confirm": "trained from scratch with fresh seeds",
}
_CONFIRMED = (
    "A confirmed verdict is about this network, these data and this recipe: another learning rate, more data or longer "
    "training may change it."
)


def arm(evidence: Evidence) -> str:
    """ "after features.2, Dropout 0.5"."""
    rate = "" if evidence.rate is None else f" {evidence.rate:g}"
    kind = f"{plain(evidence.variant)}{rate}"
    return f"{plain(evidence.place)}, {kind}" if kind else plain(evidence.place)


def price(of: Price) -> str:
    """ "about 53 baseline runs (106 runs, about 4 min on this machine with 2 processes)"."""
    processes = "process" if of.workers == 1 else "processes"
    about = "at most" if of.most else "about"
    return (
        f"{about} {of.baseline_runs:,.0f} baseline {'run' if f'{of.baseline_runs:.0f}' == '1' else 'runs'} "
        f"({counted(of.runs, 'run')}, {about} {duration(of.seconds)} on this machine with {of.workers} {processes})"
    )


def spent(of: Price) -> str:
    """ "41 baseline runs (88 runs, 3 min)"."""
    return f"{of.baseline_runs:,.0f} baseline runs ({counted(of.runs, 'run')}, {duration(of.seconds)})"


def screened(subject: Subject) -> str:
    """What screening may not say."""
    return (
        f"suggestive only: screening ranks {subject.arm}s, and the best of several looks better than it is. It may "
        f"not say that a {subject.arm} helps or hurts; --effort confirm trains the best again, from scratch "
        "and with fresh seeds"
    )


def may_claim(study: Study, subject: Subject = DROPOUT) -> str:
    """What a study of this effort says, and what it does not."""
    confirmed = any(arm.verdict in CONFIRMED for arm in study.evidence)
    if any(gate.ends for gate in study.gates) and not confirmed:
        return f"Nothing was found out about {subject.about} here: see the gate above, which says what to change first."
    if study.effort == "confirm" and not confirmed:
        return f"Nothing was confirmed: there is no verdict about {subject.about} here."
    return {
        "quick": f"This was a quick look: {subject.quick}.",
        "screen": f"This was a screening: it ranks {subject.arm}s, and confirms none.",
        "confirm": _CONFIRMED,
    }[study.effort]
