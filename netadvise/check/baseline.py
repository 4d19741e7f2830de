"""The findings that were there before: a file that lets a project start linting without fixing everything first.

    {"schema": "netadvise.baseline/1", "findings": [{"model": "small", "rule": "NRM001", "layer": "conv1", "count": 1}]}

Keyed by model, rule and layer, never by line: moving code changes nothing. Entries are in order, so a diff of the file
shows what came and went.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from netadvise.check.tool_rules import STALE
from netadvise.errors import UsageError
from netadvise.finding import Finding, Hit, Suppression
from netadvise.graph import Location

SCHEMA = "netadvise.baseline/1"

Key = tuple[str, str, str]
"""Model, rule id, layer."""
Judged = Callable[[Key], bool]
"""Whether a run could have found what an entry stands for."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """How often each finding was there."""

    counts: Mapping[Key, int] = field(default_factory=dict)

    def to_json(self) -> str:
        """The file's text."""
        entries = [
            {"model": model, "rule": rule, "layer": layer, "count": count}
            for (model, rule, layer), count in sorted(self.counts.items())
            if count > 0
        ]
        lines = ",\n".join(f"    {json.dumps(entry, ensure_ascii=False)}" for entry in entries)
        body = f"[\n{lines}\n  ]" if entries else "[]"
        return f'{{\n  "schema": "{SCHEMA}",\n  "findings": {body}\n}}\n'

    def updated(self, now: Baseline, judged: Judged) -> Baseline:
        """What is there now; entries that the run could not judge stay as they were."""
        kept = {key: count for key, count in self.counts.items() if not judged(key)}
        return Baseline({**now.counts, **kept})

    def pruned(self, now: Baseline, judged: Judged) -> Baseline:
        """Without what is gone; nothing is added."""
        return Baseline(
            {key: min(count, now.counts.get(key, 0)) if judged(key) else count for key, count in self.counts.items()}
        )

    def gone(self, now: Baseline, judged: Judged) -> Mapping[Key, int]:
        """Entries that are there too often by so many."""
        left = {key: count - now.counts.get(key, 0) for key, count in self.counts.items() if judged(key)}
        return {key: count for key, count in sorted(left.items()) if count > 0}


def baseline_of(hits: Mapping[str, Iterable[Hit]]) -> Baseline:
    """The baseline of the hits of each model, those left out that a comment or the configuration suppresses."""
    return Baseline(
        Counter(
            (model, hit.rule, hit.layer)
            for model, found in hits.items()
            for hit in found
            if hit.suppression is None or hit.suppression.kind == "baseline"
        )
    )


def accepted(baseline: Baseline, model: str, hits: Iterable[Hit], reason: str) -> tuple[Hit, ...]:
    """The hits, of which as many as the baseline holds are suppressed, in their order."""
    left = Counter(dict(baseline.counts))
    marked: list[Hit] = []
    for hit in hits:
        key = (model, hit.rule, hit.layer)
        if hit.suppression is None and left[key] > 0:
            left[key] -= 1
            hit = replace(hit, suppression=Suppression("baseline", reason))
        marked.append(hit)
    return tuple(marked)


def read_baseline(text: str, shown: str) -> Baseline:
    """The baseline of a file's text; raises `UsageError` for anything else."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise UsageError(f"{shown} is not a baseline: {error}", hint=_HINT) from None
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        found = document.get("schema") if isinstance(document, dict) else None
        raise UsageError(f"{shown} is not a baseline: its schema is {found!r}, not {SCHEMA!r}", hint=_HINT)
    entries = document.get("findings")
    counts: Counter[Key] = Counter()
    for index, entry in enumerate(entries if isinstance(entries, list) else [None]):
        key, count = _entry(entry)
        if key is None:
            raise UsageError(
                f"{shown} is not a baseline: entry {index} lacks a model, rule, layer or count", hint=_HINT
            )
        counts[key] += count
    return Baseline(counts)


def stale(gone: Mapping[Key, int], file: str) -> tuple[Finding, ...]:
    """One finding for all entries that are gone; none when there are none."""
    if not gone:
        return ()
    count = sum(gone.values())
    plural = "finding" if count == 1 else "findings"
    message = f"{count} {plural} of the baseline are gone" if count > 1 else "1 finding of the baseline is gone"
    place = Location(file, 1)
    hits = tuple(
        Hit(STALE.id, layer, place, STALE.severity, f"{message} (first: {rule} at {layer or 'the model'} of {model})")
        for model, rule, layer in gone
    )
    return (Finding(STALE.id, STALE.name, STALE.severity, STALE.confidence, hits, STALE.why, STALE.refs),)


_HINT = "netadvise baseline create writes one."


def _entry(entry: object) -> tuple[Key | None, int]:
    if not isinstance(entry, dict):
        return None, 0
    key = (entry.get("model"), entry.get("rule"), entry.get("layer"))
    count = entry.get("count", 1)
    model, rule, layer = key
    if not (isinstance(model, str) and isinstance(rule, str) and isinstance(layer, str)):
        return None, 0
    return ((model, rule, layer), count) if type(count) is int and count > 0 else (None, 0)
