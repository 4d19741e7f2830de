"""Whole processes, timed: wall and CPU seconds and the largest resident set of a command and what it started."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
UNITS = ("wall_s", "cpu_s")


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command. `peak_bytes` is the largest resident set among it and its descendants."""

    wall_s: float
    cpu_s: float
    peak_bytes: int


def timed(command: Sequence[str]) -> Run:
    """Run a command of this Python in the repository; raises `RuntimeError` with what it printed when it fails."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}\n{printed.decode(errors='replace')}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def rounds(commands: Mapping[str, Sequence[str]], count: int) -> dict[str, list[Run]]:
    """`count` runs of each command, in turn, so that what else the machine does falls on all of them."""
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(count):
        for name, command in commands.items():
            runs[name].append(timed(command))
    return runs


def ratios(runs: Sequence[Run], over: Sequence[Run], unit: str = "wall_s") -> list[float]:
    """Seconds of each run over those of the other command's run in the same round."""
    return [getattr(one, unit) / getattr(other, unit) for one, other in zip(runs, over, strict=True)]


def spread(values: Sequence[float], digits: int = 2) -> str:
    """The median, with the smallest and the largest."""
    return f"{median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def wrapped(paragraph: str) -> str:
    """A paragraph of markdown in lines of 118 characters; tables, lists and headings as they are."""
    return paragraph if paragraph[:1] in "|-#" else textwrap.fill(paragraph, 118, break_long_words=False)
