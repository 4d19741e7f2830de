"""One attempt at a group somewhere in a cluster, and what it has told so far."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from netadvise.probe.execute import Group
from netadvise.probe.ledger import Ledger
from netadvise.probe.ray_cluster import Ref
from netadvise.probe.ray_keeper import News
from netadvise.probe.spec import Point, RunSpec, decode


@dataclass
class Flight:
    """An attempt under way."""

    attempt: int
    group: Group
    ref: Ref
    node: str = ""
    """Where it has begun."""
    began: float | None = None
    step: int = 0
    written: dict[int, int] = field(default_factory=dict)
    """Lines of looks, of each run, that are in our ledger already."""

    def keep(self, news: News, ledger: Ledger) -> None:
        """Write looks and states that it has told; raises `OSError` where they cannot be written."""
        for number, spec in enumerate(self.group):
            lines, state = news.lines.get(number, []), news.states.get(number)
            if not lines and state is None:
                continue
            if number not in self.written:
                ledger.begin(spec)
            write(ledger, spec, lines)
            self.written[number] = self.written.get(number, 0) + len(lines)
            if state is not None:
                ledger.save_state(spec, state)


def write(ledger: Ledger, spec: RunSpec, lines: Collection[bytes]) -> None:
    """Append looks that were made elsewhere."""
    for line in lines:
        ledger.look(spec, decode(line, Point))
