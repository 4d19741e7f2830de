"""The processes of a pool: what is known of each, and starting one afresh, which begins with the import of torch."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Protocol

Serve = Callable[[Connection, str, str | None], None]
"""What a process runs: the channel, the folder of the study, and the device, where it is not the study's own."""

_PATH = (*sys.path, str(Path(__file__).parents[2]))
"""Where imports were looked for before the user's code was: what is called `queue.py` there is not for our imports."""


class Started(Protocol):
    """A process that trains."""

    @property
    def pid(self) -> int: ...
    @property
    def channel(self) -> Connection: ...
    def end(self, grace: float = 0.0) -> int:
        """Stop it, after so many seconds; its exit status, negative for a signal. It is gone afterwards."""


@dataclass(frozen=True)
class Spawned:
    """One that was started afresh."""

    process: BaseProcess
    channel: Connection

    @property
    def pid(self) -> int:
        """Its number."""
        return self.process.pid or 0

    def end(self, grace: float = 0.0) -> int:
        """Stop it, after so many seconds; its exit status."""
        self.channel.close()
        self.process.join(grace)
        if self.process.exitcode is None:
            os.kill(self.pid, signal.SIGKILL)
        self.process.join()
        return self.process.exitcode or 0


def spawned(serve: Serve, folder: str, device: str | None) -> Spawned:
    """A process, started afresh; raises `OSError` where none can be."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, folder, device), daemon=True)
    try:
        with _first_path():
            process.start()
    except OSError:
        ours.close()
        raise
    finally:
        theirs.close()
    return Spawned(process, ours)


@contextmanager
def _first_path() -> Iterator[None]:
    """A process that starts now looks for imports where this one did at first."""
    now = sys.path[:]
    sys.path[:] = _PATH
    try:
        yield
    finally:
        sys.path[:] = now


def told(status: int) -> str:
    """How a process ended."""
    if status >= 0:
        return f"exit code {status}"
    try:
        return f"{signal.Signals(-status).name}"
    except ValueError:
        return f"signal {-status}"
