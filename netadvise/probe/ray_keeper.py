"""What running tasks tell the driver before they are done: a mailbox in a process of its own, beside the driver.

    task --begun, further, silent--> Keeper <--take-- driver

It holds what has not been taken yet: of each attempt the lines of its looks and the last state of each run. So what it
takes of memory is bounded by what runs at a time, and what the driver has taken is on the driver's disk.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class News:
    """Of one attempt, since the driver last asked. Runs are told by their number in the group."""

    node: str = ""
    """Where it has begun, if it has begun since."""
    step: int = 0
    lines: dict[int, list[bytes]] = field(default_factory=dict)
    """Looks that stand in no ledger that the driver sees, in the order in which they were made."""
    states: dict[int, bytes] = field(default_factory=dict)
    silence: str = ""
    """Why the attempt has ended itself."""


class Keeper:
    """The mailbox; its methods are called from afar, one at a time."""

    def __init__(self) -> None:
        self._news: dict[int, News] = {}

    def begun(self, attempt: int, node: str) -> None:
        """An attempt has begun, on a node."""
        self._of(attempt).node = node

    def further(self, attempt: int, step: int, run: int, lines: list[bytes], state: bytes | None) -> None:
        """An attempt has come to a step of a run; with further looks at it, and maybe its state."""
        news = self._of(attempt)
        news.step = step
        if lines:
            news.lines.setdefault(run, []).extend(lines)
        if state is not None:
            news.states[run] = state

    def silent(self, attempt: int, why: str) -> None:
        """An attempt ends itself, because it has said nothing for long."""
        self._of(attempt).silence = why

    def take(self) -> dict[int, News]:
        """All the news, which are forgotten here."""
        news, self._news = self._news, {}
        return news

    def _of(self, attempt: int) -> News:
        return self._news.setdefault(attempt, News())
