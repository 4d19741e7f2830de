"""The suggestions document, `netadvise.suggestions/1`: a profile document with what was found out beside it.

    document   ::= the profile's keys, roles suggestions rejected combined plan rule_of_thumb untried suppressed
                   incomplete notes accuracy evidence study untrained
    suggestion ::= layer layers location roles edit change rule name title confidence severity message why refs text
                   safety effect affected best shown
    effect     ::= params macs activation_bytes receptive_field receptive_field_here unknown

`accuracy` is "not measured" where nothing was trained, else "probes"; `render.evidence.json` says what `evidence` and
`study` are. An arm of `evidence` has the `edits` of the suggestion that it trained.

Effects are differences, after minus before. A quantity that cannot be told is null, and its reason stands in `unknown`.
Keys are added, never changed. All alternatives that were tried are here, whatever the view: `shown` says which ones a
person sees without `--all`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from netadvise.document import profile_document
from netadvise.document.edits import edit_document
from netadvise.document.write import location_document
from netadvise.edit import Affected, Dropped, Edit, Effect, Tried
from netadvise.quantity import Unknown
from netadvise.render.encode import json_text
from netadvise.render.evidence.json import evidence_documents, study_document
from netadvise.render.suggestions import census
from netadvise.render.suggestions.view import SuggestView
from netadvise.suggestion import (
    BudgetPlan,
    Combined,
    LayerRole,
    Rejected,
    Suggestion,
    SuggestionReport,
    Tally,
)

SCHEMA = "netadvise.suggestions/1"


def json(report: SuggestionReport, view: SuggestView) -> str:
    """The whole report, whatever the view."""
    document = {
        **profile_document(report.profile),
        "schema": SCHEMA,
        "netadvise": report.version,
        "target": report.target,
        "roles": [_role(role) for role in report.roles],
        "suggestions": [
            *(suggestion_document(item, shown=True) for item in report.suggestions),
            *(suggestion_document(item, shown=False) for item in report.hidden),
        ],
        "rejected": [_rejected(item) for item in report.rejected],
        "combined": None if report.combined is None else _combined(report.combined),
        "plan": None if report.plan is None else _plan(report.plan),
        "rule_of_thumb": _thumb(report),
        "untried": report.untried,
        "suppressed": report.suppressed,
        "incomplete": report.incomplete,
        "notes": list(report.notes),
        "accuracy": "not measured" if report.study is None else "probes",
        "evidence": evidence_documents(report.study),
        "study": study_document(report.study),
        "untrained": report.untrained,
    }
    return json_text(document, indent=1) + "\n"


def suggestion_document(item: Suggestion, *, shown: bool) -> dict[str, object]:
    """One suggestion, with the contract's keys."""
    return {
        "layer": item.layer,
        "layers": list(item.layers),
        "location": location_document(item.location),
        "roles": list(item.roles),
        "edit": _edits(item.edits),
        "change": item.change,
        "rule": item.rule,
        "name": item.name,
        "title": item.title,
        "confidence": item.confidence,
        "severity": item.severity,
        "message": item.message,
        "why": item.why,
        "refs": list(item.refs),
        "text": item.text,
        "safety": item.safety,
        "effect": effect_document(item.tried.effect),
        "affected": _affected(item.tried.affected),
        "best": item.best,
        "shown": shown,
    }


def effect_document(effect: Effect) -> dict[str, object]:
    """The differences, and why one cannot be told."""
    values = {
        "params": effect.params,
        "macs": effect.macs,
        "activation_bytes": effect.activation_bytes,
        "receptive_field": effect.receptive_field,
        "receptive_field_here": effect.receptive_field_here,
    }
    known = {key: None if isinstance(value, Unknown) else value for key, value in values.items()}
    return {**known, "unknown": {key: value.reason for key, value in values.items() if isinstance(value, Unknown)}}


def _result(result: Tried | Dropped | None) -> dict[str, object]:
    """What a set came to: its effect, or the reason why it does not run."""
    if result is None:
        return {"effect": None, "safety": None, "reason": ""}
    if isinstance(result, Dropped):
        return {"effect": None, "safety": None, "reason": result.reason}
    return {"effect": effect_document(result.effect), "safety": result.safety, "reason": ""}


def _combined(combined: Combined) -> dict[str, object]:
    return {
        "count": len(combined.chosen),
        "chosen": _named(combined.chosen),
        **_result(combined.tried),
        "excluded": [asdict(item) for item in combined.excluded],
    }


def _plan(plan: BudgetPlan) -> dict[str, object]:
    return {
        "limits": [asdict(limit) for limit in plan.limits],
        "met": plan.met,
        "reached": dict(plan.reached),
        "chosen": _named(plan.chosen),
        **_result(plan.tried),
        "exact": plan.exact,
        "with_grade_c": plan.with_grade_c,
    }


def _named(items: Iterable[Suggestion]) -> list[dict[str, object]]:
    return [{"rule": item.rule, "layer": item.layer, "layers": list(item.layers)} for item in items]


def _rejected(item: Rejected) -> dict[str, object]:
    return {
        "layer": item.layer,
        "layers": list(item.layers),
        "location": location_document(item.location),
        "rule": item.rule,
        "name": item.name,
        "edit": _edits(item.edits),
        "change": item.change,
        "reason": item.reason,
    }


def _role(role: LayerRole) -> dict[str, object]:
    return {**asdict(role), "location": location_document(role.location)}


def _thumb(report: SuggestionReport) -> dict[str, object]:
    thumb = report.thumb
    return {
        "widening": _tally(thumb.widening),
        "widening_strided": _tally(thumb.widening_strided),
        "narrowing": _tally(thumb.narrowing),
        "census": {
            "architectures": census.ARCHITECTURES,
            "widening_pointwise_percent": census.WIDENING_POINTWISE,
            "narrowing_pointwise_percent": census.NARROWING_POINTWISE,
        },
    }


def _tally(tally: Tally) -> dict[str, object]:
    return {"pointwise": list(tally.pointwise), "spatial": list(tally.spatial)}


def _edits(edits: Iterable[Edit]) -> list[object]:
    return [edit_document(edit) for edit in edits]


def _affected(affected: Iterable[Affected]) -> list[dict[str, object]]:
    return [{"layer": item.layer, "what": item.what, "location": location_document(item.location)} for item in affected]
