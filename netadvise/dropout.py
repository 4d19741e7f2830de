"""What `suggest-dropout` says of a network: what is usual at its places, and what training probes found there."""

from __future__ import annotations

from dataclasses import dataclass

from netadvise.edit import Edit
from netadvise.evidence import Study
from netadvise.position import Position, PositionReport


@dataclass(frozen=True, slots=True)
class Choice:
    """What would be written into the source, and what it is called: "after features.2: Dropout 0.5"."""

    name: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class DropoutReport:
    """Conventions about the places of a network and, where there were data, a study of them."""

    positions: PositionReport
    study: Study | None = None

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What `--fix` writes: the arm that helps most or, where nothing was trained, every accepted place."""
        if self.study is None:
            return tuple(_usual(position) for position in self.positions.accepted if position.edit is not None)
        winner = self.study.winner
        if winner is None:
            return ()
        rate = "" if winner.rate is None else f" {winner.rate:g}"
        return (Choice(f"{winner.place}: {winner.variant}{rate}", winner.edits),)


def _usual(position: Position) -> Choice:
    rate = f" {position.rates[0]:g}" if position.rates else ""
    edits = () if position.edit is None else (position.edit,)
    return Choice(f"{position.place}: {position.variant}{rate}", edits)
