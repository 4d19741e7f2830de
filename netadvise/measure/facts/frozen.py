"""What stands in the frozen part of a network: where no gradient of what is before it is wanted."""

from __future__ import annotations

from netadvise.measure.facts.survey import Survey


def frozen_parts(survey: Survey) -> None:
    """Sets `upstream_frozen` of every layer that parameters lead to, its own included."""
    trained: set[int] = set()
    weighted: set[int] = set()
    for entry in survey.entries:
        made = set(entry.producers)
        if entry.get("frozen") is not None or not made.isdisjoint(weighted):
            weighted.add(entry.id)
        if entry.get("frozen") is False or not made.isdisjoint(trained):
            trained.add(entry.id)
        if entry.id in weighted:
            entry.facts["upstream_frozen"] = entry.id not in trained
