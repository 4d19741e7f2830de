"""A ledger without a disk: what it is asked is counted as operations on files, which a simulated one takes time for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from netadvise.probe.ledger import Ledger
from netadvise.probe.spec import Checks, Failure, RunResult, RunSpec

READ, MISSED = 4, 1
"""Operations on files: of reading a result (two files are opened and read), and of finding that there is none."""
WRITTEN = 14
"""Of a run: its folder and spec, a result in two files, and what is looked for and removed in between."""


@dataclass(frozen=True, slots=True)
class Memory(Ledger):
    """The interface of a ledger; `asked` is told of operations on files."""

    found: dict[str, RunResult | Checks] = field(default_factory=dict)
    failures: dict[str, Failure] = field(default_factory=dict)
    asked: Callable[[int], None] = field(default=lambda _: None)

    def result(self, spec: RunSpec) -> RunResult | None:
        """What a run came to."""
        found = self._read(spec)
        return found if isinstance(found, RunResult) else None

    def checks(self, spec: RunSpec) -> Checks | None:
        """What the checks found."""
        found = self._read(spec)
        return found if isinstance(found, Checks) else None

    def failure(self, spec: RunSpec) -> Failure | None:
        """Why a run has no result."""
        self.asked(MISSED)
        return self.failures.get(spec.id(self.key))

    def begin(self, spec: RunSpec) -> Path:
        """Nothing to make."""
        return self._run(spec)

    def keep(self, spec: RunSpec, result: RunResult) -> None:
        """Remember a result."""
        self.found.setdefault(spec.id(self.key), result)

    def keep_checks(self, spec: RunSpec, checks: Checks) -> None:
        """Remember what the checks found."""
        self.found.setdefault(spec.id(self.key), checks)

    def fail(self, spec: RunSpec, failure: Failure) -> None:
        """Remember why a run has no result."""
        self.failures[spec.id(self.key)] = failure

    def _read(self, spec: RunSpec) -> RunResult | Checks | None:
        found = self.found.get(spec.id(self.key))
        self.asked(MISSED if found is None else READ)
        return found
