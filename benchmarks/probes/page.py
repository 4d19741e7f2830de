"""docs/probe_evidence.md: each sub-command writes its own section, and leaves the others as they are."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from benchmarks.clock import wrapped

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "probe_evidence.md"
TITLES = {
    "aa": "Arms that are none",
    "coverage": "Intervals against new data",
    "planted": "Planted truths",
    "cost": "Cost of a verdict",
}


def write(name: str, paragraphs: Iterable[str], *, partial: str = "") -> None:
    """Put a section in its place on the page."""
    known = _sections()
    told = [f"Partial: {partial}"] if partial else []
    known[TITLES[name]] = "\n\n".join(wrapped(each) for each in (*told, *paragraphs))
    parts = [_head(), *(f"## {title}\n\n{known[title]}" for title in TITLES.values() if title in known)]
    DOCUMENT.write_text("\n\n".join(parts) + "\n")


def _sections() -> dict[str, str]:
    text = DOCUMENT.read_text() if DOCUMENT.exists() else ""
    found = re.split(r"^## (.*)\n", text, flags=re.MULTILINE)[1:]
    return {title: body.strip() for title, body in zip(found[::2], found[1::2], strict=True)}


def _head() -> str:
    tools = ", ".join(f"{name} {version(name)}" for name in ("torch", "scikit-learn", "scipy"))
    return "# What probes say, against long training\n\n" + wrapped(
        f"Written by `python -m benchmarks.probes aa|coverage|planted|cost` with {tools}, Python "
        f"{platform.python_version()}, on a machine with {os.cpu_count()} cores; do not edit. Every run is real "
        "training on a CPU, one thread; the statistics alone, on simulated losses, are in "
        "`benchmarks/probe_statistics.py`. Effects are oriented: positive is better."
    )
