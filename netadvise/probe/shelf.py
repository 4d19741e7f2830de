"""Finished runs that were read: each is read once, and of all of them as much is kept as memory allows."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from netadvise.probe.ledger import Ledger
from netadvise.probe.spec import RunResult, RunSpec

MOST_BYTES = 256 * 2**20
"""Of the arrays of all results together: 800 runs with 10,000 validation examples each."""


@dataclass
class Shelf:
    """The results of a ledger. A finished run never changes, so what was read stays true."""

    ledger: Ledger
    most_bytes: int = MOST_BYTES
    held: OrderedDict[str, RunResult] = field(default_factory=OrderedDict)
    """By run id, the one that was asked for longest ago first."""
    size: int = 0

    def result(self, spec: RunSpec) -> RunResult | None:
        """What a run came to; None for one that is not finished, or whose files are damaged."""
        name = spec.id(self.ledger.key)
        known = self.held.get(name)
        if known is not None:
            self.held.move_to_end(name)
            return known
        found = self.ledger.result(spec)
        if found is not None:
            self._keep(name, found)
        return found

    def _keep(self, name: str, result: RunResult) -> None:
        self.held[name] = result
        self.size += _bytes(result)
        while self.size > self.most_bytes and len(self.held) > 1:
            self.size -= _bytes(self.held.popitem(last=False)[1])


def _bytes(result: RunResult) -> int:
    return sum(each.nbytes for each in (result.losses, result.metrics, result.losses_end, result.metrics_end))
