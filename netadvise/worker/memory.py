"""How much memory the worker may take, and the limit that turns an excess into a `MemoryError` at its line."""

from __future__ import annotations

import resource
from pathlib import Path

_CGROUP = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)


def available() -> int | None:
    """Bytes that can be allocated now without swapping, in this machine or container; None where it is not told."""
    free = [_kilobytes("/proc/meminfo", "MemAvailable")]
    for limit, used in _CGROUP:
        most, now = _number(limit), _number(used)
        free.append(None if most is None or now is None else max(0, most - now))
    known = [size for size in free if size is not None]
    return min(known) if known else None


def confine(wanted: int | None) -> int | None:
    """Let this process allocate so many more bytes, by default what is available; the limit set.

    0 sets no limit. None where nothing was limited, by wish or because the system cannot.
    """
    size = available() if wanted is None else wanted
    taken = _kilobytes("/proc/self/status", "VmData")
    if not size or taken is None:
        return None
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    soft = taken + size
    resource.setrlimit(resource.RLIMIT_DATA, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))
    return size


def _kilobytes(file: str, key: str) -> int | None:
    try:
        lines = Path(file).read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    sizes = [line.split()[1] for line in lines if line.startswith(f"{key}:")]
    return int(sizes[0]) * 1024 if sizes else None


def _number(file: str) -> int | None:
    try:
        text = Path(file).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return int(text) if text.isdecimal() else None
