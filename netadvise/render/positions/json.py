"""The dropout document, `netadvise.dropout/1`: a profile document with places, and what training found at them.

    document ::= the profile's keys, basis existing positions advice unsure context evidence study
    position ::= place layer location accepted variant rates reason source group rule name confidence why refs edit
                 unmade overruled
    existing ::= layer location variant rate state active_in_eval duplicated remarks

`basis` is "convention" where nothing was trained, else "probes". Keys are added, never changed; what is not known or
not finite is null. The whole report is here, whatever the view. `render.evidence.json` says what `evidence` and
`study` are.
"""

from __future__ import annotations

from netadvise.document import profile_document
from netadvise.document.edits import edit_document
from netadvise.document.write import location_document
from netadvise.dropout import DropoutReport
from netadvise.position import ExistingDropout, Position
from netadvise.render.encode import json_text
from netadvise.render.evidence.json import evidence_documents, study_document
from netadvise.render.positions.view import DropoutView

SCHEMA = "netadvise.dropout/1"


def json(report: DropoutReport, view: DropoutView) -> str:
    """The whole report, whatever the view."""
    static = report.positions
    document = {
        **profile_document(static.profile),
        "schema": SCHEMA,
        "netadvise": static.version,
        "target": static.target,
        "basis": "convention" if report.study is None else "probes",
        "existing": [_existing(item) for item in static.existing],
        "positions": [_position(item) for item in static.positions],
        "advice": list(static.advice),
        "unsure": list(static.notes),
        "context": dict(static.context),
        "evidence": evidence_documents(report.study),
        "study": study_document(report.study),
    }
    return json_text(document, indent=1) + "\n"


def _position(item: Position) -> dict[str, object]:
    return {
        "place": item.place,
        "layer": item.layer,
        "location": location_document(item.location),
        "accepted": item.accepted,
        "variant": item.variant,
        "rates": list(item.rates),
        "reason": item.reason,
        "source": item.refs[0] if item.refs else "",
        "group": item.group,
        "rule": item.rule,
        "name": item.name,
        "confidence": item.confidence,
        "why": item.why,
        "refs": list(item.refs),
        "edit": None if item.edit is None else edit_document(item.edit),
        "unmade": item.unmade,
        "overruled": item.overruled,
    }


def _existing(item: ExistingDropout) -> dict[str, object]:
    return {
        "layer": item.layer,
        "location": location_document(item.location),
        "variant": item.variant,
        "rate": item.rate,
        "state": item.state,
        "active_in_eval": item.active_in_eval,
        "duplicated": item.duplicated,
        "remarks": list(item.remarks),
    }
