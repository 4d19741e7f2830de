"""What a worker made of a request, and the same from a file that `netadvise profile -f json` wrote."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from netadvise.document import profile_from_document
from netadvise.document.facts import facts_from_document
from netadvise.errors import UsageError
from netadvise.facts import NetworkFacts
from netadvise.opinion import SecondOpinion
from netadvise.profiles import Profile


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a worker, or this process in its place, made of a request."""

    profile: Profile
    graph: str | None = None
    """The graph's JSON, when it was asked for."""
    opinion: SecondOpinion | None = None
    facts: NetworkFacts | None = None
    """What rules may ask about, when it was asked for."""


def open_profile(path: Path) -> Profile:
    """The profile of a file that `-f json:FILE` wrote; raises `UsageError` when it is none."""
    return open_outcome(path).profile


def open_outcome(path: Path) -> Outcome:
    """As `open_profile`, with the facts that the file holds."""
    try:
        document: object = json.loads(path.read_bytes())
        profile = profile_from_document(document)
        facts = document.get("facts") if isinstance(document, dict) else None
        return Outcome(profile, facts=None if facts is None else facts_from_document(facts))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(
            f"{path} is not a saved profile: {error}", hint="netadvise profile TARGET -f json:FILE writes one."
        ) from error
