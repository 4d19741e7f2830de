"""Reshapes that do not do what they look like."""

from __future__ import annotations

from netadvise.measure.facts.identity import plain
from netadvise.measure.facts.reading import first_data
from netadvise.measure.facts.survey import Entry, Survey

Shape = tuple[int, ...]


def reshapes(survey: Survey) -> None:
    """Reshapes used as a transposition, and squeezes that may drop any axis."""
    for entry in survey.entries:
        if entry.get("op") == "reshape":
            entry.facts.update(
                swaps_axes=_swaps(survey, entry),
                squeezes_all=plain(entry.op.function) == "squeeze" and entry.op.attrs.get("all_axes") is True,
            )


def _swaps(survey: Survey, entry: Entry) -> bool:
    data = first_data(survey, entry)
    return data is not None and swaps(survey, entry, data.shape, survey.graph.result(entry.op).shape)


def swaps(survey: Survey, entry: Entry, before: Shape, after: Shape) -> bool:
    """Whether the sizes come out in another order, though no transposition next to it accounts for that.

    Axes of size 1 may stand anywhere. Code that cuts a map into patches reshapes before it permutes.
    """
    sizes, results = ([size for size in shape if size != 1] for shape in (before, after))
    moved = any(survey.entries[reader].get("op") == "permute" for reader in entry.consumers)
    return bool(entry.get("functional")) and sizes != results and sorted(sizes) == sorted(results) and not moved
