"""The `netadvise` command: with workers that need not import torch again, or from the start, as a user runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests import warm

ROOT = Path(__file__).parents[2]


def netadvise(*argv: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """The finished command, with warm workers; it may take two minutes at most."""
    return _finished(warm.python(), argv, cwd, environment)


def netadvise_cold(*argv: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """The finished command, nothing of which was running before."""
    return _finished(sys.executable, argv, cwd, environment)


def _finished(
    python: str, argv: tuple[str, ...], cwd: Path | None, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, "-m", "netadvise", *argv],
        cwd=cwd,
        env={**clean_environment(), **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )


def clean_environment() -> dict[str, str]:
    """The environment without what changes output, and with this checkout on the path."""
    kept = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES", "FORCE_COLOR")}
    return {**kept, "PYTHONPATH": str(ROOT)}
