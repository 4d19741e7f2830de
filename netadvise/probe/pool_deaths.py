"""When a run that takes processes down with it has failed, and when it is a victim.

Nothing that a network does ends its process by SIGKILL, but taking all the memory: such a signal comes from outside, so
a run is tried again more often after it, unless the kernel does not tell whether it ended a process for want of memory.
A run that comes further each time is no culprit, however often it dies.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass, field

from netadvise.probe.pool_memory import ended_for_memory

ATTEMPTS = 3
"""How often a run may take a process down, and come no further meanwhile, before it counts as failed."""
KILLS = 8
"""How often, where something from outside ended the process."""


@dataclass
class _Record:
    furthest: int = 0
    deaths: int = 0


@dataclass
class Deaths:
    """What processes have died of, and how often in the same run since it last came further than ever."""

    starved: int | None = field(default_factory=ended_for_memory)
    """Processes of this machine that the kernel had ended for want of memory, when it was last asked."""
    _records: dict[str, _Record] = field(default_factory=dict)

    def of_starvation(self, status: int) -> bool:
        """Whether the kernel has ended a process of this exit status for want of memory."""
        if status != -signal.SIGKILL:
            return False
        before, self.starved = self.starved, ended_for_memory()
        return before is not None and self.starved is not None and self.starved > before

    def most(self, status: int, *, starved: bool = False) -> int:
        """How often a process may end like that before something is done about it."""
        from_outside = status == -signal.SIGKILL and self.starved is not None and not starved
        return KILLS if from_outside else ATTEMPTS

    def died(self, run: str, step: int) -> int:
        """Take in that a process died in a run at a step; deaths since it last came further than ever, this one too."""
        record = self._records.setdefault(run, _Record())
        if step > record.furthest:
            record.furthest, record.deaths = step, 0
        record.deaths += 1
        return record.deaths
