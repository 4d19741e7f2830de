"""A study as plain values: the keys `evidence` and `study` of a document.

    evidence ::= place places variant rate edits stage verdict reason rule effect interval metric estimates seeds
                 seeds_needed p_benefit delta smallest_detectable pairing cost_ratio seconds gates curve
    study    ::= effort recipe baseline gates predicted spent ledger stopped interrupted failures notes winner

`effect` and `interval` are of the quantity that the verdict is about, `metric`, at each arm's own early stop; positive
is better. `estimates` holds every quantity at both end points. What was not measured is null.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from netadvise.document.edits import edit_document
from netadvise.evidence import Evidence, Gate, Study


def evidence_documents(study: Study | None) -> list[dict[str, object]]:
    """Every arm, in the order of the study."""
    return [] if study is None else [_evidence(arm) for arm in study.evidence]


def study_document(study: Study | None) -> dict[str, object] | None:
    """Everything but the arms; `winner` is the index of the arm that helps most."""
    if study is None:
        return None
    winner = study.winner
    return {
        "effort": study.effort,
        "recipe": asdict(study.recipe),
        "baseline": None if study.baseline is None else asdict(study.baseline),
        "gates": _gates(study.gates),
        "predicted": None if study.predicted is None else asdict(study.predicted),
        "spent": None if study.spent is None else asdict(study.spent),
        "ledger": study.ledger,
        "stopped": study.stopped,
        "interrupted": study.interrupted,
        "failures": list(study.failures),
        "notes": list(study.notes),
        "winner": None if winner is None else study.evidence.index(winner),
    }


def _evidence(arm: Evidence) -> dict[str, object]:
    primary = arm.estimate(arm.primary)
    return {
        "place": arm.place,
        "places": list(arm.places),
        "variant": arm.variant,
        "rate": arm.rate,
        "edits": [edit_document(edit) for edit in arm.edits],
        "stage": arm.stage,
        "verdict": arm.verdict,
        "reason": arm.reason,
        "rule": arm.rule,
        "effect": None if primary is None else primary.effect,
        "interval": None if primary is None else [primary.low, primary.high],
        "metric": arm.primary,
        "estimates": [asdict(estimate) for estimate in arm.estimates],
        "seeds": arm.seeds,
        "seeds_needed": arm.seeds_needed,
        "p_benefit": arm.p_benefit,
        "delta": arm.delta,
        "smallest_detectable": arm.smallest_detectable,
        "pairing": arm.pairing,
        "cost_ratio": arm.cost_ratio,
        "seconds": arm.seconds,
        "gates": _gates(arm.gates),
        "curve": None if arm.curve is None else asdict(arm.curve),
    }


def _gates(gates: Iterable[Gate]) -> list[dict[str, object]]:
    return [asdict(gate) for gate in gates]
