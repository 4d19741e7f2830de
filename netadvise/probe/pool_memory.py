"""How much memory processes take, which of them leak, and whether the kernel ends some for want of it."""

from __future__ import annotations

import os
import re
from pathlib import Path

GROWTH = 1.5
"""A process that has grown to so many times its size after its first group, and by `_LEAST_GROWTH`, is replaced."""
_LEAST_GROWTH = 300 << 20
_MARGIN = 1.25
_COPIES = 8
"""Of the weights that a process has beside its network at most: gradients, two moments of the optimizer, the state that
is written down, and what is made and thrown away meanwhile."""
_KERNEL = "/proc/vmstat"
_OWN_LEAST = 150 << 20
"""What a process takes at least, were the study nothing."""


def resident(pid: int) -> int:
    """Bytes that a process has for itself, in memory: without files that are mapped; 0 where that is not told."""
    try:
        fields = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()
        return (int(fields[1]) - int(fields[2])) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def peak() -> int:
    """Bytes that this process had in memory at most; 0 where that is not told."""
    return _number("/proc/self/status", r"^VmHWM:\s+(\d+) kB") * 1024


def has_leaked(first: int, now: int) -> bool:
    """Whether a process has grown so much over its size after its first group that another should take its place."""
    return first > 0 and now > max(GROWTH * first, first + _LEAST_GROWTH)


def ended_for_memory() -> int | None:
    """Processes that the kernel has ended for want of memory since it started; None where that is not told."""
    found = _number(_KERNEL, r"^oom_kill (\d+)", missing=-1)
    return None if found < 0 else found


def needed(driver: int, weights: int) -> int:
    """Bytes that a training process takes, from what the driver took at most until the study was prepared.

    `weights`: bytes of those of the network. Measured by `benchmarks/probe_memory.py`.
    """
    return max(int(_MARGIN * driver), _OWN_LEAST) + _COPIES * weights


def affordable(wanted: int, each: int, free: int | None) -> int:
    """As many processes as there is memory for, one at least."""
    return wanted if free is None else max(1, min(wanted, free // each))


def _number(file: str, pattern: str, missing: int = 0) -> int:
    try:
        found = re.search(pattern, Path(file).read_text(encoding="ascii", errors="replace"), re.MULTILINE)
    except OSError:
        return missing
    return missing if found is None else int(found[1])
