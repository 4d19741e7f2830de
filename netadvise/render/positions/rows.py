"""Places that are alike, in one row: those of repeated blocks which one line of source builds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from netadvise.position import Position


@dataclass(frozen=True, slots=True)
class Row:
    """Places of one group, rule, variant and line."""

    positions: tuple[Position, ...]

    @property
    def first(self) -> Position:
        return self.positions[0]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(position.place for position in self.positions)

    @property
    def rates(self) -> str:
        """ "0.5, 0.25"; "0.02 to 0.2, by depth" where the places differ."""
        every = {position.rates for position in self.positions}
        if len(every) == 1:
            return ", ".join(f"{rate:g}" for rate in self.first.rates)
        usual = [rates[0] for rates in every if rates]
        return f"{min(usual):g} to {max(usual):g}, by place" if usual else ""


def accepted_rows(positions: Iterable[Position]) -> tuple[Row, ...]:
    """Accepted places in order of execution; those without a line stand alone."""
    found: dict[tuple[object, ...], list[Position]] = {}
    for position in positions:
        line = position.place if position.location is None else (position.location.file, position.location.line)
        key = (position.group, position.rule, position.variant, position.confidence, line)
        found.setdefault(key, []).append(position)
    return _rows(found.values())


def refused_rows(positions: Iterable[Position]) -> tuple[Row, ...]:
    """Refused places, all of one rule in a row."""
    found: dict[str, list[Position]] = {}
    for position in positions:
        found.setdefault(position.rule, []).append(position)
    return _rows(found.values())


def _rows(found: Iterable[Sequence[Position]]) -> tuple[Row, ...]:
    return tuple(Row(tuple(positions)) for positions in found)
