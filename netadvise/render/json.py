"""The profile document as text: the whole profile, exact, whatever the view."""

from __future__ import annotations

import json as codec
from dataclasses import asdict

from netadvise.document import profile_document
from netadvise.document.facts import facts_document
from netadvise.profiles import Profile
from netadvise.render.view import View


def json(profile: Profile, view: View) -> str:
    """`netadvise.profile/1` in ASCII, one layer to a line: no name breaks the encoding, and two files compare well."""
    document: dict[str, object] = dict(profile_document(profile))
    if view.opinion is not None:
        document["second_opinion"] = asdict(view.opinion)
    if view.facts is not None:
        document["facts"] = facts_document(view.facts)
    parts = [f'"{key}": {_value(value)}' for key, value in document.items()]
    return "{" + ",\n ".join(parts) + "}\n"


def _value(value: object) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n  " + ",\n  ".join(codec.dumps(item, allow_nan=False) for item in value) + "]"
    return codec.dumps(value, allow_nan=False)
